"""Deleting somebody who left no trace, and erasing for good somebody who did."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Max, Model, Q
from django.dispatch import Signal

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import Shown, check_expected, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.deeds import forget_absences_of, forget_deeds_of
from tandem.lessons.erasure_rows import kept_of_tutor, rows_of_student, rows_of_tutor
from tandem.lessons.history import events_of_sessions_of, say_erasing
from tandem.lessons.models import (
    Availability,
    Notice,
    Session,
    SessionSeries,
    TimeOff,
    TutorNotices,
)
from tandem.lessons.shown import facts_of
from tandem.lessons.steps import REFUSALS
from tandem.people.changes import forget_values
from tandem.people.closing import end_sessions
from tandem.people.days import OPEN, open_ended
from tandem.people.local_dates import today
from tandem.people.models import (
    Account,
    AddressChange,
    ApiToken,
    CalendarFeed,
    Student,
    Subscription,
    Tutor,
    TutorSubject,
)
from tandem.people.queries import visible_student, visible_tutor
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.locks import lock_students, lock_tutors
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import events_of

# Sent inside the erasure's transaction, so that floors above forget the person with it.
student_erased, tutor_erased = Signal(), Signal()
COUNTED = ("sessions", "relationships", "events", "parents", "guardians")
"""What of a student is counted."""


@dataclass(frozen=True)
class Erasure:
    """What an erasure removes: how many rows of each kind. ``kept`` stay, without the name.

    ``shown`` is what the fingerprint is made of: the person as they stand, and each of those rows.
    """

    sessions: int = 0
    relationships: int = 0
    events: int = 0
    parents: int = 0
    guardians: int = 0
    kept_sessions: int = 0
    kept_relationships: int = 0
    shown: Shown = field(default_factory=dict, compare=False)


@one_transaction(REFUSALS)
def delete_student(*, requester: Requester, student_id: str) -> None:
    """Delete a student who never had a session; ConflictError ``has_sessions`` otherwise.

    An owner may, and a tutor when nobody else ever taught the student.
    """
    viewer = requester.viewer
    visible_student(viewer, student_id)
    _, links = lock_students(student_id)
    only_own = all(link.tutor_id == viewer.tutor_id for link in links.values())
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=only_own)
    rules.check_no_sessions("student", Session.objects.filter(student=student_id).count())
    _remove_student(student_id)


@one_transaction(REFUSALS)
def delete_tutor(*, requester: Requester, tutor_id: str) -> None:
    """Delete a tutor who never taught anybody; ConflictError otherwise. Owners only."""
    viewer = requester.viewer
    visible_tutor(viewer, tutor_id)
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing=_("delete a tutor"))
    tutor = lock_tutors(tutor_id)[tutor_id]
    rules.check_no_sessions("tutor", Session.objects.filter(tutor=tutor).count())
    if tutor.relationships.exists():
        raise ConflictError(
            "has_relationships", _("This tutor has taught students: make them inactive instead.")
        )
    tutor.delete()
    forget_values(tutor_id)


def student_as_made(student: Student) -> str:
    """Return a mark of a student who was just added, and of all that was made with them."""
    return _mark(_student_erasure(student).shown)


@one_transaction(REFUSALS)
def take_back_student(*, requester: Requester, student_id: str, made: str) -> None:
    """Delete a student who was added by mistake, as ``delete_student`` does.

    ConflictError ``changed_since_made`` unless all is as ``student_as_made`` has marked it.
    """
    student = visible_student(requester.viewer, student_id)
    lock_students(student_id)
    _check_as_made(made, student_as_made(Student.objects.get(pk=student_id)), student.full_name)
    delete_student(requester=requester, student_id=student_id)


def tutor_as_made(tutor: Tutor) -> str:
    """Return a mark of a tutor who was just added."""
    return _mark(_shown_of_tutor(tutor))


@one_transaction(REFUSALS)
def take_back_tutor(*, requester: Requester, tutor_id: str, made: str) -> None:
    """Delete a tutor who was added by mistake, as ``delete_tutor`` does, or refuse likewise."""
    visible_tutor(requester.viewer, tutor_id)
    tutor = lock_tutors(tutor_id)[tutor_id]
    _check_as_made(made, tutor_as_made(tutor), str(tutor))
    delete_tutor(requester=requester, tutor_id=tutor_id)


def _mark(shown: Shown) -> str:
    return hash_of(*sorted(shown.items()))


def _check_as_made(made: str, now: str, name: str) -> None:
    if made != now:
        sentence = _(
            "Nothing is undone: something was made or changed since {name} was added. Look at the "
            "record; whoever is not needed any more can be made inactive there, or erased."
        )
        raise ConflictError("changed_since_made", sentence.format(name=name))


@one_transaction(REFUSALS, keep=False)
def preview_erase_student(*, requester: Requester, student_id: str) -> Erasure:
    """Count what ``erase_student`` would remove."""
    _check_may_erase(requester)
    students, _links = lock_students(student_id)
    return _student_erasure(students[student_id])


@one_transaction(REFUSALS)
def erase_student(*, requester: Requester, student_id: str, expect: str | None = None) -> Erasure:
    """Remove a student for good, with sessions, relationships, history, parents. Owners only.

    So go guardians of nobody else.
    ``expect`` is the fingerprint of the preview that was looked at; see ``check_expected``.
    """
    _check_may_erase(requester)
    students, _links = lock_students(student_id)
    erasure = _student_erasure(students[student_id])
    check_expected(expect, erasure.shown)
    Session.objects.filter(student=student_id).delete()
    _remove_student(student_id)
    student_erased.send(Student, student_id=student_id)
    return erasure


@one_transaction(REFUSALS, keep=False)
def preview_erase_tutor(*, requester: Requester, tutor_id: str) -> Erasure:
    """Count what ``erase_tutor`` would touch, or refuse as it would."""
    _check_may_erase(requester)
    return _tutor_erasure(_locked_with_account(tutor_id), requester.now)


@one_transaction(REFUSALS)
def erase_tutor(*, requester: Requester, tutor_id: str, expect: str | None = None) -> Erasure:
    """Remove everything that tells who a tutor was. Owners only.

    Sessions and relationships stay, nameless, because they are the students' records too.
    ConflictError ``teaches_now`` while a relationship goes on, a dated cover too, or its end lies
    ahead. ``expect`` is the fingerprint of the preview that was looked at; see ``check_expected``.
    """
    _check_may_erase(requester)
    tutor = _locked_with_account(tutor_id)
    erasure = _tutor_erasure(tutor, requester.now)
    check_expected(expect, erasure.shown)
    account = tutor.user
    forget_absences_of(tutor_id)
    for owned in (TutorSubject, Availability, TimeOff, Subscription, TutorNotices, Notice):
        owned._default_manager.filter(tutor=tutor).delete()  # noqa: SLF001 - Django documents it
    is_forgotten = account is not None and not account.is_owner
    if account is not None and is_forgotten:
        _forget_account(account)
    tutor.full_name, tutor.email, tutor.phone = "Erased tutor", _nobody(tutor.pk), None
    tutor.user = tutor.auth_subject = tutor.stripe_customer_id = None
    tutor.active, tutor.legacy_fault = False, ""
    tutor.save()
    forget_values(tutor_id, *([account.pk] if account is not None and is_forgotten else []))
    tutor_erased.send(Tutor, tutor_id=tutor_id)
    return erasure


def _locked_with_account(tutor_id: str) -> Tutor:
    """Lock a tutor and then the account, whole: also what is being made for it is waited for."""
    tutor = lock_tutors(tutor_id)[tutor_id]
    tutor.user = Account.objects.select_for_update().filter(pk=tutor.user_id).first()
    return tutor


def _check_may_erase(requester: Requester) -> None:
    relationship_rules.check_owner(is_owner=requester.viewer.is_owner, doing=_("erase somebody"))


def _student_erasure(student: Student) -> Erasure:
    found = rows_of_student(student)
    return Erasure(
        **{kind: len(found[kind]) for kind in COUNTED},
        shown=_shown(f"student:{student.pk}", student, found),
    )


def _tutor_erasure(tutor: Tutor, now: datetime) -> Erasure:
    if tutor.relationships.filter(open_ended() | Q(status=TutorStudent.Status.PENDING)).exists():
        raise ConflictError(
            "teaches_now", _("This tutor still has students: end or transfer them first.")
        )
    ahead = tutor.relationships.filter(status__in=OPEN, ended_on__gt=today(tutor, now))
    if last := ahead.aggregate(last=Max("ended_on"))["last"]:
        raise ConflictError(
            "teaches_now",
            _(
                "This tutor teaches until {last}: erase them from that day on, or let what "
                "ends later end today."
            ).format(last=day_in_words(last)),
        )
    kept = kept_of_tutor(tutor)
    return Erasure(
        **{f"kept_{kind}": len(one) for kind, one in kept.items()}, shown=_shown_of_tutor(tutor)
    )


def _shown_of_tutor(tutor: Tutor) -> Shown:
    rows = {**kept_of_tutor(tutor), **rows_of_tutor(tutor)}
    return _shown(f"tutor:{tutor.pk}", tutor, rows)


def _shown(key: str, person: Model, rows: Mapping[str, Iterable[Any]]) -> Shown:
    """Return what an erasure is bound to: all that stands of the person, and each of the rows."""
    return {
        key: hash_of(*facts_of(person)),
        **{kind: hash_of(*one) for kind, one in rows.items()},
    }


def _remove_student(student_id: str) -> None:
    """Delete a student without sessions, and what deeds did to them."""
    SessionSeries.objects.filter(tutor_student__student=student_id).delete()
    forget_deeds_of(student_id)
    remove_students([student_id])


def remove_students(student_ids: Collection[str]) -> None:
    """Delete students without sessions, and the history, which only an erasure may."""
    links = TutorStudent.objects.filter(student__in=student_ids)
    say_erasing("yes")
    events_of(student_ids).delete()
    events_of_sessions_of(student_ids).delete()
    say_erasing("no")
    links.update(transferred_from=None)
    links.delete()
    Student.objects.filter(pk__in=student_ids).delete()
    forget_values(*student_ids)


def _forget_account(account: Account) -> None:
    """Empty an account: it cannot be deleted, because history says who did what."""
    end_sessions(account)
    ApiToken.objects.filter(account=account).delete()
    CalendarFeed.objects.filter(account=account).delete()
    AddressChange.objects.filter(account=account).delete()
    EmailAddress.objects.filter(user=account).delete()
    Authenticator.objects.filter(user=account).delete()
    account.email, account.full_name, account.is_active = _nobody(account.pk), "", False
    account.set_unusable_password()
    account.save()


def _nobody(row_id: str) -> str:
    return f"erased-{row_id}@erased.invalid"
