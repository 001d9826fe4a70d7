"""Deleting somebody who left no trace, and erasing for good somebody who did."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection
from django.dispatch import Signal

from tandem.kit.errors import ConflictError
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.models import Availability, Session, SessionSeries, TimeOff
from tandem.lessons.steps import REFUSALS
from tandem.people.closing import end_sessions
from tandem.people.models import (
    Account,
    AddressChange,
    ApiToken,
    Parent,
    Student,
    Subscription,
    Tutor,
    TutorSubject,
)
from tandem.people.queries import viewer_of, visible_student, visible_tutor
from tandem.relationships import rules as relationship_rules
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.steps import lock_students, lock_tutors

# Sent inside the erasure's transaction, so that floors above forget the person with it.
student_erased, tutor_erased = Signal(), Signal()


@dataclass(frozen=True)
class Erasure:
    """What an erasure removes: how many rows of each kind. ``kept`` stay, without the name."""

    sessions: int = 0
    relationships: int = 0
    events: int = 0
    parents: int = 0
    kept_sessions: int = 0
    kept_relationships: int = 0


@one_transaction(REFUSALS)
def delete_student(*, actor: Account | None, now: datetime, student_id: str) -> None:
    """Delete a student who never had a session; ConflictError ``has_sessions`` otherwise.

    An owner may, and a tutor when nobody else ever taught the student.
    """
    del now
    viewer = viewer_of(actor)
    visible_student(viewer, student_id)
    _, links = lock_students(student_id)
    only_own = all(link.tutor_id == viewer.tutor_id for link in links.values())
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=only_own)
    rules.check_no_sessions("student", Session.objects.filter(student=student_id).count())
    _remove_student(student_id)


@one_transaction(REFUSALS)
def delete_tutor(*, actor: Account | None, now: datetime, tutor_id: str) -> None:
    """Delete a tutor who never taught anybody; ConflictError otherwise. Owners only."""
    del now
    viewer = viewer_of(actor)
    visible_tutor(viewer, tutor_id)
    relationship_rules.check_owner(is_owner=viewer.is_owner, doing="delete a tutor")
    tutor = lock_tutors(tutor_id)[tutor_id]
    rules.check_no_sessions("tutor", Session.objects.filter(tutor=tutor).count())
    if tutor.relationships.exists():
        raise ConflictError(
            "has_relationships", "This tutor has taught students: make them inactive instead."
        )
    tutor.delete()


@one_transaction(REFUSALS, keep=False)
def preview_erase_student(*, actor: Account | None, now: datetime, student_id: str) -> Erasure:
    """Count what ``erase_student`` would remove."""
    del now
    _check_may_erase(actor)
    lock_students(student_id)
    return _student_erasure(student_id)


@one_transaction(REFUSALS)
def erase_student(*, actor: Account | None, now: datetime, student_id: str) -> Erasure:
    """Remove a student for good, with sessions, relationships, history and parents. Owners only."""
    del now
    _check_may_erase(actor)
    lock_students(student_id)
    erasure = _student_erasure(student_id)
    Session.objects.filter(student=student_id).delete()
    _remove_student(student_id)
    student_erased.send(Student, student_id=student_id)
    return erasure


@one_transaction(REFUSALS, keep=False)
def preview_erase_tutor(*, actor: Account | None, now: datetime, tutor_id: str) -> Erasure:
    """Count what ``erase_tutor`` would touch, or refuse as it would."""
    del now
    _check_may_erase(actor)
    return _tutor_erasure(lock_tutors(tutor_id)[tutor_id])


@one_transaction(REFUSALS)
def erase_tutor(*, actor: Account | None, now: datetime, tutor_id: str) -> Erasure:
    """Remove everything that tells who a tutor was. Owners only.

    Sessions and relationships stay, nameless, because they are the students' records too.
    ConflictError ``teaches_now`` while a relationship is open: end or transfer them first.
    """
    del now
    _check_may_erase(actor)
    tutor = lock_tutors(tutor_id)[tutor_id]
    erasure = _tutor_erasure(tutor)
    for owned in (TutorSubject, Availability, TimeOff, Subscription):
        owned._default_manager.filter(tutor=tutor).delete()  # noqa: SLF001 - Django documents it
    if tutor.user is not None and not tutor.user.is_owner:
        _forget_account(tutor.user)
    tutor.full_name, tutor.email, tutor.phone = "Erased tutor", _nobody(tutor.pk), None
    tutor.user = tutor.auth_subject = tutor.stripe_customer_id = None
    tutor.active, tutor.legacy_fault = False, ""
    tutor.save()
    tutor_erased.send(Tutor, tutor_id=tutor_id)
    return erasure


def _check_may_erase(actor: Account | None) -> None:
    relationship_rules.check_owner(is_owner=viewer_of(actor).is_owner, doing="erase somebody")


def _student_erasure(student_id: str) -> Erasure:
    return Erasure(
        sessions=Session.objects.filter(student=student_id).count(),
        relationships=TutorStudent.objects.filter(student=student_id).count(),
        events=RelationshipEvent.objects.filter(relationship__student=student_id).count(),
        parents=Parent.objects.filter(student=student_id).count(),
    )


def _tutor_erasure(tutor: Tutor) -> Erasure:
    if tutor.relationships.filter(status__in=("pending", *TutorStudent.OPEN)).exists():
        raise ConflictError(
            "teaches_now", "This tutor still has students: end or transfer them first."
        )
    return Erasure(
        kept_sessions=tutor.sessions.count(), kept_relationships=tutor.relationships.count()
    )


def _remove_student(student_id: str) -> None:
    """Delete a student without sessions, and the history, which only an erasure may."""
    SessionSeries.objects.filter(tutor_student__student=student_id).delete()
    links = TutorStudent.objects.filter(student=student_id)
    _say_erasing("yes")
    RelationshipEvent.objects.filter(relationship__in=links).delete()
    _say_erasing("no")
    links.update(transferred_from=None)
    links.delete()
    Student.objects.filter(pk=student_id).delete()


def _say_erasing(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tandem.erasing', %s, true)", [word])


def _forget_account(account: Account) -> None:
    """Empty an account: it cannot be deleted, because history says who did what."""
    end_sessions(account)
    ApiToken.objects.filter(account=account).delete()
    AddressChange.objects.filter(account=account).delete()
    EmailAddress.objects.filter(user=account).delete()
    Authenticator.objects.filter(user=account).delete()
    account.email, account.full_name, account.is_active = _nobody(account.pk), "", False
    account.set_unusable_password()
    account.save()


def _nobody(row_id: str) -> str:
    return f"erased-{row_id}@erased.invalid"
