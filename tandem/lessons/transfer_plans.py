"""What a transfer would do: whom it ends and begins, what moves, and what is against it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from tandem.kit.fingerprints import Shown
from tandem.kit.time import business_day
from tandem.lessons import transfer_rules
from tandem.lessons.models import Session
from tandem.lessons.reassign import (
    Clash,
    clashes_of,
)
from tandem.lessons.series_handed_over import SeriesGoing, series_going_over, shown_going
from tandem.lessons.shown import (
    shown_clashes,
    shown_primaries,
    shown_relationship,
    shown_sessions,
)
from tandem.lessons.steps import (
    FromDayOn,
    from_day_on,
)
from tandem.people.actions import subject_named
from tandem.people.local_dates import today
from tandem.people.models import Tutor
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import (
    state_of,
    without_doubt,
)
from tandem.relationships.locks import check_rooms, keep_subjects, lock_students, lock_tutors
from tandem.relationships.models import PrimaryPeriod, TutorStudent
from tandem.relationships.primary_again import DecidedSince
from tandem.relationships.primary_periods import (
    PeriodsOfStudents,
    periods_of_students,
)
from tandem.relationships.queries import primary_among

FutureSessions = Literal["move", "cancel"]


@dataclass(frozen=True)
class Order:
    """What was asked for: from whom, to whom, when, what becomes of the sessions ahead."""

    giver: str
    receiver: str
    on: date
    future_sessions: FutureSessions
    subject: str | None = None
    all_of_them: bool = False

    def day_for(self, row: TutorStudent) -> date:
        """Return when ``row`` moves; among all of a tutor's, one that starts later moves then."""
        return max(self.on, row.started_on) if self.all_of_them else self.on


@dataclass(frozen=True)
class Transfer:
    """What a transfer does, or would do: ``old`` ends, ``new`` starts or goes on.

    In a preview neither row is saved, and ``clashes`` is why it would be refused. ``moved`` and
    ``cancelled`` are in the order of their start. ``shown`` is what the fingerprint is made of.
    """

    old: TutorStudent
    new: TutorStudent
    moved: tuple[Session, ...] = ()
    cancelled: tuple[Session, ...] = ()
    called_off: tuple[Session, ...] = ()
    """What goes back as called off as it is, where a transfer is undone."""
    clashes: tuple[Clash, ...] = ()
    is_with_series: bool = False
    """Whether what comes back weekly comes back with ``new`` from then on."""
    series: tuple[SeriesGoing, ...] = ()
    """Which those are, where a transfer is made."""
    decided_since: tuple[DecidedSince, ...] = ()
    """Where a transfer is undone: who stays primary, and when, because that was decided since."""
    periods: tuple[PrimaryPeriod, ...] = ()
    """Who is the primary one of the student when, before it."""
    shown: Shown = field(default_factory=dict)
    deed: str = ""
    """The id of the deed that it is part of; '' in a preview."""

    @property
    def is_primary_then(self) -> bool:
        """Whether ``new`` is the primary one on its first day, as ``old`` would have been."""
        day = self.new.started_on
        return any(
            one.tutor_student_id == self.old.pk and one.starts_on <= day < (one.ends_on or date.max)
            for one in self.periods
        )


def held_then(plans: Iterable[Transfer]) -> list[tuple[Session, str]]:
    """Return each session that moves, with the id of the tutor to whom it does."""
    return [(one, plan.new.tutor_id) for plan in plans for one in plan.moved]


def shown_in(plans: Iterable[Transfer]) -> Shown:
    """Return all that transfers made together show."""
    return {key: one for plan in plans for key, one in plan.shown.items()}


def plan_transfers(wanted: Sequence[tuple[TutorStudent, Order]], now: datetime) -> list[Transfer]:
    """Lock everybody, then decide for each of these, which were read before; one giver has all."""
    orders = [order for _, order in wanted]
    tutors = lock_tutors(*{pk for order in orders for pk in (order.giver, order.receiver)})
    students, links = lock_students(*{row.student_id for row, _ in wanted})
    rows = [links[row.pk] for row, _ in wanted]
    keep_subjects(rows, [row for row, _ in wanted])
    for row, order in zip(rows, orders, strict=True):
        row.tutor, row.student = tutors[order.giver], students[row.student_id]
        transfer_rules.check_receiver(state_of(row), order.receiver)
        relationship_rules.check_status("transfer", state_of(row), today(row.tutor, now))
    coming = Counter(tutors[order.receiver] for order in orders)
    check_rooms(coming, since=min(order.on for order in orders))
    ahead = from_day_on(
        [(row, order.day_for(row)) for row, order in zip(rows, orders, strict=True)], now=now
    )
    plans = [
        _plan(row, links, tutors[order.receiver], order, ahead[row.pk])
        for row, order in zip(rows, orders, strict=True)
    ]
    return _with_series(with_what_is_shown(with_clashes(plans)), now)


