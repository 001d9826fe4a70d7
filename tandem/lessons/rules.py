"""When a session may be held, and what may become of it. Facts in, decision out; no database."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tandem.kit.errors import ConflictError, FieldError, InvalidError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy, ngettext
from tandem.kit.language import gettext_noop as mark
from tandem.kit.time import day_in_words
from tandem.relationships.rules import RelationshipState

LONGEST_SESSION = timedelta(hours=24)
RECORDED_BEFORE_START = timedelta(minutes=15)
"""So long before it begins a session can be recorded: who is there early writes it down early."""
ALLOWED: Mapping[str, frozenset[str]] = {
    mark("reschedule"): frozenset({"scheduled"}),
    mark("swap"): frozenset({"scheduled"}),
    mark("cover"): frozenset({"scheduled"}),
    mark("complete"): frozenset({"scheduled", "no_show"}),
    mark("cancel"): frozenset({"scheduled"}),
    mark("mark as missed"): frozenset({"scheduled", "completed"}),
    mark("reinstate"): frozenset({"completed", "cancelled", "no_show"}),
    mark("delete"): frozenset({"scheduled", "cancelled"}),
    mark("correct"): frozenset({"completed", "no_show"}),
}
"""Each verb -> the states of a session in which it makes sense."""
REMEDIES = {"reschedule": mark("An owner can correct its hours by giving a reason.")}
"""What can be done instead with a session that is recorded."""
SAID = (mark("scheduled"), mark("completed"), mark("cancelled"), mark("missed"))
"""The states as a sentence says them."""
TEXT_FIELDS = ("title", "notes", "homework", "location", "meeting_link")
EDITABLE = frozenset({*TEXT_FIELDS, "progress"})
BUSY = {
    "tutor_busy": gettext_lazy("The tutor already has a session in these hours."),
    "student_busy": gettext_lazy("The student already has a session in these hours."),
}
"""The reason of a clash -> its sentence."""


@dataclass(frozen=True)
class Slot:
    """The hours that a session takes from its tutor and its student; the end is not included."""

    id: str
    tutor: str
    student: str
    starts_at: datetime
    ends_at: datetime
    group: str | None = None

    @property
    def place(self) -> str:
        """Where the tutor is: sessions of one group are in one place."""
        return self.group or self.id


@dataclass(frozen=True)
class Overlap:
    """Two sessions that cannot both be: the one asked for, the one there, and who is torn."""

    wanted: str
    booked: str
    reason: str


def check_hours(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse hours without a zone, that end before they start, or that are longer than a day."""
    ends = {"starts_at": starts_at, "ends_at": ends_at}
    naive = [name for name, moment in ends.items() if moment.utcoffset() is None]
    if naive:
        raise InvalidError(
            [FieldError(name, _("A time needs an offset from UTC.")) for name in naive]
        )
    if ends_at <= starts_at:
        raise invalid("ends_at", _("A session ends after it starts."))
    if ends_at - starts_at > LONGEST_SESSION:
        raise invalid("ends_at", _("A session takes at most 24 hours."))


def overlaps(wanted: Iterable[Slot], booked: Sequence[Slot]) -> list[Overlap]:
    """Return every wanted session that cannot be held beside a booked one, and why.

    Each is looked at beside those alone that begin before it ends, and may last into it.
    """
    order = sorted(range(len(booked)), key=lambda at: booked[at].starts_at)
    starts = [booked[at].starts_at for at in order]
    longest = max((one.ends_at - one.starts_at for one in booked), default=timedelta())
    found: list[Overlap] = []
    for one in wanted:
        first = bisect_left(starts, one.starts_at - longest)
        near = (booked[at] for at in sorted(order[first : bisect_left(starts, one.ends_at)]))
        reasons = ((other.id, _conflict(one, other)) for other in near)
        found += [Overlap(one.id, booked_id, reason) for booked_id, reason in reasons if reason]
    return found


def _conflict(one: Slot, other: Slot) -> str | None:
    """Return who would be in two places at once."""
    apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
    if apart or one.id == other.id:
        return None
    if one.student == other.student:
        return "student_busy"
    return "tutor_busy" if one.tutor == other.tutor and one.place != other.place else None


def check_free(found: Sequence[Overlap]) -> None:
    """Refuse when anything overlaps; the details hold the ids of the sessions already there."""
    if found:
        reason = found[0].reason
        ids = list(dict.fromkeys(overlap.booked for overlap in found))
        raise ConflictError(reason, BUSY[reason], {"sessions": ids})


def within(standing: RelationshipState, day: date) -> bool:
    """Tell whether a session may lie on ``day``: from the start to the end, both included."""
    return standing.started_on <= day and (standing.ends_on is None or day <= standing.ends_on)


def may_plan_on(standing: RelationshipState, day: date) -> bool:
    """Tell whether a session may be planned on ``day``: the end of a relationship is not in it.

    What was held on that day, before the end, stays where it was (``within``).
    """
    return standing.started_on <= day and (standing.ends_on is None or day < standing.ends_on)


def check_within(standing: RelationshipState, day: date, *, is_planned: bool) -> None:
    """Refuse a day on which this tutor does not teach this student."""
    if not (may_plan_on if is_planned else within)(standing, day):
        ends = standing.ends_on
        until = _(" up to, but not on, {day}").format(day=day_in_words(ends)) if ends else ""
        raise ConflictError(
            "outside_relationship",
            _(
                "This tutor teaches this student from {started_on}{until}; the session would "
                "be on {day}."
            ).format(
                started_on=day_in_words(standing.started_on), until=until, day=day_in_words(day)
            ),
            {"tutorStudentId": standing.id},
        )


