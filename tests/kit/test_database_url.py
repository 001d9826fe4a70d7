"""Words of an address that libpq does not know."""

from typing import Any

import pytest

from tandem.kit.database_url import parse_database_url
from tandem.settings import database_of

ADDRESS = "postgresql://ben@db.example:6432/tandem"


@pytest.mark.parametrize(
    ("words", "threshold"),
    [("", 5), ("?schema=public", 5), ("?pgbouncer=false", 5), ("?pgbouncer=true", None)],
)
def test_nothing_is_prepared_through_pgbouncer(words: str, threshold: int | None) -> None:
    """Prisma's word says so: there a prepared statement may be gone by the next transaction."""
    options: Any = database_of(ADDRESS + words)["OPTIONS"]
    assert options["prepare_threshold"] == threshold
    assert parse_database_url(ADDRESS + words).through_pgbouncer is (threshold is None)
    assert "pgbouncer" not in parse_database_url(ADDRESS + words).conninfo
