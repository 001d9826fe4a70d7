"""A further student in a group: in one lesson, or in weekly lessons from a date on.

Who leaves weekly lessons has theirs stopped (``stop_series``), who leaves one lesson theirs called
off or removed.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.fingerprints import check_expected, merged
from tandem.kit.ids import new_id
from tandem.kit.language import gettext as _
from tandem.kit.transactions import ChangedMeanwhileError, one_transaction
from tandem.lessons.actions import book
from tandem.lessons.group_series import lock_group
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.queries import one_series, taught_together, visible_session
from tandem.lessons.series import TEXTS, SeriesPlan, check_can_go_on, lesson_at, write_series
from tandem.lessons.series_conflicts import (
    LeftOut,
    check_none,
    conflicts_of,
    date_of,
    shown_lessons,
    shown_series,
)
from tandem.lessons.series_following import is_before_end
from tandem.lessons.shown import shown_relationship
from tandem.lessons.steps import REFUSALS, LockedLinks, Status, lock_links
from tandem.lessons.undo_planning import what_joining_made
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent

Hours = tuple[datetime, datetime]


@dataclass(frozen=True)
class Joining(SeriesPlan):
    """A series that takes part in another one's lessons; ``alongside`` are those of its group."""

    alongside: tuple[SessionSeries, ...] = ()
    with_whom: tuple[str, ...] = field(default=())
    """The ids of the sessions that become a group's by it."""


@one_transaction(REFUSALS, keep=False)
def preview_join(
    *,
    requester: Requester,
    series_id: str,
    tutor_student_id: str,
    since: date,
    leave_out: Collection[date] | None = (),
) -> Joining:
    """Return what ``join_series`` would plan, with every conflict, also of what is left out."""
    return _planned(requester, series_id, tutor_student_id, since=since, leave_out=leave_out)


@one_transaction(REFUSALS)
def join_series(
    *,
    requester: Requester,
    series_id: str,
    tutor_student_id: str,
    since: date,
    leave_out: Collection[date] | None = (),
    expect: str | None = None,
) -> Joining:
    """Let a further student of the tutor take part in weekly lessons from the date ``since`` on.

    They have a series of their own, with a lesson wherever the others have one still to come, at
    its hours; the series that is joined becomes a group where it was none. ConflictError
    ``in_the_group`` for who takes part already, ``nothing_to_come`` where no lesson follows,
    ``clashes`` as for ``plan_series``. Undone, the new series goes.
    """
    plan = _planned(requester, series_id, tutor_student_id, since=since, leave_out=leave_out)
    check_expected(expect, plan.shown)
    left = LeftOut.of(plan.conflicts, leave_out)
    check_none([one for one in plan.conflicts if not left.answers(one)])
    _check_some(plan.sessions)
    group = plan.series.group
    SessionSeries.objects.filter(pk__in=[one.pk for one in plan.alongside]).update(group=group)
    Session.objects.filter(pk__in=plan.with_whom).update(group=group, updated_at=requester.now)
    is_made = all(one.group is None for one in plan.alongside)
    told = what_joining_made(plan.sessions, plan.with_whom, group if is_made else None)
    return replace(plan, deed=write_series(plan, requester, told))


def _planned(
    requester: Requester,
    series_id: str,
    tutor_student_id: str,
    *,
    since: date,
    leave_out: Collection[date] | None,
) -> Joining:
    viewer = requester.viewer
    alongside, locked = _lock(viewer, series_id, tutor_student_id)
    link = locked.links[tutor_student_id]
    check_can_go_on(link, locked.tutor, locked.students[link.student_id])
    _check_not_in_it(alongside, link, since)
    there = _lessons(alongside, since, requester.now)
    if not there:
        raise ConflictError(
            "nothing_to_come",
            _("None of these lessons is still to come from that date, so nobody can join them."),
        )
    series = _series(_as_the_others(alongside, there), link, since, requester.now)
    hours = {day: _usual_hours(rows) for day, rows in sorted(there.items())}
    lessons = [
        _with_them(lesson_at(series, locked, day, span, requester.now), there[day])
        for day, span in hours.items()
    ]
    if strange := {*(leave_out or ())} - hours.keys():
        raise invalid(
            "leave_out", _("{strange} is not a date of this series.").format(strange=min(strange))
        )
    with_whom = tuple(one.pk for some in there.values() for one in some if one.group is None)
    conflicts = conflicts_of(lessons, locked, leaving=with_whom)
    left = LeftOut.of(conflicts, leave_out)
    kept = tuple(one for one in lessons if not left.has(one))
    if leave_out:
        _check_some(kept)
    shown = merged(
        [
            shown_relationship(link),
            *map(shown_series, (series, *alongside)),
            shown_lessons(lessons, conflicts),
        ]
    )
    return Joining(series, kept, conflicts, shown, alongside=alongside, with_whom=with_whom)


