"""Whether live old tables are fit for triggers: rights, row security, keys, other triggers."""

from collections.abc import Iterator

import psycopg
from psycopg import sql

from tandem.upgrade.backups.scratch_database import why_no_scratch
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.old_side import OldSide, quoted
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR, Table
from tandem.upgrade.server_programs import program_for

RIGHTS = """
SELECT pg_has_role(c.relowner, 'USAGE'), c.relrowsecurity,
  c.relforcerowsecurity AND NOT (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user),
  (SELECT rolname FROM pg_roles WHERE oid = c.relowner), current_user,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1
    AND i.indkey[0] = (SELECT attnum FROM pg_attribute WHERE attrelid = c.oid AND attname = %(key)s))
FROM pg_class c WHERE c.oid = %(relation)s::regclass
"""
TRIGGERS = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgrelid = ANY (%s::regclass[]) AND NOT t.tgisinternal AND t.tgname NOT LIKE 'tandem\\_%%'
ORDER BY 1, 2
"""
LEADS = """
SELECT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
  AND a.attnum = i.indkey[0] WHERE i.indrelid = %s::regclass AND a.attname = %s)
"""
HOME = """
SELECT current_user, current_setting('search_path'), current_schema(),
  has_schema_privilege(current_schema(), 'CREATE')
"""
PUBLISHING_ALL = """
SELECT pubname FROM pg_publication p WHERE puballtables OR EXISTS (
  SELECT FROM pg_publication_namespace n WHERE n.pnpubid = p.oid
    AND n.pnnspid = to_regnamespace(quote_ident(current_schema())))
ORDER BY 1
"""


def blockers(connection: psycopg.Connection, old: OldSide) -> list[str]:
    """Return, as sentences, what stands in the way of a gradual upgrade."""
    found = [
        sentence for table in old.shape.tables() for sentence in _of_table(connection, old, table)
    ]
    row = connection.execute(
        "SELECT has_database_privilege(current_database(), 'CREATE'), current_user"
    ).fetchone()
    if row and not row[0]:
        found.append(
            f"The role {row[1]} may not make a schema in this database: GRANT CREATE ON DATABASE."
        )
    return [*found, *_of_home(connection)]


def _of_home(connection: psycopg.Connection) -> Iterator[str]:
    """Say why Tandem's own tables cannot be made where the role finds tables first, if so."""
    row = connection.execute(HOME).fetchone()
    if row is None:
        return
    role, path, home, may = row
    if home is None:
        yield (
            f"None of the schemas that the role {role} looks in is there (search_path is {path}), so "
            "Tandem's tables have no place: CREATE SCHEMA public, or ALTER ROLE … SET search_path."
        )
    elif not may:
        yield (
            f"The role {role} may not make tables in the schema {home}, the first of its search_path: "
            f"GRANT CREATE ON SCHEMA {home}, or ALTER ROLE … SET search_path to another."
        )


def _of_table(connection: psycopg.Connection, old: OldSide, table: Table) -> Iterator[str]:
    name = old.shape.names[table.name]
    key = old.shape.columns[table.name]["id"]
    row = connection.execute(RIGHTS, {"relation": old.relation(table), "key": key}).fetchone()
    if row is None:
        return
    owns, is_secured, is_forced, owner, role, has_key = row
    if not owns:
        yield (
            f"The role {role} does not own the table {name}, so it cannot put a trigger on it or "
            f"move it: use the role {owner}."
        )
    if is_secured and (is_forced or not owns):
        yield f"Row security hides rows of {name} from the role {role}: use a role that has BYPASSRLS."
    if not has_key:
        yield f"The table {name} has no primary key of its own on {key}: add one."


def lacks_for_the_end(connection: psycopg.Connection) -> list[str]:
    """Return, as sentences, what `contract` alone needs: to prove its backup, and the programs."""
    found = []
    if reason := why_no_scratch(connection):
        found.append(reason)
    for name in ("pg_dump", "pg_restore"):
        try:
            program_for(name, connection.info.server_version)
        except UpgradeRefusedError as missing:
            found.append(str(missing))
    return found


