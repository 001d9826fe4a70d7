"""Moments are read as Django reads them."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from psycopg.postgres import types
from psycopg.pq import Format

from tandem.kit.timestamptz_loader import MomentLoader

TIMESTAMPTZ = types["timestamptz"].oid
MOMENTS = (
    "2026-11-02 09:00:00+00",
    "2026-11-02 09:00:00.5+00",
    "2026-11-02 09:00:00.123456+00",
    "2026-03-29 01:30:00+01",
    "1900-01-01 00:00:00+00",
    "9999-12-31 23:59:59.999999+00",
)


def read(text: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment


@pytest.mark.django_db
@pytest.mark.parametrize("text", MOMENTS)
def test_a_moment_is_read_to_the_microsecond_in_utc(text: str) -> None:
    """It is the moment that psycopg's own reader finds."""
    moment = read(text)
    assert moment.tzinfo is UTC
    connection.ensure_connection()
    adapters = connection.connection.adapters
    assert adapters.get_loader(TIMESTAMPTZ, Format.TEXT) is MomentLoader
    assert moment == datetime.fromisoformat(text.replace(" ", "T") + ":00")


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["infinity", "-infinity", "0044-03-15 BC", "20000-01-01"])
def test_a_moment_that_python_lacks_is_refused(text: str) -> None:
    """In psycopg's words, not as another moment."""
    with pytest.raises(DataError, match="timestamp"):
        read(text)
