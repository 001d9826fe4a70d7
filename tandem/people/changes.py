"""The history of people, accounts, tokens and subjects: what the database has recorded."""

from django.db import connection
from django.db.models import Q, QuerySet
from psycopg import sql

from tandem.people.models import (
    Account,
    Change,
    Guardian,
    GuardianStudent,
    LearningWish,
    Student,
    Tutor,
)
from tandem.people.queries import Viewer, visible_account, visible_student, visible_tutor
from tandem.people.rules import check_owner

FORGET = """UPDATE people_change SET "values" = NULL
WHERE about_id = ANY (%s) AND "values" IS NOT NULL"""
DOING = "see who changed what"
WRITTEN_WITH = sql.SQL("""SELECT change.actor_id FROM people_change change
WHERE change.about_id = %s AND change.xmin = (SELECT xmin FROM {table} WHERE id = %s)
ORDER BY change.id DESC LIMIT 1""")
"""By PostgreSQL's ``xmin``: what was written by the (sub)transaction that wrote the row last."""


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


def last_actor(about_id: str, *, row: Student | Tutor | Guardian | LearningWish) -> str | None:
    """Return whose the last change of a row is that lines of a person tell of.

    The id of an account; None where no line says it: a tutor's week has none, and the line before
    it may be somebody else's. Nothing of the change itself is told.
    """
    table = sql.Identifier(row._meta.db_table)  # noqa: SLF001 - Django documents it
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN_WITH.format(table=table), [about_id, row.pk])
        found = cursor.fetchone()
    return found[0] if found else None


def forget_values(*ids: str) -> None:
    """Empty what the lines about erased people and accounts hold; that it changed stays."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tandem.erasing', 'yes', true)")
        cursor.execute(FORGET, [list(ids)])
        cursor.execute("SELECT set_config('tandem.erasing', 'no', true)")


def _with_actors(about: Q) -> QuerySet[Change]:
    return Change.objects.filter(about).select_related("actor").order_by()
