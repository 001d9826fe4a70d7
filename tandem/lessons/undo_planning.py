"""Undoing that weekly lessons were planned, or that somebody joined them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.fingerprints import Shown, hash_of
from tandem.kit.language import gettext_lazy
from tandem.kit.transactions import ChangedMeanwhileError
from tandem.lessons.deeds import Kind
from tandem.lessons.models import DeedPart, Session, SessionSeries
from tandem.lessons.reassign import Clash
from tandem.lessons.series import DAY, hours_of
from tandem.lessons.series_conflicts import date_of, shown_series
from tandem.lessons.series_exceptions import remove_sessions
from tandem.lessons.series_following import is_as_planned
from tandem.lessons.series_handed_over import has_part_elsewhere
from tandem.lessons.series_locks import lock_series
from tandem.lessons.shown import shown_sessions
from tandem.lessons.steps import HELD, Status
from tandem.people.requester import Requester
from tandem.relationships.locks import lock_students, lock_tutors
from tandem.relationships.models import TutorStudent

TRANSFERRED = gettext_lazy(
    "These lessons went to another tutor since. Undo that transfer first, or stop the lessons on "
    "their own page. Nothing was changed."
)


@dataclass(frozen=True)
class Removal:
    """A series that is taken back, with the sessions that go; ``stays`` do not, and why.

    ``later`` are what became a series of its own since, by a change from a lesson on.
    ``made_group`` is the group that others became by its joining them, '' where it made none;
    ``with_whom`` are the ids of lessons that became those of one there was.
    """

    series: SessionSeries
    removed: tuple[Session, ...]
    stays: tuple[Clash, ...]
    later: tuple[Clash, ...]
    shown: Shown = field(default_factory=dict)
    made_group: str = ""
    with_whom: Collection[str] = ()

    @property
    def left(self) -> tuple[Clash, ...]:
        """All that stays."""
        return (*self.stays, *self.later)


def what_joining_made(
    lessons: Iterable[Session], with_whom: Collection[str], made_group: str | None
) -> dict[str, Any]:
    """Return what undoing a joining has to know, as JSON has it.

    ``lessons`` are those that it makes: the hours of each that has others than its series.
    ``with_whom`` are the ids of those that become a group's by it, ``made_group`` is the group that
    all who are joined become; None where they were one.
    """
    others = [one for one in lessons if one.series and not _has_its_hours(one.series, one)]
    hours = {one.pk: _hours(one) for one in others}
    return {
        "hours": hours,
        **({"made_group": made_group} if made_group else {"with": [*with_whom]}),
    }


def _has_its_hours(series: SessionSeries, one: Session) -> bool:
    return hours_of(series, date_of(one)) == (one.starts_at, one.ends_at)


def _hours(one: Session) -> list[str]:
    return [one.starts_at.isoformat(), one.ends_at.isoformat()]


def plan_removal(
    requester: Requester, details: Mapping[str, Any], *, tutor_student_id: str
) -> Removal:
    """Lock a series and return what taking its planning back removes: what is as it was planned.

    Also what lay behind already when it was planned, unless it was recorded or called off since.
    ConflictError ``changed_since`` where it was transferred to another relationship since.
    """
    joined = details.get("made_group", ""), details.get("with", ())
    _lock_group(tutor_student_id, *joined)
    locked = lock_series(requester, details["series"])
    series = locked.series
    if series.tutor_student_id != tutor_student_id or has_part_elsewhere(series):
        raise ConflictError("changed_since", TRANSFERRED)
    made = details.get("hours", {})
    removed = tuple(
        one
        for one in locked.sessions
        if _is_as_made(series, one, made) and not series.created_at < one.starts_at <= requester.now
    )
    stays = _left((one for one in locked.sessions if one not in removed), requester.now)
    later = Session.objects.filter(series__in=_parts_of(series)).order_by("starts_at")
    shown = {
        **shown_series(series),
        **shown_sessions(removed, "is removed"),
        **_shown_group(series, *joined),
    }
    return Removal(series, removed, stays, _left(later, requester.now), shown, *joined)


def _lock_group(tutor_student_id: str, made_group: str, with_whom: Collection[str]) -> None:
    """Lock everybody in what a series has joined, so that who is left alone stays so."""
    groups = _groups_of(made_group, with_whom)
    if not groups:
        return
    in_it = Q(series__group__in=groups) | Q(sessions__group__in=groups)
    links = TutorStudent.objects.filter(in_it | Q(pk=tutor_student_id))
    people = [*links.values_list("tutor", "student")]
    try:
        lock_tutors(*{tutor for tutor, _ in people})
        lock_students(*{student for _, student in people})
    except NotFoundError:  # somebody of them was erased meanwhile
        raise ChangedMeanwhileError from None


def _shown_group(
    series: SessionSeries, made_group: str, with_whom: Collection[str]
) -> Mapping[str, str]:
    """Return who takes part beside a series that joined: whoever is alone without it is no group.

    Nothing for a series that joined nobody.
    """
    groups = _groups_of(made_group, with_whom)
    if not groups:
        return {}
    others = SessionSeries.objects.filter(group__in=groups).exclude(pk=series.pk)
    lessons = Session.objects.filter(group__in=groups).exclude(series=series).order_by("pk")
    return {
        "group": hash_of(
            *others.order_by("pk").values_list("pk", "ends_on"),
            *lessons.values_list("pk", "starts_at", "status"),
        )
    }


def _groups_of(made_group: str, with_whom: Collection[str]) -> set[str]:
    """Return the groups of which a series became one by joining."""
    if made_group:
        return {made_group}
    found = Session.objects.filter(pk__in=with_whom, group__isnull=False)
    return {str(one) for one in found.values_list("group", flat=True)}


def _left(sessions: Iterable[Session], now: datetime) -> tuple[Clash, ...]:
    """Return sessions that stay, each with why."""
    return tuple(
        Clash(one, "begun" if one.starts_at <= now or one.status in HELD else "changed_since")
        for one in sessions
    )


def _parts_of(series: SessionSeries) -> list[str]:
    """Return the ids of the series that changes of it from a lesson on have made, in turn."""
    edits = DeedPart.objects.filter(
        deed__kind=Kind.SERIES_EDIT, student_id=series.tutor_student.student_id
    )
    became: dict[str, list[str]] = {}
    for before, after in edits.values_list("details__before", "details__series"):
        became.setdefault(before, []).append(after)
    found = [series.pk]
    for pk in found:
        found += [one for one in became.get(pk, ()) if one not in found]
    return found[1:]


def _is_as_made(series: SessionSeries, one: Session, made: Mapping[str, list[str]]) -> bool:
    """Tell whether a session is where its series has it, or at the hours that joining gave it."""
    is_there = one.status == Status.SCHEDULED and one.tutor_student_id == series.tutor_student_id
    return is_as_planned(series, one) or (is_there and made.get(one.pk) == _hours(one))


def remove_series(plan: Removal, requester: Requester) -> None:
    """Carry out what ``plan_removal`` planned; the series stays for what stays of it."""
    remove_sessions(plan.removed, requester)
    series = plan.series
    if plan.stays:
        last = max(date_of(one.session) for one in plan.stays) + DAY
        # Nothing more is planned of it, however far it was planned before.
        series.ends_on = series.planned_until = min(series.ends_on or last, last)
        series.save(update_fields=["ends_on", "planned_until", "updated_at"])
    else:
        series.delete()
    if plan.made_group:
        _part_group(plan.made_group, requester.now)
    _let_alone(plan.with_whom, requester.now)


def _let_alone(sessions: Collection[str], now: datetime) -> None:
    """Let lessons (ids) be no group's that are held with nobody now."""
    others = Session.objects.filter(group=OuterRef("group"), starts_at=OuterRef("starts_at"))
    with_others = Exists(others.exclude(pk=OuterRef("pk")))
    Session.objects.filter(~with_others, pk__in=sessions).update(group=None, updated_at=now)


def _part_group(group: str, now: datetime) -> None:
    """Let who is alone in a group now be of none, with what is still to come.

    Where several are left, undoing one of their joinings may leave one alone, and does the same.
    """
    series = SessionSeries.objects.filter(group=group)
    lessons = Session.objects.filter(group=group)
    goes_on = series.filter(Q(ends_on=None) | Q(planned_until__lt=F("ends_on")))
    ahead = lessons.filter(starts_at__gt=now)
    students = {*goes_on.values_list("tutor_student__student", flat=True)}
    planned = ahead.filter(status=Status.SCHEDULED)
    if len(students | {*planned.values_list("student", flat=True)}) > 1:
        _made_by_the_others(group)
        return
    series.update(group=None)
    ahead.update(group=None, updated_at=now)


def _made_by_the_others(group: str) -> None:
    """Let the joinings that found a group have made it, once the one that did is undone."""
    series = SessionSeries.objects.filter(group=group).values_list("pk", flat=True)
    found = DeedPart.objects.filter(
        deed__kind=Kind.SERIES_PLAN,
        deed__undone_at=None,
        details__has_key="with",
        details__series__in=[*series],
    )
    for part in found:
        part.details["made_group"] = group
    DeedPart.objects.bulk_update(found, ["details"])
