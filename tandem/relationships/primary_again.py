"""Giving the primary days of a student back when an end is taken back; the rule is pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection

from tandem.kit.fingerprints import hash_of
from tandem.relationships.events import (
    CHOOSE,
    EventStamp,
    What,
    change,
    record_all,
    state_of,
    told_since,
)
from tandem.relationships.given_back import GivenBack, Past, choices_to, given_back, handed_back
from tandem.relationships.history import FOLLOWS
from tandem.relationships.marks import unmark
from tandem.relationships.models import PrimaryPeriod, RelationshipEvent, TutorStudent
from tandem.relationships.primaries import Period
from tandem.relationships.queries import events_of_student, events_of_students
from tandem.relationships.rules import RelationshipState


@dataclass(frozen=True)
class DecidedSince:
    """Days on which somebody is primary because that was decided after what is taken back."""

    link: TutorStudent
    starts_on: date
    ends_on: date | None

    @property
    def days(self) -> tuple[str, date, date | None]:
        """Whose days they are, from when, up to when."""
        return self.link.pk, self.starts_on, self.ends_on


@dataclass(frozen=True)
class PrimaryAgain:
    """Who is primary when, once an end of ``row`` is taken back."""

    row: TutorStudent
    states: Sequence[RelationshipState]
    back: GivenBack
    links: Mapping[str, TutorStudent]
    now: Sequence[Period]
    """Who is primary when as it stands."""

    @property
    def shown(self) -> dict[str, str]:
        """What a fingerprint holds of it: the days as they are, and as they will be."""
        return {"primary": hash_of(self.now, self.back.periods)}

    @property
    def decided_since(self) -> tuple[DecidedSince, ...]:
        """What stays because it was decided since, by day."""
        return _named(self.back.decided, self.links)

    def is_primary_on(self, day: date) -> bool:
        """Tell whether ``row`` is the primary one on ``day`` then."""
        return any(
            one.holds_on(day) for one in self.back.periods if one.relationship == self.row.pk
        )

    @property
    def _goes_on(self) -> Period | None:
        """The last period, where it has no end: its relationship has the mark."""
        last = self.back.periods[-1] if self.back.periods else None
        return last if last and last.ends_on is None else None

    def mark_since(self, day: date) -> dict[str, Any]:
        """Return what a change of ``row`` that counts from ``day`` says of the mark, if anything.

        Nobody else has it in memory from then on.
        """
        last = self._goes_on
        if last is None or last.relationship != self.row.pk or self.row.is_primary:
            return {}
        unmark(self.links)
        return {"primary_since": max(last.starts_on, day)}

    def write(self, moment: EventStamp) -> None:
        """Let everybody be primary on their days, once ``row`` has its own; each has a line."""
        now = periods_of(self.row.student_id)
        last = self._goes_on
        for choice in choices_to(now, self.back.periods, self.states):
            link, stamp = self.links[choice.relationship], replace(moment, on=choice.since)
            if last and link.pk == last.relationship and not link.is_primary:
                unmark(self.links)
                change(link, What.MADE_PRIMARY, stamp, {"is_primary": True}, details=FOLLOWS)
            else:
                _choose(link, stamp)


def plan_primary_again(
    row: TutorStudent,
    links: Mapping[str, TutorStudent],
    ends: Sequence[RelationshipEvent],
    *,
    ended_on: date | None,
) -> PrimaryAgain:
    """Return who is primary when, once ``ends``, the lines of an end of ``row``, are taken back.

    ``links`` are all of its student's, under lock; ``row`` ends on ``ended_on`` then.
    """
    then = {pk: state_of(link) for pk, link in links.items() if _counts(link)}
    then[row.pk] = replace(state_of(row), ended_on=ended_on)
    lines = list(events_of_student(row.student_id))
    past = _past(lines, {one.pk for one in ends})
    states = [*then.values()]
    now = periods_of(row.student_id)
    return PrimaryAgain(row, states, given_back(past, now, states), links, now)


def decided_since_transfers(
    pairs: Sequence[tuple[TutorStudent, TutorStudent, int]], links: Mapping[str, TutorStudent]
) -> tuple[DecidedSince, ...]:
    """Return who stays primary, and when, once transfers of students are undone.

    A pair is who gives a relationship back and whose it is again, with the line of the transfer;
    ``links`` are all of their students', under lock.
    """
    lines = events_of_students({undone.student_id for undone, _, _ in pairs})
    to = {undone.pk: restored.pk for undone, restored, _ in pairs}
    periods = _periods_of(lines)
    found: list[DecidedSince] = []
    for student_id, own in lines.items():
        theirs = {pk: link for pk, link in links.items() if link.student_id == student_id}
        past = _past(own, {line for undone, _, line in pairs if undone.student_id == student_id})
        back = handed_back(past, periods[student_id], _states_back(theirs, to), to)
        found += _named(back.decided, theirs)
    return tuple(found)


def _states_back(
    links: Mapping[str, TutorStudent], to: Mapping[str, str]
) -> list[RelationshipState]:
    """Return a student's relationships once those of ``to`` are given back."""
    marked = {to[pk] for pk, link in links.items() if link.is_primary and pk in to}
    back = {*to.values()}
    return [
        replace(state_of(link), ended_on=None, is_primary=pk in marked)
        if pk in back
        else state_of(link)
        for pk, link in links.items()
        if _counts(link) and pk not in to
    ]


def _named(
    periods: Sequence[Period], links: Mapping[str, TutorStudent]
) -> tuple[DecidedSince, ...]:
    return tuple(DecidedSince(links[p.relationship], p.starts_on, p.ends_on) for p in periods)


def periods_of(student_id: str) -> list[Period]:
    """Return who is the primary one of a student when, by day."""
    return _periods_of([student_id])[student_id]


def _periods_of(student_ids: Iterable[str]) -> dict[str, list[Period]]:
    found: dict[str, list[Period]] = {student_id: [] for student_id in student_ids}
    for one in PrimaryPeriod.objects.filter(student__in=[*found]).order_by("starts_on"):
        period = Period(one.starts_on, one.ends_on, one.tutor_student_id)
        found[one.student_id].append(period)
    return found


def _counts(link: TutorStudent) -> bool:
    return not link.legacy_fault or link.is_primary


def _past(lines: Sequence[RelationshipEvent], own: Collection[int]) -> Past:
    first = next((n for n, line in enumerate(lines) if line.pk in own), len(lines))
    before, since = lines[:first], lines[first:]
    places = {n for n, line in enumerate(since) if line.pk in own}
    places |= {n + 1 for n in places if _follows(since[n], since[n + 1 : n + 2])}
    return Past(before, since, places)


def _follows(end: RelationshipEvent, following: Sequence[RelationshipEvent]) -> bool:
    """Tell whether the next line gave the mark on that an end took away."""
    return any(
        one.what == What.MADE_PRIMARY and one.at == end.at and "instead_of" not in one.details
        for one in following
    )


def _choose(link: TutorStudent, stamp: EventStamp) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHOOSE, [[link.student_id], [link.pk], [stamp.on]])
    record_all([(What.MADE_PRIMARY, link, stamp, {**told_since(stamp.on), **FOLLOWS})])
