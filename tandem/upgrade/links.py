"""Parents' links on their way from an old database: plain there, sealed in Tandem's own table."""

from collections.abc import Callable, Iterable, Iterator

import psycopg
from psycopg import sql

from tandem.people import link_sealing
from tandem.people.link_keys import can_be_sealed, opened, sealing_keys
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.legacy.shapes import STUDENT
from tandem.upgrade.mapping.terms import Facts

COLUMN = "parentLinkToken"


def seal_all(connection: psycopg.Connection) -> None:
    """Seal every plain link of Tandem's, some in each transaction; nothing where an old side stands."""
    _until_none(connection, link_sealing.seal_some)


def seal_all_anew(connection: psycopg.Connection) -> None:
    """Seal every link with the first key; those that no key opens stay as they are."""
    seal_all(connection)
    _until_none(connection, link_sealing.seal_some_anew)


def open_all(connection: psycopg.Connection) -> None:
    """Make every link of Tandem's plain for an old application; to be called once it is written
    down that one stands beside.
    """
    with connection.transaction():
        link_sealing.no_more_sealed(connection.cursor())
    _until_none(connection, link_sealing.open_some)


def refuse_unreadable(connection: psycopg.Connection) -> None:
    """Raise UpgradeRefusedError where links are sealed with a key that is not here."""
    if found := link_sealing.unreadable_links(connection.cursor()):
        raise UpgradeRefusedError(
            f"{len(found):,} parents' links were sealed with a key that is not here, so the old "
            "application could not be given them. Bring the key back or make those links anew "
            "(`tandem doctor` says how). Nothing was changed."
        )


def seal_staged(connection: psycopg.Connection, facts: Facts) -> None:
    """Seal the links of the staged students, as they are to be written."""
    if not link_sealing.old_side_stands(connection.cursor()):
        found = ((pk, token) for pk, token, _ in _staged(connection, facts) if can_be_sealed(token))
        seal = sealing_keys().seal
        _restage(connection, facts, ((pk, seal(token)) for pk, token in found))


def stage_as_kept(connection: psycopg.Connection, facts: Facts) -> None:
    """Give each staged student the link as Tandem keeps it, where that is the same link.

    Any key may have sealed it. Where it is another link, the two stay unequal.
    """
    found = _staged(connection, facts)
    same = ((pk, kept) for pk, token, kept in found if kept and kept != token == opened(kept))
    _restage(connection, facts, same)


def without_links(old: OldSide) -> Iterator[str]:
    """Yield SQL that takes the links out of the old tables; no trigger of theirs runs.

    They are in the backup as they were, and in Tandem's own table, sealed.
    """
    if not old.has(STUDENT, COLUMN):
        return
    table = old.relation(STUDENT)
    cell = old.cell(STUDENT, COLUMN)
    value = f"gen_random_uuid()::text::{cell.type}" if cell.not_null else "NULL"
    yield f"ALTER TABLE {table} DISABLE TRIGGER USER"
    yield f"UPDATE {table} SET {old.column(STUDENT, COLUMN)} = {value}"
    yield "SET CONSTRAINTS ALL IMMEDIATE"  # what is left for the end holds a table as it is
    yield f"ALTER TABLE {table} ENABLE TRIGGER USER"


def _staged(connection: psycopg.Connection, facts: Facts) -> list[tuple[str, str, str | None]]:
    return connection.execute(
        sql.SQL(
            f"SELECT old.id, old.parent_link_token, there.parent_link_token FROM {facts.old(STUDENT)} old"
            " LEFT JOIN people_student there ON there.id = old.id"
            " WHERE old.parent_link_token IS NOT NULL"
        )
    ).fetchall()


def _restage(
    connection: psycopg.Connection, facts: Facts, links: Iterable[tuple[str, str]]
) -> None:
    """Write links to the staged students; by ``COPY``, which takes them in a third of the time."""
    kept = facts.working("kept_link")
    connection.execute(sql.SQL(f"{facts.create('kept_link')} (id text, link text)"))
    with connection.cursor().copy(sql.SQL(f"COPY {kept} FROM STDIN")) as copy:
        for link in links:
            copy.write_row(link)
    connection.execute(
        sql.SQL(
            f"UPDATE {facts.old(STUDENT)} old SET parent_link_token = kept.link"
            f" FROM {kept} kept WHERE old.id = kept.id"
        )
    )
    connection.execute(sql.SQL(f"DROP TABLE {kept}"))


def _until_none(connection: psycopg.Connection, some: Callable[[link_sealing.Cursor], int]) -> None:
    done = 1
    while done:
        with connection.transaction():
            done = some(connection.cursor())
