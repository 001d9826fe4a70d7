"""Who is asking, and which tutors and students they may see.

Links to students are read through the relationships' reverse names, because this floor stands
below theirs.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from django.db.models import Prefetch, Q, QuerySet, Value
from django.db.models.functions import Lower, NullIf, Trim

from tandem.kit.errors import NotFoundError
from tandem.kit.plain_letters import by_name
from tandem.kit.time import business_day, local_date, utc_now
from tandem.people.days import OPEN, teaching_on
from tandem.people.link_keys import link_keys
from tandem.people.models import Account, Guardian, Parent, Student, Subject, Tutor, TutorSubject
from tandem.people.rules import has_ended

LINKED = ("pending", "active", "paused", "ended")
"""A tutor with a relationship in one of these states may see the student; a declined one not."""
BEGUN = (*OPEN, "ended")


@dataclass(frozen=True)
class Viewer:
    """Somebody who asks: an owner, a tutor, or a parent who holds the link of one student.

    The system itself is an owner without an account. Somebody who is none of these sees nothing.
    """

    account: Account | None = None
    is_owner: bool = False
    tutor_id: str | None = None
    student_id: str | None = None
    read_only: bool = False
    """Whether they may do no more than read; then no parent's link is shown, which is a key."""
    day: date = field(default_factory=lambda: business_day(utc_now()))
    """The date of the business on which they ask: lists, counts and states are as on it."""
    tutor_day: date | None = None
    """The date where a tutor with a zone of their own is; None is that of the business."""

    @property
    def sees_on(self) -> date:
        """The day that decides what they see: a tutor's sight turns at midnight where they are."""
        return self.tutor_day or self.day


def viewer_of(
    account: Account | None, *, read_only: bool = False, now: datetime | None = None
) -> Viewer:
    """Return who ``account`` is; None is the system. The tutor mostly came with the account.

    ``now`` is the moment at which they ask: the present one, unless said.
    """
    now = now or utc_now()
    day = business_day(now)
    if account is None:
        return Viewer(is_owner=True, day=day)
    return Viewer(
        account,
        account.is_owner,
        account.tutor_id,
        read_only=read_only,
        day=day,
        tutor_day=day_of_tutor(account.tutor_zone, now),
    )


def day_of_tutor(zone: str, now: datetime) -> date | None:
    """Return the date in a tutor's zone; None where they have none, and go by the business's."""
    return local_date(now, zone) if zone else None


def viewer_of_parent_link(token: str, *, now: datetime) -> Viewer:
    """Return the parent who holds ``token``.

    NotFoundError for one that is none, that was rotated, or whose last day is past: never which.
    """
    rows = Student.objects.filter(kept_link__in=link_keys().forms_of(token))
    found = rows.values_list("pk", "parent_link__last_day").first()
    if found is None or has_ended(found[1], business_day(now)):
        raise NotFoundError("parent link", token)
    return Viewer(student_id=found[0], day=business_day(now))


def guardian_of_link(token: str) -> Guardian:
    """Return the guardian whose link has the secret ``token``; NotFoundError for one of nobody."""
    found = Guardian.objects.filter(kept_link__in=link_keys().forms_of(token)).first()
    if found is None:
        raise NotFoundError("guardian's link", token)
    return found


def visible_accounts(viewer: Account) -> QuerySet[Account]:
    """Return the accounts that ``viewer`` may see, with their tutors, by address: an owner all."""
    rows = Account.objects.select_related("tutor").order_by(Lower("email"), "id")
    return rows if viewer.is_owner else rows.filter(pk=viewer.pk)


FACTORS = {"totp": "app", "webauthn": "passkey"}


def with_second_factor(rows: QuerySet[Account]) -> list[Account]:
    """Return accounts with ``second_factors``, which says what they have, by one query for all."""
    have: dict[str, set[str]] = defaultdict(set)
    for account_id, kind in Authenticator.objects.values_list("user_id", "type"):
        have[account_id].add(kind)
    accounts = list(rows)
    for account in accounts:
        words = [word for kind, word in FACTORS.items() if kind in have[account.pk]]
        account.second_factors = " and ".join(words).capitalize()
    return accounts


def visible_account(viewer: Account, account_id: str) -> Account:
    """Return one account with its tutor, or raise NotFoundError."""
    account = visible_accounts(viewer).filter(pk=account_id).first()
    if account is None:
        raise NotFoundError("account", account_id)
    return account


def linked_students(viewer: Viewer, statuses: tuple[str, ...]) -> QuerySet[Tutor, str]:
    """Return the ids of students with whom the tutor has a relationship in one of ``statuses``."""
    return Tutor.objects.filter(pk=viewer.tutor_id, relationships__status__in=statuses).values_list(
        "relationships__student", flat=True
    )


def students_taught(viewer: Viewer) -> QuerySet[Tutor, str]:
    """Return the ids of the students whom the tutor teaches on the day where they are."""
    rows = Tutor.objects.filter(teaching_on(viewer.sees_on, "relationships__"), pk=viewer.tutor_id)
    return rows.values_list("relationships__student", flat=True)


