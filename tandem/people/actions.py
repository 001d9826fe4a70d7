"""Changes to tutors, students and what they teach and learn."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.ids import new_parent_link_token
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import business_day
from tandem.kit.transactions import Refusals, one_transaction
from tandem.people import rules
from tandem.people.link_sealing import kept_form
from tandem.people.models import ParentLink, Student, Subject, Tutor, TutorSubject
from tandem.people.queries import teaches_now, visible_student, visible_tutor
from tandem.people.requester import Requester

T = TypeVar("T", Tutor, Student)
SUBJECT_NAMED = "SELECT id, name FROM people_subject WHERE lower(name) = lower(%s) FOR KEY SHARE"
"""As a key holds it that names it; Django has no word for that."""

REFUSALS: Refusals = {
    "tutor_email_unique": ("email_taken", gettext_lazy("Another tutor has this e-mail address.")),
    "student_name_not_blank": ("blank_name", gettext_lazy("The name is still missing.")),
    "people_student_email_key": (
        "email_taken",
        gettext_lazy("Another student has this e-mail address."),
    ),
}


@one_transaction(REFUSALS)
def create_tutor(
    *,
    requester: Requester,
    full_name: str,
    email: str,
    phone: str | None = None,
    capacity: int | None = None,
    time_zone: str = "",
) -> Tutor:
    """Add a tutor. Owners only; ConflictError when the address is another tutor's."""
    rules.check_owner(is_owner=requester.viewer.is_owner, doing=_("add a tutor"))
    fields = rules.tidy_tutor(
        {
            "full_name": full_name,
            "email": email,
            "phone": phone,
            "capacity": capacity,
            "time_zone": time_zone,
        }
    )
    return Tutor.objects.create(created_at=requester.now, **fields)


@one_transaction(REFUSALS)
def update_tutor(*, requester: Requester, tutor_id: str, changes: Mapping[str, Any]) -> Tutor:
    """Change the fields of a tutor that ``changes`` names (see ``rules.TUTOR_FIELDS``).

    A new address is checked like every other, so it also cures an imported one.
    """
    viewer = requester.viewer
    tutor = visible_tutor(viewer, tutor_id)
    rules.check_tutor_editor(
        is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id, fields=changes
    )
    fields = rules.tidy_tutor(changes)
    tutor = _locked_tutor(tutor.pk)
    if "email" in fields and tutor.legacy_fault:
        _check_email_free(tutor, fields["email"])
    return _changed(tutor, fields, clears_fault="duplicate_email" if "email" in fields else "")


@one_transaction(REFUSALS)
def set_subjects(*, requester: Requester, tutor_id: str, subjects: Sequence[rules.Taught]) -> Tutor:
    """Make ``subjects`` the whole of what the tutor teaches; the tutor comes with ``subjects``."""
    viewer = requester.viewer
    tutor = visible_tutor(viewer, tutor_id)
    rules.check_tutor_editor(is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id)
    named = rules.tidy_taught(subjects).values()
    tutor = _locked_tutor(tutor.pk)
    wanted = {subject_named(taught.subject).pk: taught.level for taught in named}
    tutor.subjects.exclude(subject__in=wanted).delete()
    TutorSubject.objects.bulk_create(
        [TutorSubject(tutor=tutor, subject_id=pk, level=level) for pk, level in wanted.items()],
        update_conflicts=True,
        unique_fields=["tutor", "subject"],
        update_fields=["level"],
    )
    tutor.save(update_fields=["updated_at"])
    return tutor


@one_transaction(REFUSALS)
def create_student(*, requester: Requester, full_name: str, **fields: Any) -> Student:
    """Add a student whom nobody teaches yet, with a parent link. Owners only.

    ``fields`` are any of ``rules.STUDENT_FIELDS``. A tutor enrols a student instead.
    """
    rules.check_owner(
        is_owner=requester.viewer.is_owner, doing=_("add a student without teaching them")
    )
    return add_student(now=requester.now, fields={"full_name": full_name, **fields})


