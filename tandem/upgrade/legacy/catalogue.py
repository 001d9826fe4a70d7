"""What is in a database already, asked before anything is restored into it."""

import psycopg

from tandem.upgrade.errors import UpgradeRefusedError

NAMED = 5
THERE = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
    AND d.objid = c.oid AND d.deptype IN ('e', 'a', 'i'))
ORDER BY 1
"""
"""Tables, views and sequences but for those that belong to an extension or to another of them."""


def refuse_unless_empty(connection: psycopg.Connection, advice: str) -> None:
    """Raise UpgradeRefusedError, naming what is there, where a database holds anything.

    In whatever schema it lies: what is restored must not come to lie among it. ``advice`` says what
    to do instead.
    """
    found = [name for (name,) in connection.execute(THERE)]
    if not found:
        return
    named = ", ".join(found[:NAMED])
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    raise UpgradeRefusedError(
        f"The database {connection.info.dbname} is not empty: it holds {named}{more}. "
        f"Nothing was written. {advice}"
    )


def has_schema(connection: psycopg.Connection, schema: str) -> bool:
    row = connection.execute("SELECT to_regnamespace(quote_ident(%s))", [schema]).fetchone()
    return row is not None and row[0] is not None
