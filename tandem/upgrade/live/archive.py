"""How the old tables are put away: nobody writes to them, nothing follows them, they move or go."""

from collections.abc import Iterator

import psycopg

from tandem.upgrade.legacy.old_side import SYNC, OldSide, quoted
from tandem.upgrade.links import without_links
from tandem.upgrade.phases import Phase
from tandem.upgrade.triggers.triggers import READ_ONLY, no_old_triggers, no_read_only, nothing_shown
from tandem.upgrade.triggers.unshown import NEW_TABLES, Install

ARCHIVE = "legacy_archive"
TYPES = """
SELECT DISTINCT t.typname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid OR t.typarray = a.atttypid
WHERE c.relnamespace = to_regnamespace(quote_ident(%(schema)s)) AND c.relname = ANY (%(tables)s)
  AND t.typtype = 'e' AND t.typnamespace = c.relnamespace ORDER BY 1
"""


def no_more_writes(old: OldSide) -> Iterator[Install]:
    """The tables that Tandem does not know are to be put away as well: they stay as backed up.

    The triggers go with the schema of the sync.
    """
    for name in old.shape.unknown_tables:
        relation = f"{quoted(old.schema)}.{quoted(name)}"
        yield Install(
            relation,
            (
                (
                    f"CREATE OR REPLACE TRIGGER {READ_ONLY}"
                    f" BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {relation} FOR EACH STATEMENT"
                    " WHEN (current_setting('tandem.showing', true) IS DISTINCT FROM 'on')"
                    f" EXECUTE FUNCTION {SYNC}.{READ_ONLY}()"
                ),
            ),
        )


def archive_statements(
    connection: psycopg.Connection, old: OldSide, *, drop: bool
) -> Iterator[str]:
    """Yield the statements of one transaction: no triggers, no sync, the tables in the archive.

    All tables are locked at once, before anything is done: who has some of them and waits for
    others, as a dump does, is never met in the middle.
    """
    tables = [f"{quoted(old.schema)}.{quoted(name)}" for name in old.every_table()]
    yield f"LOCK TABLE {', '.join([*tables, *NEW_TABLES.values()])} IN ACCESS EXCLUSIVE MODE"
    for one in (*no_read_only(old), *no_old_triggers(old), *nothing_shown(list_new=False)):
        yield from one.statements
    yield f"DROP SCHEMA IF EXISTS {SYNC} CASCADE"
    types = [
        f"{quoted(old.schema)}.{quoted(name)}"
        for (name,) in connection.execute(
            TYPES, {"schema": old.schema, "tables": old.every_table()}
        )
    ]
    if drop:
        yield f"DROP TABLE {', '.join(tables)}"
        yield from (f"DROP TYPE {name}" for name in types)
    else:
        # Before they move: a subscriber of theirs knows them where they are.
        yield from without_links(old)
        yield f"CREATE SCHEMA IF NOT EXISTS {ARCHIVE}"
        yield from (f"ALTER TABLE {name} SET SCHEMA {ARCHIVE}" for name in tables)
        yield from (f"ALTER TYPE {name} SET SCHEMA {ARCHIVE}" for name in types)
    yield (
        f"UPDATE upgrade_gradualupgrade SET phase = '{Phase.CONTRACTED.value}',"
        " phase_since = clock_timestamp()"
    )
