"""Halts are put between the statements of a function, and change nothing that it does."""

import psycopg
import pytest

from drills.interleavings.halts import HALT, SETUP, with_halts
from tests.upgrade.old_databases import database

BODY = """
DECLARE v_one text := 'a;b'; v_found boolean;
BEGIN -- a comment; with a semicolon
  SELECT 'x;y' INTO v_one;
  IF v_one = 'x;y' THEN PERFORM 1; END IF;
  BEGIN
    PERFORM 1 / 0;
  EXCEPTION WHEN division_by_zero THEN
    v_one := v_one || '!';
  END;
  DECLARE v_inner text := 'i';
  BEGIN
    PERFORM FROM pg_class WHERE false;
    v_found := FOUND;
    RETURN v_one || v_inner || v_found;
  END;
END"""


def test_a_halt_stands_after_each_statement_and_nowhere_else() -> None:
    assert with_halts("DECLARE a int; BEGIN a := 1; /* ; */ a := 2; END;") == (
        f"DECLARE a int; BEGIN a := 1;{HALT} /* ; */ a := 2;{HALT} END;"
    )


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("body", [BODY, with_halts(BODY)])
def test_a_function_with_halts_does_what_it_did(body: str) -> None:
    """Strings, comments, declarations, exceptions and FOUND are as they were."""
    with database() as url, psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA tandem_sync")
        connection.execute(SETUP)
        connection.execute(
            f"CREATE FUNCTION told() RETURNS text LANGUAGE plpgsql AS $f${body}$f$".encode()
        )
        assert connection.execute("SELECT told()").fetchone() == ("x;y!ifalse",)
    assert with_halts(BODY).count(HALT) == 10