def add_student(*, now: datetime, fields: Mapping[str, Any]) -> Student:
    """Write a new student inside an action that has decided who may."""
    tidy = rules.tidy_student(fields)
    kept = kept_form(new_parent_link_token())
    return Student.objects.create(created_at=now, kept_link=kept, **tidy)


@one_transaction(REFUSALS)
def update_student(*, requester: Requester, student_id: str, changes: Mapping[str, Any]) -> Student:
    """Change the fields of a student that ``changes`` names (see ``rules.STUDENT_FIELDS``).

    A new name is checked like every other, so it also cures an imported one.
    """
    student = _student_to_write(requester, student_id)
    fields = rules.tidy_student(changes)
    return _changed(student, fields, clears_fault="blank_name" if "full_name" in fields else "")


@one_transaction(REFUSALS)
def settle_student(*, requester: Requester, student_id: str) -> Student:
    """Say that an imported student is right as it is now; refused while the name is missing."""
    student = _student_to_write(requester, student_id)
    student.legacy_fault = ""
    return _changed(student, {})


@one_transaction(REFUSALS)
def settle_tutor(*, requester: Requester, tutor_id: str) -> Tutor:
    """Say that an imported tutor is right as it is now; refused while the address is another's."""
    viewer = requester.viewer
    tutor = visible_tutor(viewer, tutor_id)
    rules.check_tutor_editor(is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id)
    tutor = _locked_tutor(tutor.pk)
    tutor.legacy_fault = ""
    return _changed(tutor, {})


@one_transaction(REFUSALS)
def rotate_parent_link(
    *, requester: Requester, student_id: str, last_day: date | None = None
) -> Student:
    """Give the student a new parent link. The old one is gone at once.

    ``last_day`` is the last on which it opens, in the business's zone; None is a link without an
    end. InvalidError for a day that is past.
    """
    student = _student_to_write(requester, student_id)
    rules.check_last_day(last_day, business_day(requester.now))
    changed = _changed(student, {"kept_link": kept_form(new_parent_link_token())})
    if last_day is not None:  # the database has just forgotten the days of the old link
        ParentLink.objects.create(student=student, last_day=last_day)
    return changed


def subject_named(name: str) -> Subject:
    """Return the subject of that name, whatever its case; a new name makes a new subject.

    It is held until the transaction ends, so that it does not go before it is used.
    """
    trimmed = name.strip()
    for found in Subject.objects.raw(SUBJECT_NAMED, [trimmed]):
        return found
    # Two who name a new subject at once both find the one that was made.
    Subject.objects.bulk_create([Subject(name=trimmed)], ignore_conflicts=True)
    (made,) = Subject.objects.raw(SUBJECT_NAMED, [trimmed])
    return made


def _student_to_write(requester: Requester, student_id: str) -> Student:
    viewer = requester.viewer
    student = visible_student(viewer, student_id)
    rules.check_student_editor(
        is_owner=viewer.is_owner, teaches_now=teaches_now(viewer, student.pk)
    )
    locked = Student.objects.select_for_update(no_key=True).filter(pk=student.pk).first()
    if locked is None:  # it was deleted while this waited for the lock
        raise NotFoundError("student", student_id)
    return locked


def _locked_tutor(tutor_id: str) -> Tutor:
    tutor = Tutor.objects.select_for_update(no_key=True).filter(pk=tutor_id).first()
    if tutor is None:
        raise NotFoundError("tutor", tutor_id)
    return tutor


def _check_email_free(tutor: Tutor, email: str) -> None:
    """The constraint does not hold for a row that has another fault, so this does."""
    others = Tutor.objects.filter(email__iexact=email, legacy_fault="").exclude(pk=tutor.pk)
    if others.exists():
        raise ConflictError(*REFUSALS["tutor_email_unique"])


def _changed(row: T, fields: Mapping[str, Any], *, clears_fault: str = "") -> T:
    """Write the fields; ``clears_fault`` is the fault that they put right, and others stay."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.legacy_fault = " ".join(
        fault for fault in row.legacy_fault.split() if fault != clears_fault
    )
    row.save(update_fields=[*fields, "legacy_fault", "updated_at"])
    return row
