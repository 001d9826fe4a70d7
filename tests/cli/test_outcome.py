"""How a command ends whose database goes away: that it did, and what to do."""

import psycopg
import pytest
from django.db.utils import InternalError
from psycopg import errors as pg

from tandem.cli.outcome import REFUSED, explain, of_the_database

LOST = (
    psycopg.OperationalError("consuming input failed: server closed the connection unexpectedly"),
    psycopg.OperationalError("the connection is lost"),
    pg.AdminShutdown("terminating connection due to administrator command"),
)


@pytest.mark.parametrize("error", LOST)
def test_a_database_that_went_away(error: psycopg.Error) -> None:
    """Its address is not what is wrong: the same command goes on."""
    sentence, status = explain(error)
    assert status == REFUSED
    assert "run the same command" in sentence
    assert "DATABASE_URL" not in sentence


def test_a_database_that_was_never_there() -> None:
    sentence, _ = explain(psycopg.OperationalError("connection failed: Connection refused"))
    assert "Look at DATABASE_URL" in sentence


def test_what_django_wrapped_up() -> None:
    """What the database says of itself is a sentence; a fault of Tandem's is not hushed up."""
    for kind, is_told in ((pg.ReadOnlySqlTransaction, True), (pg.DuplicateFunction, False)):
        wrapped = InternalError("in Django's words")
        wrapped.__cause__ = kind("in the database's")
        assert (of_the_database(wrapped) is not None) is is_told
