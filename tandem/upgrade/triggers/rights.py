"""How a function of the sync is written."""

import secrets

FOR_PLANS_OF_OTHERS = (
    ("jit", "off"),  # up to PostgreSQL 17 the next setting makes every plan look worth compiling
    ("enable_seqscan", "off"),
    ("plan_cache_mode", "force_generic_plan"),
)
"""Functions that run in the old application's transactions bring their own settings along.

Its connections keep plans made while Tandem's tables were empty: what is right then must be right
when they are full. And a connection of its own should not plan each statement five times anew.
"""


def dollar_quote() -> str:
    """Return a quote for SQL in SQL that nothing in it can end: names of the old side stand there."""
    return f"$tandem_{secrets.token_hex(8)}$"


def rights(home: str) -> str:
    """SQL: a function acts with the rights of the upgrade's role, wherever it is called.

    ``home`` is the quoted name of the schema in which Tandem's tables are.
    """
    settings = " ".join(f"SET {name} = {value}" for name, value in FOR_PLANS_OF_OTHERS)
    return f"SECURITY DEFINER SET search_path = {home}, pg_temp {settings}"