def _with_series(plans: Sequence[Transfer], now: datetime) -> list[Transfer]:
    """Return plans with what comes back weekly with the new relationship, and show that too."""
    going = series_going_over([(plan.old, plan.new) for plan in plans if plan.is_with_series], now)
    shown = shown_going(going)
    return [
        replace(
            plan,
            series=tuple(one for one in going if one.link == plan.new.pk),
            shown={**plan.shown, **shown.get(plan.old.pk, {})},
        )
        for plan in plans
    ]


def with_clashes(plans: Sequence[Transfer]) -> list[Transfer]:
    """Return plans with why their sessions cannot move; the same queries for one as for all."""
    moved, links = moved_to(plans)
    owner = {one.pk: plan.old.pk for plan in plans for one in plan.moved}
    found: dict[str, list[Clash]] = {}
    for clash in clashes_of(moved, links, leaving=links):
        found.setdefault(owner[clash.session.pk], []).append(clash)
    return [replace(plan, clashes=tuple(found.get(plan.old.pk, ()))) for plan in plans]


def with_what_is_shown(plans: Sequence[Transfer]) -> list[Transfer]:
    """Return plans with what is shown of each, as long as its rows are still as they are there."""
    known = periods_of_students({plan.old.student_id for plan in plans})
    found = [replace(plan, periods=tuple(known[plan.old.student_id])) for plan in plans]
    return [replace(plan, shown=_shown(plan)) for plan in found]


def _shown(plan: Transfer) -> Shown:
    return {
        **shown_relationship(plan.old),
        **shown_relationship(plan.new),
        **shown_sessions(plan.moved, "moves"),
        **shown_sessions(plan.cancelled, "is cancelled"),
        **shown_sessions(plan.called_off, "is given back"),
        **shown_clashes(plan.clashes),
        **shown_primaries({plan.old.student_id: plan.periods}),
    }


def _plan(
    old: TutorStudent,
    links: Mapping[str, TutorStudent],
    receiver: Tutor,
    order: Order,
    there: FromDayOn,
) -> Transfer:
    on = order.day_for(old)
    transfer_rules.check_transfer_date(state_of(old), on)
    transfer_rules.check_none_held_after(there.held_later, on)
    new = TutorStudent(
        tutor=receiver,
        student=old.student,
        subject=subject_named(order.subject) if order.subject else old.subject,
        started_on=on,
        status=old.status,
        is_primary=old.is_primary,
        kind=old.kind,
        transferred_from=old,
    )
    relationship_rules.check_pairing(
        [state_of(link) for link in links.values() if link.student_id == old.student_id],
        tutor=new.tutor_id,
        subject=new.subject_id,
        started_on=on,
        names=lambda: (receiver.full_name, old.student.full_name),
    )
    ahead = there.ahead
    if order.future_sessions == "cancel":
        return Transfer(old, new, cancelled=ahead)
    return Transfer(old, new, moved=ahead, is_with_series=True)


def foretold(plans: Sequence[Transfer], now: datetime) -> list[Transfer]:
    """Return plans with their relationships as they are then; nothing is saved.

    Who takes over is the primary one on the days on which who hands over would have been.
    """
    marked = primary_among([plan.old.pk for plan in plans], business_day(now))
    for plan in plans:
        new: Any = plan.new  # which no query annotates with this
        old, new.primary_on_day = plan.old, plan.old.pk in marked
        old.ended_on, old.is_primary = plan.new.started_on, False
        old.legacy_fault = without_doubt(old)
    return list(plans)


def of_different_students(plans: Iterable[Transfer]) -> list[list[Transfer]]:
    """Return plans in groups that are written together: of one student each waits for another."""
    groups: list[list[Transfer]] = []
    number: Counter[str] = Counter()
    for plan in plans:
        turn = number[plan.old.student_id]
        groups += [[]] if turn == len(groups) else []
        groups[turn].append(plan)
        number[plan.old.student_id] += 1
    return groups


def periods_then(plans: Iterable[Transfer], turn: int) -> PeriodsOfStudents:
    """Return who is primary when before these are written, which others of theirs may have been."""
    if turn:
        return periods_of_students({plan.old.student_id for plan in plans})
    return {plan.old.student_id: plan.periods for plan in plans}


def moved_to(plans: Iterable[Transfer]) -> tuple[list[Session], dict[str, TutorStudent]]:
    """Return what moves, and by the id of each session to which relationship."""
    pairs = [(one, plan.new) for plan in plans for one in plan.moved]
    return [one for one, _ in pairs], {one.pk: link for one, link in pairs}
