"""Emptying the database after a test that committed."""

from functools import cache

from django.db import connection, transaction

from tandem.people.business_zone import note_business_zone

KEPT = {"django_content_type", "auth_permission"}
"""What Django itself notes when it migrates; no test changes it."""


def empty() -> None:
    """Leave what migrations leave.

    Django truncates every table, which makes two hundred files, then notes its permissions anew:
    thirty times as long for the few rows of a test.
    """
    with transaction.atomic():
        connection.connection.execute(_statements(), prepare=False)
    note_business_zone(using=connection.alias)


@cache
def _statements() -> str:
    """Return what deletes every row; all go, so no reference is judged and no trigger notes it."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    deletions = (f'DELETE FROM "{table}"' for table in sorted({*tables} - KEPT))
    return "; ".join(["SET LOCAL session_replication_role = replica", *deletions])
