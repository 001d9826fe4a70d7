"""What students who wait would like to learn: kept, changed, removed. Owners alone.

Whoever matches students with tutors begins with it. That a wish is fulfilled is written nowhere:
``relationships.wishes`` reads it from who teaches whom.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from tandem.kit.errors import InvalidError, NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.transactions import Refusals, one_transaction
from tandem.kit.weekly import Weekly
from tandem.people import rules
from tandem.people.actions import subject_named
from tandem.people.models import LearningWish, Student
from tandem.people.queries import Viewer, visible_student
from tandem.people.requester import Requester
from tandem.people.wish_rules import Wanted, check_hours, check_wanted, hours_as_kept

REFUSALS: Refusals = {
    "learning_wish_of_a_subject_once": (
        "wished_already",
        gettext_lazy("This wish is there already. Change that one instead."),
    ),
    "people_learningwish_of_student": (
        "student_gone",
        gettext_lazy("The student is no longer here. Nothing was changed."),
    ),
}


def visible_wishes(viewer: Viewer) -> QuerySet[LearningWish]:
    """Return the wishes of all students, with student and subject. Owners only."""
    rules.check_owner(is_owner=viewer.is_owner, doing=_("see what students would like to learn"))
    return LearningWish.objects.select_related("student", "subject")


def visible_wish(viewer: Viewer, wish_id: str) -> LearningWish:
    """Return one wish; ForbiddenError for who is no owner, NotFoundError where it is not there."""
    return one_wish(visible_wishes(viewer), wish_id)


def one_wish(rows: QuerySet[LearningWish], wish_id: str) -> LearningWish:
    """Return one of the wishes that ``visible_wishes`` returned, or raise NotFoundError."""
    found = rows.filter(pk=wish_id).first()
    if found is None:
        raise NotFoundError("wish", wish_id)
    return found


def lock_wish(viewer: Viewer, wish_id: str) -> LearningWish:
    """Return one wish, locked after its student until the transaction ends."""
    _lock_student(visible_wish(viewer, wish_id).student_id)
    rows = visible_wishes(viewer).select_for_update(no_key=True, of=("self",))
    return one_wish(rows, wish_id)  # it may be gone since


def add_wishes(student: Student, wishes: Sequence[Wanted], *, now: datetime) -> list[LearningWish]:
    """Write wishes inside an action that has decided who may; a new name makes a new subject."""
    check_wanted(wishes)
    rows = [
        LearningWish(
            student=student,
            subject=subject_named(one.subject),
            level=one.level,
            hours=[hours_as_kept(span) for span in one.hours],
            created_at=now,
        )
        for one in wishes
    ]
    return LearningWish.objects.bulk_create(rows)


@one_transaction(REFUSALS)
def create_wish(*, requester: Requester, student_id: str, wanted: Wanted) -> LearningWish:
    """Keep what a student would like to learn.

    ConflictError ``wished_already`` where the same subject is wished for.
    """
    viewer = _owner(requester)
    student = _lock_student(visible_student(viewer, student_id).pk)
    (made,) = add_wishes(student, [wanted], now=requester.now)
    return made


@one_transaction(REFUSALS)
def update_wish(*, requester: Requester, wish_id: str, changes: Mapping[str, Any]) -> LearningWish:
    """Change what ``changes`` names: ``subject`` (a name), ``level``, ``hours`` (all of them)."""
    wish = lock_wish(_owner(requester), wish_id)
    if "subject" in changes:
        check_wanted([Wanted(changes["subject"])])
        wish.subject = subject_named(changes["subject"])
    if "level" in changes:
        if errors := rules.level_errors("level", changes["level"]):
            raise InvalidError(errors)
        wish.level = changes["level"]
    if "hours" in changes:
        hours: Sequence[Weekly] = changes["hours"]
        check_hours(hours)
        wish.hours = [hours_as_kept(one) for one in hours]
    wish.save(update_fields=["subject", "level", "hours", "updated_at"])
    return wish


@one_transaction(REFUSALS)
def remove_wish(*, requester: Requester, wish_id: str) -> None:
    """Remove a wish. The history of the student keeps it."""
    lock_wish(_owner(requester), wish_id).delete()


def _owner(requester: Requester) -> Viewer:
    viewer = requester.viewer
    doing = _("say what a student would like to learn")
    rules.check_owner(is_owner=viewer.is_owner, doing=doing)
    return viewer


def _lock_student(student_id: str) -> Student:
    found = Student.objects.select_for_update(no_key=True).filter(pk=student_id).first()
    if found is None:  # deleted while this waited for the lock
        raise NotFoundError("student", student_id)
    return found
