"""The history of people, accounts, tokens and subjects: what the database has recorded."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from tandem.people.models import Account, Change, GuardianStudent
from tandem.people.queries import Viewer, visible_account, visible_student, visible_tutor
from tandem.people.rules import check_owner

FORGET = """UPDATE people_change SET "values" = NULL
WHERE about_id = ANY (%s) AND "values" IS NOT NULL"""
DOING = "see who changed what"
ONE_WRITE = timedelta(seconds=5)
"""The parts of one write are hardly ever farther apart."""


def changes_of_student(viewer: Viewer, student_id: str) -> QuerySet[Change]:
    """Return what was changed of a student, parents and guardians, with who did it, in no order.

    NotFoundError where there is none to see; ForbiddenError for who is no owner.
    """
    student = visible_student(viewer, student_id)
    check_owner(is_owner=viewer.is_owner, doing=DOING)
    of_guardians = GuardianStudent.objects.filter(student=student.pk).values("guardian")
    about = Q(about="student", about_id=student.pk)
    return _with_actors(about | Q(about="guardian", about_id__in=of_guardians))


def changes_of_tutor(viewer: Viewer, tutor_id: str) -> QuerySet[Change]:
    """Return what was changed of a tutor, the account and its tokens; errors as for a student."""
    tutor = visible_tutor(viewer, tutor_id)
    check_owner(is_owner=viewer.is_owner, doing=DOING)
    about = Q(about="tutor", about_id=tutor.pk)
    if tutor.user_id is not None:
        about |= Q(about="account", about_id=tutor.user_id)
    return _with_actors(about)


def changes_of_account(reader: Account, account_id: str) -> QuerySet[Change]:
    """Return what was changed of an account and its tokens; errors as for a student."""
    account = visible_account(reader, account_id)
    check_owner(is_owner=reader.is_owner, doing=DOING)
    return _with_actors(Q(about="account", about_id=account.pk))


def last_actor(about_id: str, *, since: datetime, row_id: str | None = None) -> str | None:
    """Return whose the last change of a person was, from ``since`` on, or of one row about them.

    The id of an account; None where no line says it. Nothing of the change itself is told.
    ``since`` is when the row was saved; what was written with it may have its line just before.
    """
    rows = Change.objects.filter(about_id=about_id, at__gte=since - ONE_WRITE)
    if row_id is not None:
        rows = rows.filter(row_id=row_id)
    return rows.order_by("-id").values_list("actor_id", flat=True).first()


def forget_values(*ids: str) -> None:
    """Empty what the lines about erased people and accounts hold; that it changed stays."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tandem.erasing', 'yes', true)")
        cursor.execute(FORGET, [list(ids)])
        cursor.execute("SELECT set_config('tandem.erasing', 'no', true)")


def _with_actors(about: Q) -> QuerySet[Change]:
    return Change.objects.filter(about).select_related("actor").order_by()