def schema_changes(connection: psycopg.Connection, old: OldSide) -> list[str]:
    """Return, as sentences, which changes of the old schema fail, or break something, meanwhile."""
    names = ", ".join(old.shape.names.values())
    changes = (
        f"Make no change of the schema of {names} from `expand` until `rollback` or `contract`. "
        "Dropping or retyping a column that Tandem reads, or dropping such a table, FAILS, BUT WITH "
        "CASCADE IT GOES THROUGH: nothing that is written there reaches the other side from then on "
        "(the old application's writes are noted, Tandem's are refused), `status` says so, and the "
        "way out is a rollback. Renaming "
        "one goes through, and from then on no write of it is followed. A new column that must not "
        "be empty and has no default goes through, and Tandem can make no such row any more. New "
        "columns that may be empty or have a default, new tables and indexes do no harm."
    )
    found = [changes]
    if pending := _unfinished_migrations(connection, old):
        found.append(
            f"A migration of the old application has not ended: {pending}. Let it end, or mark it as "
            "rolled back (`prisma migrate resolve`), before `expand`."
        )
    return found


def _unfinished_migrations(connection: psycopg.Connection, old: OldSide) -> str:
    """Return the names of migrations that Prisma began and did not end; nothing without Prisma."""
    table = f'{quoted(old.schema)}."_prisma_migrations"'
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    if not (row and row[0]):
        return ""
    begun = connection.execute(
        sql.SQL(
            f"SELECT string_agg(migration_name, ', ' ORDER BY started_at) FROM {table}"
            " WHERE finished_at IS NULL AND rolled_back_at IS NULL"
        )
    ).fetchone()
    return begun[0] or "" if begun else ""


def notes(connection: psycopg.Connection, old: OldSide) -> list[str]:
    """Return, as sentences, what is no hindrance now and has to be known."""
    relations = [old.relation(table) for table in old.shape.tables()]
    found = schema_changes(connection, old)
    found += [
        f"The table {table} has a trigger of its own, {trigger}: it stays, and fires for what "
        "Tandem writes as well."
        for table, trigger in connection.execute(TRIGGERS, [relations])
    ]
    found += [
        f"The publication {name} publishes whatever is made here, Tandem's tables too. A subscriber "
        "that lacks them stops at their first row, and this server keeps its log for it until the "
        "disk is full. Before `expand`, publish the old tables by name, or make Tandem's tables "
        "at the subscriber."
        for (name,) in connection.execute(PUBLISHING_ALL)
    ]
    found += _columns_without_value(old)
    found += lacks_for_the_end(connection)
    zone = connection.execute("SHOW timezone").fetchone()
    if zone and zone[0] not in {"UTC", "Etc/UTC", "GMT"}:
        found.append(
            f"The server's TimeZone is {zone[0]}; old moments are read as UTC all the same."
        )
    for table, column in ((SESSION, "studentId"), (STUDENT, "tutorId")):
        leads = connection.execute(
            LEADS, [old.relation(table), old.shape.columns[table.name][column]]
        ).fetchone()
        if leads and not leads[0]:
            found.append(
                f"No index of {old.shape.names[table.name]} begins with "
                f"{old.shape.columns[table.name][column]}: a backfill reads "
                "the table once for every batch. CREATE INDEX CONCURRENTLY makes it quick."
            )
    return found


def _columns_without_value(old: OldSide) -> Iterator[str]:
    """Yield, as sentences, the columns because of which Tandem can make no row of their tables."""
    for table in filter(old.has, (TUTOR, STUDENT, CONNECTION, SESSION)):
        found = old.shape.names[table.name]
        for column in old.shape.unknown_columns.get(table.name, ()):
            cell = old.cells[found, column]
            if cell.not_null and not cell.has_default:
                yield (
                    f"The column {column} of {found} must not be empty and has no default, and Tandem "
                    "does not know it: while both applications run, Tandem can make no row there. "
                    f"Give it one before `expand`: ALTER TABLE {old.relation(table)} "
                    f"ALTER COLUMN {quoted(column)} SET DEFAULT …"
                )
