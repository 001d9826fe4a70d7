"""How a command ends whose database goes away: that it did, and what to do."""

import psycopg
import pytest
from psycopg import errors as pg

from tandem.cli.outcome import REFUSED, explain

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
