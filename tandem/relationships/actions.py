"""Changes to who teaches whom.

Ending and transferring move or cancel sessions too, so they stand one floor up, in ``lessons``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.transactions import Refusals, one_transaction
from tandem.people.actions import REFUSALS as PEOPLE_REFUSALS
from tandem.people.actions import add_student, subject_named
from tandem.people.local_dates import first_day, today
from tandem.people.models import Student, Tutor
from tandem.people.queries import teaches_now, visible_student
from tandem.people.requester import Requester
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import REFUSALS as WISH_REFUSALS
from tandem.people.wishes import add_wishes
from tandem.relationships import rules
from tandem.relationships.events import EventStamp, What, begin, change, state_of
from tandem.relationships.history import FOLLOWS
from tandem.relationships.locks import (
    check_apart,
    check_room,
    free_from,
    lock_link,
    lock_students,
    lock_tutors,
    may_be_primary,
    plan_pairing,
)
from tandem.relationships.models import TutorStudent
from tandem.relationships.primaries import already_primary
from tandem.relationships.queries import other_primary_from

REFUSALS: Refusals = {
    **PEOPLE_REFUSALS,
    **WISH_REFUSALS,
    "tutor_student_no_overlap": (
        "already_paired",
        gettext_lazy("This tutor and student already have a relationship in this subject then."),
    ),
    "tutor_student_one_primary": (
        "primary_taken",
        gettext_lazy("Another relationship has become primary."),
    ),
    "tutor_student_primary_is_open": (
        "wrong_status",
        gettext_lazy("Only an open relationship can be primary."),
    ),
    "relationships_tutorstudent_transferred_from_id_key": (
        "wrong_status",
        gettext_lazy("This relationship has been transferred already."),
    ),
}


@dataclass(frozen=True)
class Pairing:
    """A tutor for a student: what they teach ('' is any subject), and from when (None: today).

    A cover, and nothing else, has its end from the start.
    """

    tutor_id: str
    subject: str = ""
    started_on: date | None = None
    kind: str = "regular"
    ended_on: date | None = None


@one_transaction(REFUSALS)
def enrol(
    *,
    requester: Requester,
    full_name: str,
    tutors: Iterable[Pairing] = (),
    wishes: Sequence[Wanted] = (),
    **fields: Any,
) -> Student:
    """Add a student with their tutors; the first is the primary.

    ``fields`` are any of people's ``STUDENT_FIELDS``, ``wishes`` what nobody teaches them yet. A
    tutor enrols a student of their own, and names nobody else and no wishes.
    """
    viewer = requester.viewer
    pairings = list(tutors)
    for_self = bool(pairings) and all(one.tutor_id == viewer.tutor_id for one in pairings)
    rules.check_pairer(is_owner=viewer.is_owner, for_self=for_self, teaches_now=True)
    if wishes:
        doing = _("say what a student would like to learn")
        rules.check_owner(is_owner=viewer.is_owner, doing=doing)
    locked = lock_tutors(*{one.tutor_id for one in pairings})
    student = add_student(now=requester.now, fields={"full_name": full_name, **fields})
    add_wishes(student, wishes, now=requester.now)
    for pairing in pairings:
        _pair(locked[pairing.tutor_id], student.pk, pairing, requester=requester)
    return student


@one_transaction(REFUSALS)
def pair(
    *,
    requester: Requester,
    tutor_id: str,
    student_id: str,
    subject: str = "",
    started_on: date | None = None,
    kind: str = "regular",
    ended_on: date | None = None,
    primary: bool = False,
    notes: str | None = None,
) -> TutorStudent:
    """Start a relationship. A student's first open one is primary, asked for or not.

    An owner pairs anybody; a tutor only themselves, with a student whom they teach already. A
    ``kind`` of ``cover`` needs ``ended_on``, and is never primary.
    """
    viewer = requester.viewer
    visible_student(viewer, student_id)
    rules.check_pairer(
        is_owner=viewer.is_owner,
        for_self=tutor_id == viewer.tutor_id,
        teaches_now=teaches_now(viewer, student_id),
    )
    if primary:
        rules.check_owner(is_owner=viewer.is_owner, doing=_("choose the primary tutor"))
    tutor = lock_tutors(tutor_id)[tutor_id]
    return _pair(
        tutor,
        student_id,
        Pairing(tutor_id, subject, started_on, kind, ended_on),
        requester=requester,
        is_primary=primary,
        notes=notes,
    )


@one_transaction(REFUSALS)
def change_subject(
    *, requester: Requester, tutor_student_id: str, subject: str, on: date | None = None
) -> TutorStudent:
    """Change what is taught, until an end that lies ahead; '' is any subject. Sessions stay.

    InvalidError for a day ahead, as it holds at once; so it is with a pause.
    """
    row, links, tutor = _own(requester, tutor_student_id)
    day, ends = today(tutor, requester.now), row.ended_on if state_of(row).has_end else None
    rules.check_status("change the subject of", state_of(row), day)
    rules.check_counts_from(state_of(row), on, day)
    new = subject_named(subject).pk if subject.strip() else None
    check_apart(links, row, subject_id=new, started_on=row.started_on, ended_on=ends)
    details = {"from": row.subject_id, "to": new}
    moment = EventStamp(requester, on or day)
    return change(row, What.SUBJECT_CHANGED, moment, {"subject": new}, details=details)


@one_transaction(REFUSALS)
def pause(
    *, requester: Requester, tutor_student_id: str, on: date | None = None, reason: str = ""
) -> TutorStudent:
    """Pause an active relationship, which may have an end ahead.

    It stays primary where it was; sessions stay.
    """
    row, _, tutor = _own(requester, tutor_student_id)
    day = today(tutor, requester.now)
    rules.check_status("pause", state_of(row), day)
    rules.check_counts_from(state_of(row), on, day)
    moment = EventStamp(requester, on or day)
    return change(row, What.PAUSED, moment, {"status": "paused"}, details={"reason": reason})


@one_transaction(REFUSALS)
def resume(*, requester: Requester, tutor_student_id: str, on: date | None = None) -> TutorStudent:
    """Go on with a paused relationship, which may have an end ahead."""
    row, _, tutor = _own(requester, tutor_student_id)
    day = today(tutor, requester.now)
    rules.check_status("resume", state_of(row), day)
    rules.check_counts_from(state_of(row), on, day)
    moment = EventStamp(requester, on or day)
    return change(row, What.RESUMED, moment, {"status": "active"})


@one_transaction(REFUSALS)
def make_primary(
    *, requester: Requester, tutor_student_id: str, on: date | None = None
) -> TutorStudent:
    """Make an open relationship the primary one from a day on (today, unless said). Owners only.

    One that has the mark from a later day on has it from this one. ConflictError
    ``already_primary`` where it is so on all of these days: nothing would be decided.
    """
    viewer = requester.viewer
    row, links, tutor = lock_link(viewer, tutor_student_id)
    rules.check_owner(is_owner=viewer.is_owner, doing=_("choose the primary tutor"))
    day = today(tutor, requester.now)
    rules.check_status("give the primary mark to", state_of(row), day)
    rules.check_may_be_primary(row.kind)
    moment = EventStamp(requester, on or day)
    if row.is_primary:
        instead_of = other_primary_from(row, moment.on)
        if instead_of is None:
            student = row.student.full_name.strip() or _("this student")
            raise already_primary(str(tutor), student, moment.on)
        details: dict[str, str | None] = {
            "primary_since": moment.on.isoformat(),
            "instead_of": instead_of,
        }
    else:
        before = next((link.pk for link in links.values() if link.is_primary), None)
        details = {"instead_of": before}
    return change(row, What.MADE_PRIMARY, moment, {"is_primary": True}, details=details)


@one_transaction(REFUSALS)
def annotate(*, requester: Requester, tutor_student_id: str, notes: str | None) -> TutorStudent:
    """Replace the notes on a relationship. Notes are no part of its history."""
    row, _, _ = _own(requester, tutor_student_id)
    row.notes = notes
    row.save(update_fields=["notes", "updated_at"])
    return row


def _pair(
    tutor: Tutor,
    student_id: str,
    pairing: Pairing,
    *,
    requester: Requester,
    is_primary: bool = False,
    notes: str | None = None,
) -> TutorStudent:
    _, links = lock_students(student_id)
    starts = pairing.started_on or first_day(tutor, requester.now)
    kind, ends = pairing.kind, pairing.ended_on
    rules.check_kind(kind, started_on=starts, ended_on=ends, is_primary=is_primary)
    is_cover = kind == TutorStudent.Kind.COVER
    if is_cover:  # which takes no place of the tutor's
        rules.check_tutor_active(active=tutor.active)
    else:
        check_room(tutor, since=starts)
    row = plan_pairing(
        tutor,
        student_id,
        links,
        now=requester.now,
        subject=pairing.subject,
        started_on=starts,
        ended_on=ends,
    )
    row.kind, row.notes = kind, notes
    if not is_cover:
        row.is_primary = is_primary or not any(may_be_primary(link) for link in links.values())
    since = starts if is_primary else free_from(links, starts)
    told = FOLLOWS if row.is_primary and not is_primary else {}
    moment = EventStamp(requester, starts)
    return begin(row, What.STARTED, moment, details=told, primary_since=since)


def _own(
    requester: Requester, tutor_student_id: str
) -> tuple[TutorStudent, dict[str, TutorStudent], Tutor]:
    viewer = requester.viewer
    row, links, tutor = lock_link(viewer, tutor_student_id)
    rules.check_teacher(is_owner=viewer.is_owner, is_own=row.tutor_id == viewer.tutor_id)
    return row, links, tutor
