"""Correcting a mistake: a wrong start or end, a pairing of nobody.

What was held stays where it was held. Each is an owner's, and leaves a line of history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import hash_of
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.transactions import ChangedMeanwhileError, one_transaction
from tandem.lessons.done_since import check_not_transferred
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.rules import check_none_ahead
from tandem.lessons.steps import (
    REFUSALS,
    check_none_before,
    check_none_held_after,
    scheduled_from,
)
from tandem.people.local_dates import today
from tandem.people.models import Tutor
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.relationships import marks, rules
from tandem.relationships.events import EventStamp, What, change, move_end, remove_pairing, state_of
from tandem.relationships.locks import check_apart, check_place, lock_students, lock_tutors
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import primary_among, visible_relationship

SINCE_MADE = gettext_lazy(
    "Nothing is undone: something was planned or changed since they were paired. What was planned "
    "can be cancelled, and the relationship ended, on its own page."
)


@dataclass(frozen=True)
class Locked:
    """A relationship under lock with its tutor, and all of its student's.

    ``primary`` is the id of the one that is primary on the viewer's day.
    """

    row: TutorStudent
    links: Mapping[str, TutorStudent]
    tutors: Mapping[str, Tutor]
    primary: str | None

    @property
    def tutor(self) -> Tutor:
        return self.tutors[self.row.tutor_id]

    @property
    def next_id(self) -> str | None:
        """The relationship that continues this one after a transfer."""
        following = (
            one.pk for one in self.links.values() if one.transferred_from_id == self.row.pk
        )
        return next(following, None)


def correct_start(*, requester: Requester, tutor_student_id: str, started_on: date) -> TutorStudent:
    """Give a relationship its right start; see ``correct_dates``."""
    return correct_dates(
        requester=requester, tutor_student_id=tutor_student_id, started_on=started_on
    )


@one_transaction(REFUSALS)
def correct_dates(
    *,
    requester: Requester,
    tutor_student_id: str,
    started_on: date | None = None,
    ended_on: date | None = None,
) -> TutorStudent:
    """Give a relationship its right start, its right end, or both. Owners only.

    Both are judged together, by the days that it has then. Where it began with a transfer, the end
    of the one before goes with its start. ConflictError ``sessions_before``, ``sessions_ahead`` or
    ``held_after`` where a session would lie outside, ``already_paired``, ``capacity``,
    ``wrong_status`` where it has no end, ``transferred`` where another continues it from that day;
    InvalidError for a start after the end.
    """
    viewer = requester.viewer
    doing = _doing(is_start=started_on is not None, is_end=ended_on is not None)
    locked = lock_to_correct(viewer, tutor_student_id, doing=doing)
    row = locked.row
    if started_on is not None:
        rules.check_status("correct the start of", state_of(row), viewer.day)
    if ended_on is not None:
        rules.check_status("correct the end of", state_of(row), viewer.day)
    rules.check_sound(row.legacy_fault)
    starts, ends = started_on or row.started_on, ended_on or row.ended_on
    moment = EventStamp(requester, starts)
    if ends == row.ended_on and starts == row.started_on:
        return row
    _check_dates(locked, starts, ends)
    before = _ended_by_transfer(locked) if starts != row.started_on else None
    if before is not None:
        _correct_end(before, locked.tutors[before.tutor_id], moment)
    _write_dates(locked, starts, ends, moment)
    if started_on is not None:
        marks.promote_on(locked.links, moment, viewer.day, primary=locked.primary)
    return row


@one_transaction(REFUSALS)
def remove(*, requester: Requester, tutor_student_id: str) -> None:
    """Remove a mistaken pairing without sessions; its history stays. Owners only.

    ConflictError ``has_sessions``, or ``transferred`` where a transfer began or ended it.
    """
    viewer = requester.viewer
    locked = lock_to_correct(viewer, tutor_student_id, doing=_("remove a relationship"))
    row = locked.row
    sessions = Session.objects.filter(tutor_student=row).order_by("starts_at", "id")
    rules.check_no_sessions(list(sessions.values_list("pk", flat=True)))
    before = row if locked.next_id else row.transferred_from or row
    other_id = locked.next_id or row.transferred_from_id
    check_not_transferred(before, other_id, doing=_("remove"))
    moment = EventStamp(requester, today(locked.tutor, requester.now))
    SessionSeries.objects.filter(tutor_student=row).delete()
    remove_pairing(row, moment)
    others = {key: one for key, one in locked.links.items() if one != row}
    marks.promote_on(others, moment, viewer.day, primary=locked.primary)


def pairing_as_made(tutor_student_id: str) -> str:
    """Return a mark of a pairing that was just made; it is another once anything was planned."""
    row = TutorStudent.objects.filter(pk=tutor_student_id).values_list("pk", "updated_at").get()
    series = SessionSeries.objects.filter(tutor_student=tutor_student_id).values_list("pk")
    sessions = Session.objects.filter(tutor_student=tutor_student_id).values_list("pk")
    return hash_of(*row, sorted(series), sorted(sessions))


@one_transaction(REFUSALS)
def take_back_pairing(*, requester: Requester, tutor_student_id: str, made: str) -> None:
    """Remove a pairing that was made by mistake, as ``remove`` does.

    ConflictError ``changed_since_made`` unless all is as ``pairing_as_made`` has marked it.
    """
    lock_to_correct(requester.viewer, tutor_student_id, doing=_("remove a relationship"))
    if made != pairing_as_made(tutor_student_id):
        raise ConflictError("changed_since_made", SINCE_MADE)
    remove(requester=requester, tutor_student_id=tutor_student_id)


def lock_to_correct(viewer: Viewer, tutor_student_id: str, *, doing: str) -> Locked:
    """Lock a relationship with everybody in it, and the tutor from whom it was taken over."""
    seen = visible_relationship(viewer, tutor_student_id)
    rules.check_owner(is_owner=viewer.is_owner, doing=doing)
    before = seen.transferred_from
    tutors = lock_tutors(seen.tutor_id, *([before.tutor_id] if before else []))
    _, links = lock_students(seen.student_id)
    row = links[seen.pk]
    if row.transferred_from_id != seen.transferred_from_id:
        raise ChangedMeanwhileError
    row.tutor = tutors[row.tutor_id]
    return Locked(row, links, tutors, next(iter(primary_among(links, viewer.day)), None))


def _ended_by_transfer(locked: Locked) -> TutorStudent | None:
    """Return the relationship that ended when this one took it over."""
    before = locked.links.get(locked.row.transferred_from_id or "")
    return before if before and before.ended_on == locked.row.started_on else None


def _check_dates(locked: Locked, starts: date, ends: date | None) -> None:
    """Refuse days that a relationship cannot have; ``ends`` is None where it has no end."""
    row, tutor = locked.row, locked.tutor
    if ends is not None and ends != row.ended_on:
        rules.check_end(replace(state_of(row), started_on=starts), ends)
    rules.check_start(replace(state_of(row), ended_on=ends), starts)
    check_apart(locked.links, row, subject_id=row.subject_id, started_on=starts, ended_on=ends)
    if starts > row.started_on:
        check_none_before(row, tutor, starts)
    if ends is not None and ends != row.ended_on:
        check_not_transferred(row, locked.next_id, doing=_("correct the end of"))
        rules.check_reopened_kind(row.kind)
        _check_end(row, tutor, ends)
    _check_places(row, tutor, starts, ends)


def _check_places(row: TutorStudent, tutor: Tutor, starts: date, ends: date | None) -> None:
    """Refuse days that are added on which the tutor has no place."""
    if starts < row.started_on:
        check_place(tutor, row, since=starts, until=min(row.started_on, ends or date.max))
    if ends is not None and row.ended_on is not None and ends > row.ended_on:
        check_place(tutor, row, since=max(row.ended_on, starts), until=ends)


def _check_end(row: TutorStudent, tutor: Tutor, ends: date) -> None:
    """Refuse an end that leaves something planned or held outside."""
    check_none_ahead([one.pk for one in scheduled_from([row], tutor, ends)], ends)
    check_none_held_after(row, tutor, ends)


def _write_dates(locked: Locked, starts: date, ends: date | None, moment: EventStamp) -> None:
    row = locked.row
    started = {"started_on": starts} if starts != row.started_on else {}
    if ends is not None and ends != row.ended_on:
        move_end(row, What.CORRECTED, replace(moment, on=ends), started)
    else:
        change(row, What.CORRECTED, moment, started)


def _correct_end(row: TutorStudent, tutor: Tutor, moment: EventStamp) -> None:
    """Let the former relationship end when the one that continues it begins."""
    rules.check_end(state_of(row), moment.on)
    if row.ended_on is not None and moment.on > row.ended_on:
        check_place(tutor, row, since=row.ended_on, until=moment.on)
    _check_end(row, tutor, moment.on)
    move_end(row, What.CORRECTED, moment, {})


def _doing(*, is_start: bool, is_end: bool) -> str:
    """Return what is corrected, as a refusal says it."""
    if is_start and is_end:
        return _("correct the dates of a relationship")
    return (
        _("correct the start of a relationship")
        if is_start
        else _("correct the end of a relationship")
    )