def _lock(
    viewer: Viewer, series_id: str, tutor_student_id: str
) -> tuple[tuple[SessionSeries, ...], LockedLinks]:
    """Lock a group with who joins it; return its series, the one named first."""
    seen = taught_together(viewer, one_series(viewer, series_id))
    ids = [one.tutor_student_id for one in seen]
    locked = lock_links(viewer, *dict.fromkeys([*ids, tutor_student_id]))
    alongside = tuple(lock_group(viewer, series_id))
    if {one.tutor_student_id for one in alongside} - {*ids}:
        raise ChangedMeanwhileError
    return alongside, locked


def _check_some(lessons: Sequence[Session]) -> None:
    if not lessons:
        raise invalid("leave_out", _("That leaves no lesson at all, so nothing was planned."))


def _check_not_in_it(alongside: Sequence[SessionSeries], link: TutorStudent, since: date) -> None:
    students = {
        one.tutor_student.student_id
        for one in alongside
        if one.ends_on is None or one.ends_on > since
    }
    if link.student_id in students:
        raise ConflictError(
            "in_the_group", _("This student takes part in these lessons. Nothing was changed.")
        )


def _lessons(
    alongside: Sequence[SessionSeries], since: date, now: datetime
) -> dict[date, list[Session]]:
    """Return the group's lessons still to come with its tutor, by the dates they stand for.

    What lies after the end of its series belongs to none of their dates any more.
    """
    by_id = {one.pk: one for one in alongside}
    rows = Session.objects.filter(
        series__in=alongside,
        tutor_student__in=[one.tutor_student_id for one in alongside],
        series_date__gte=since,
        status=Status.SCHEDULED,
        starts_at__gt=now,
    )
    found: dict[date, list[Session]] = {}
    for one in rows.order_by("pk"):
        if is_before_end(by_id[one.series_id or ""], one):
            found.setdefault(date_of(one), []).append(one)
    return found


def _with_them(lesson: Session, rows: Sequence[Session]) -> Session:
    """Return a lesson in the group of who is there then, as one student may have joined alone."""
    at = [one for one in rows if (one.starts_at, one.ends_at) == (lesson.starts_at, lesson.ends_at)]
    lesson.group = next((one.group for one in at if one.group), lesson.group)
    return lesson


def _usual_hours(rows: Sequence[Session]) -> Hours:
    """Return when most of one date's lessons are; of as many the earlier."""
    times = Counter((one.starts_at, one.ends_at) for one in rows)
    return min(times, key=lambda span: (-times[span], span))


def _as_the_others(
    alongside: Sequence[SessionSeries], there: Mapping[date, Sequence[Session]]
) -> SessionSeries:
    """Return a copy of the first series that has lessons there; it goes on as long as any does."""
    ids = {one.series_id for rows in there.values() for one in rows}
    going = [one for one in alongside if one.pk in ids]
    model = copy(going[0])
    ends = [one.ends_on for one in going if one.ends_on is not None]
    model.ends_on = max(ends) if len(ends) == len(going) else None
    model.planned_until = max(one.planned_until for one in going)
    return model


def _series(model: SessionSeries, link: TutorStudent, since: date, now: datetime) -> SessionSeries:
    """Return the series of who joins, not saved: as the others' is, from ``since`` on."""
    one = copy(model)
    one.pk, one._state = new_id(), copy(model._state)  # noqa: SLF001 - documented by Django
    one._state.adding = True  # noqa: SLF001 - as above
    one.tutor_student, one.created_at = link, now
    one.group = model.group or new_id()
    one.starts_on = max(since, model.starts_on)
    over_on = state_of(link).ends_on
    if over_on is not None and one.ends_on is None:
        one.planned_until = max(one.starts_on, min(one.planned_until, over_on))
    return one


@one_transaction(REFUSALS)
def join_lesson(
    *, requester: Requester, session_id: str, tutor_student_id: str, override: Collection[str] = ()
) -> Session:
    """Let a further student of the tutor take part in one lesson, at its hours.

    It becomes a group's where it was none. Refused as a new session would be, and ConflictError
    ``not_ahead`` for a lesson that is over, or was recorded or called off.
    """
    viewer = requester.viewer
    seen = visible_session(viewer, session_id)
    lock_links(viewer, seen.tutor_student_id, tutor_student_id)
    row = Session.objects.select_for_update(no_key=True).get(pk=seen.pk)
    if row.tutor_student_id != seen.tutor_student_id:
        raise ChangedMeanwhileError
    if row.status != Status.SCHEDULED or row.ends_at <= requester.now:
        raise ConflictError(
            "not_ahead",
            _("This lesson is over, or was recorded or called off, so nobody can join it."),
        )
    if row.group is None:
        row.group, row.updated_at = new_id(), requester.now
        row.save(update_fields=["group", "updated_at"])
    model = Session(starts_at=row.starts_at, ends_at=row.ends_at, group=row.group)
    texts: Mapping[str, str | None] = {name: getattr(row, name) for name in TEXTS}
    return book([tutor_student_id], model, texts, requester=requester, override=override)[0]