def visible_students(viewer: Viewer) -> QuerySet[Student]:
    """Return the students whom ``viewer`` may see, by name.

    A tutor sees those they teach, taught, or were asked to teach.
    """
    students = Student.objects.order_by(by_name(), "id")
    if viewer.is_owner:
        return students
    if viewer.student_id is not None:
        return students.filter(pk=viewer.student_id)
    return students.filter(pk__in=linked_students(viewer, LINKED))


def visible_tutors(viewer: Viewer) -> QuerySet[Tutor]:
    """Return the tutors whose record ``viewer`` may see, by name.

    A tutor sees their own and those of everybody who teaches a student of theirs; a parent sees
    the child's.
    """
    tutors = Tutor.objects.order_by(by_name(), "id")
    if viewer.is_owner:
        return tutors
    if viewer.student_id is not None:
        teachers = Student.objects.filter(
            pk=viewer.student_id, relationships__status__in=BEGUN
        ).values("relationships__tutor")
        return tutors.filter(pk__in=teachers)
    # A union, because an OR of these would read the whole table.
    own = Tutor.objects.filter(pk=viewer.tutor_id).values("pk")
    beside = Student.objects.filter(
        pk__in=students_taught(viewer), relationships__status__in=BEGUN
    ).values("relationships__tutor")
    return tutors.filter(pk__in=own.union(beside))


def colleagues(viewer: Viewer) -> QuerySet[Tutor]:
    """Return the active tutors whom ``viewer`` may ask to take a student on.

    Show no more of them than the name: their records are ``visible_tutors``' to give.
    """
    if not viewer.is_owner and viewer.tutor_id is None:
        return Tutor.objects.none()
    named = by_name(NullIf(Trim("full_name"), Value(""))).asc(nulls_last=True)
    return Tutor.objects.filter(active=True).order_by(named, "id")


def visible_student(viewer: Viewer, student_id: str) -> Student:
    """Return one student, or raise NotFoundError."""
    student = visible_students(viewer).filter(pk=student_id).first()
    if student is None:
        raise NotFoundError("student", student_id)
    return student


def students_by_id(viewer: Viewer, ids: Collection[str]) -> dict[str, Student]:
    """Return, by id, those of these students whom the viewer may see."""
    return visible_students(viewer).in_bulk([*ids])


def visible_tutor(viewer: Viewer, tutor_id: str) -> Tutor:
    """Return one tutor, or raise NotFoundError."""
    tutor = visible_tutors(viewer).filter(pk=tutor_id).first()
    if tutor is None:
        raise NotFoundError("tutor", tutor_id)
    return tutor


def check_reads_history(viewer: Viewer, tutor_id: str) -> None:
    """Refuse the history of a tutor, as if there were none, to all but owners and the tutor."""
    if not (viewer.is_owner or viewer.tutor_id == tutor_id):
        raise NotFoundError("tutor", tutor_id)


def visible_tutor_of_user(viewer: Viewer, user_id: str) -> Tutor:
    """Return the tutor whom the older application knew by ``user_id``, or raise NotFoundError."""
    tutor = visible_tutors(viewer).filter(auth_subject=user_id).first()
    if tutor is None:
        raise NotFoundError("user", user_id)
    return tutor


def visible_student_of_parent(viewer: Viewer, parent_id: str) -> Student:
    """Return the student of a parent of the older application, by its id or its user's.

    NotFoundError where there is none that the viewer may see.
    """
    parents = Parent.objects.filter(Q(pk=parent_id) | Q(auth_subject=parent_id))
    student = visible_students(viewer).filter(parents__in=parents).first()
    if student is None:
        raise NotFoundError("parent", parent_id)
    return student


def teaches_now(viewer: Viewer, student_id: str) -> bool:
    """Tell whether the viewer is a tutor who teaches this student on the day where they are."""
    taught = teaching_on(viewer.sees_on, "relationships__")
    return Tutor.objects.filter(
        taught, pk=viewer.tutor_id, relationships__student=student_id
    ).exists()


def told_reasons(viewer: Viewer, tutor_id: str) -> bool:
    """Tell whether the viewer is told why a relationship of that tutor was paused or has ended.

    An owner and that tutor are, and none of the others who teach the student.
    """
    return viewer.is_owner or viewer.tutor_id == tutor_id


def with_subjects(tutors: QuerySet[Tutor]) -> QuerySet[Tutor]:
    """Bring along each tutor's ``subjects`` with their names, in one further query."""
    rows = TutorSubject.objects.select_related("subject")
    return tutors.prefetch_related(Prefetch("subjects", rows))


def subjects() -> QuerySet[Subject]:
    """Return every subject, by name."""
    return Subject.objects.order_by(by_name("name"), "id")


def subject_names() -> dict[str, str]:
    """Return the name of every subject by its id."""
    return dict(subjects().values_list("id", "name"))


def subjects_taught(tutor: Tutor) -> QuerySet[TutorSubject]:
    """Return what a tutor teaches, and to which level, by the subject's name."""
    return tutor.subjects.select_related("subject").order_by(by_name("subject__name"))
