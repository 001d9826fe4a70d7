"""`tandem database run`: another program, told where the database is."""

import sys

from tests.cli.forked import forked

ASK = "import psycopg; print(psycopg.connect('').info.dbname)"


def test_a_program_of_postgresqls_needs_no_address(business: str) -> None:
    """As psql does, it asks libpq, and that its variables; before, it found no server."""
    done = forked("database", "run", "--", sys.executable, "-c", ASK, DATABASE_URL=business)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == business.partition("?")[0].rpartition("/")[2]