def check_one_tutor(tutors: Sequence[str]) -> None:
    """Refuse to teach nobody, or students of several tutors together."""
    if len(set(tutors)) != 1:
        raise invalid("tutor_student_ids", _("Sessions are taught together by exactly one tutor."))


def check_two(sessions: Sequence[str]) -> None:
    """Refuse to swap anything but two different sessions (ids)."""
    if len(sessions) != 2 or len(set(sessions)) != 2:  # noqa: PLR2004 - a swap
        raise invalid("session_ids", _("Name two different sessions."))


def check_moves(session_id: str, *, is_moved: bool) -> None:
    """Refuse as a move what leads to the hours that a session has."""
    if not is_moved:
        raise ConflictError(
            "unchanged",
            _("These are its hours already, so nothing was changed."),
            {"sessionId": session_id},
        )


def check_students_differ(students: Sequence[str]) -> None:
    """Refuse a group in which one student would sit twice."""
    if len(set(students)) != len(students):
        raise invalid("tutor_student", _("A student can be in a group only once."))


PLANNED_AFTER = {
    "paused": gettext_lazy("Resume it first."),
    "pending": gettext_lazy("It has to be accepted first."),
}
"""What makes planning possible, by a relationship's status."""


def check_bookable(
    standing: RelationshipState, *, tutor_active: bool, student_active: bool
) -> None:
    """Refuse new sessions for what is paused or not begun, and for people who are inactive."""
    check_status_for_plans(standing)
    check_people_active(tutor_active=tutor_active, student_active=student_active)


def check_status_for_plans(standing: RelationshipState) -> None:
    """Refuse new sessions in a relationship that is paused or was only asked for."""
    if standing.status != "active":
        raise ConflictError(
            "wrong_status",
            _("You cannot plan sessions in this relationship: it is {status}. {remedy}")
            .format(status=_(standing.status), remedy=PLANNED_AFTER.get(standing.status, ""))
            .rstrip(),
            {"tutorStudentId": standing.id, "status": standing.status},
        )


def check_people_active(*, tutor_active: bool, student_active: bool) -> None:
    """Refuse new sessions of people who are inactive."""
    if not (tutor_active and student_active):
        who = "student" if tutor_active else "tutor"
        raise ConflictError(
            f"{who}_inactive",
            _("The {who} is inactive; make them active first.").format(who=_(who)),
        )


def check_was_taught(standing: RelationshipState) -> None:
    """Refuse what was held in a relationship that was only asked for."""
    if standing.status in {"pending", "declined"}:
        raise ConflictError(
            "wrong_status",
            _("Nothing was held in this relationship: it is {status}.").format(
                status=_(standing.status)
            ),
            {"tutorStudentId": standing.id, "status": standing.status},
        )


def check_status(verb: str, *, session_id: str, status: str) -> None:
    """Refuse a verb of ``ALLOWED`` that the session's state has no room for."""
    if status not in ALLOWED[verb]:
        words = "missed" if status == "no_show" else status
        remedy = _(REMEDIES[verb]) if verb in REMEDIES and status in ALLOWED["correct"] else ""
        raise ConflictError(
            "wrong_status",
            _("You cannot {verb} this session: it is {words}. {remedy}")
            .format(verb=_(verb), words=_(words), remedy=remedy)
            .rstrip(),
            {"sessionId": session_id, "status": status},
        )


def is_recordable(starts_at: datetime, now: datetime) -> bool:
    """Tell whether a session can be recorded as held or missed by now."""
    return now >= starts_at - RECORDED_BEFORE_START


def check_recordable(*, session_id: str | None, starts_at: datetime, now: datetime) -> None:
    """Refuse to record what has not begun; None is a session that is only being entered."""
    if not is_recordable(starts_at, now):
        minutes = RECORDED_BEFORE_START // timedelta(minutes=1)
        raise ConflictError(
            "not_begun",
            _(
                "This session has not begun: you can record it from {minutes} minutes before "
                "it does."
            ).format(minutes=minutes),
            {"sessionId": session_id} if session_id else {},
        )


def check_edit(changes: Mapping[str, Any]) -> None:
    """Refuse unknown fields, and progress that is not from 1 to 5."""
    errors = [
        FieldError(name, _("There is no field {name!r}.").format(name=name))
        for name in changes.keys() - EDITABLE
    ]
    progress = changes.get("progress")
    if progress is not None and not 1 <= progress <= 5:  # noqa: PLR2004 - the scale of progress
        errors.append(FieldError("progress", _("Progress is a number from 1 to 5.")))
    if errors:
        raise InvalidError(errors)


def check_not_taught(held: Sequence[str]) -> None:
    """Refuse to undo a transfer once the new tutor has held sessions (ids), or waited for one."""
    if held:
        raise ConflictError(
            "already_taught",
            _("The new tutor has taught since, so this cannot be undone; transfer again instead."),
            {"sessions": list(held)},
        )


def check_none_ahead(ahead: Sequence[str], on: date) -> None:
    """Refuse an end while sessions (ids) are scheduled from that day on."""
    if ahead:
        raise ConflictError(
            "sessions_ahead",
            ngettext(
                "{number} session is scheduled from {on} on. Cancel it, or let the end do it.",
                "{number} sessions are scheduled from {on} on. Cancel them, or let the end do it.",
                len(ahead),
            ).format(number=len(ahead), on=day_in_words(on)),
            {"sessions": list(ahead)},
        )


def check_no_sessions(kind: str, count: int) -> None:
    """Refuse to delete a tutor or a student with sessions."""
    if count:
        raise ConflictError(
            "has_sessions",
            ngettext(
                "This {kind} has {count} session, which deleting would lose: make them inactive.",
                "This {kind} has {count} sessions, which deleting would lose: make them inactive.",
                count,
            ).format(kind=_(kind), count=count),
        )
