"""Parents' links as the table keeps them: sealed, and plain beside an older application.

Who reads a student opens the link (``link_keys.opened``); who writes one asks ``kept_form``. What
is plain though no older application stands beside (it came by plain SQL) is found all the same,
and sealed by the worker's next round. The functions below take a cursor of Django's or psycopg's
and work in its transaction, because commands have connections of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, transaction
from psycopg import sql

from tandem.kit.named_sql import NamedStatements
from tandem.people.link_keys import LinkKeys, link_keys, sealing_keys

STATEMENTS = NamedStatements(Path(__file__).with_name("link_sealing.sql"))
TAKE_TURN, WAIT_FOR_OTHERS, OLD_SIDE_STANDS, SAY_SEALING, PLAIN = map(
    STATEMENTS.compose,
    ("take_turn", "wait_for_others", "old_side_stands", "say_sealing", "plain_links"),
)
AT_ONCE = 500


class Cursor(Protocol):
    """What both Django's cursors and psycopg's can do."""

    def execute(self, query: Any, params: Any = None, /) -> Any: ...

    def fetchall(self) -> list[Any]: ...


@dataclass(frozen=True)
class Holders:
    """A table whose rows hold links, and the statements about them."""

    sealed: str
    unreadable: str
    write: str

    @classmethod
    def of(cls, table: str, column: str) -> "Holders":
        """Return the statements for a table and the column of it that holds the links."""
        names = {"table": sql.Identifier(table), "link": sql.Identifier(column)}
        return cls(
            *(
                STATEMENTS.compose(name, **names)
                for name in ("sealed_links", "unreadable_links", "write_links")
            )
        )


STUDENTS = Holders.of("people_student", "parent_link_token")
GUARDIANS = Holders.of("people_guardian", "link_token")
"""No older application knows them, so theirs are never plain."""


def kept_form(token: str) -> str:
    """Return a new link as it is to be written in this transaction."""
    return kept_forms([token])[0]


def kept_forms(tokens: Sequence[str]) -> list[str]:
    """Return the same of many links, which are judged at one go."""
    with connection.cursor() as cursor:
        if old_side_stands(cursor):
            return [*tokens]
    keys = sealing_keys()
    return [keys.seal(token) for token in tokens]


def old_side_stands(cursor: Cursor) -> bool:
    """Tell whether an older application shares the database, and go on doing so for a while.

    It holds to the end of the transaction: who begins an upgrade waits (``no_more_sealed``).
    """
    cursor.execute(TAKE_TURN)
    cursor.execute(OLD_SIDE_STANDS)
    return bool(cursor.fetchall()[0][0])


def seal_waiting_links() -> int:
    """Seal every plain link, unless an older application stands beside; return how many."""
    sealed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            done = seal_some(cursor)
        if not done:
            return sealed
        sealed += done


def seal_some(cursor: Cursor) -> int:
    """Seal the next plain links that nobody has in hand; return how many: 0 when all are."""
    cursor.execute(PLAIN, {"most": AT_ONCE})
    if not (found := cursor.fetchall()) or old_side_stands(cursor):
        return 0
    return _written(cursor, STUDENTS, found, sealing_keys().seal)


def open_some(cursor: Cursor) -> int:
    """Make the next sealed links plain again, as an older application needs them."""
    keys = link_keys()
    cursor.execute(STUDENTS.sealed, {"most": AT_ONCE, "names": keys.names})
    return _written(cursor, STUDENTS, cursor.fetchall(), _certainly_opened(keys))


def seal_some_anew(cursor: Cursor) -> int:
    """Seal the next links with the first key that were sealed with another; return how many.

    Those that no key opens stay as they are.
    """
    keys = sealing_keys()
    anew = _certainly_opened(keys)
    done = 0
    for holders in (STUDENTS, GUARDIANS):
        cursor.execute(holders.sealed, {"most": AT_ONCE, "names": keys.names[1:]})
        done += _written(cursor, holders, cursor.fetchall(), lambda kept: keys.seal(anew(kept)))
    return done


def unreadable_links(cursor: Cursor) -> list[str]:
    """Return the students whose link no key of this installation opens, by id."""
    return _unreadable(cursor, STUDENTS)


def unreadable_links_of_guardians(cursor: Cursor) -> list[str]:
    """Return the guardians whose link no key of this installation opens, by id."""
    return _unreadable(cursor, GUARDIANS)


def no_more_sealed(cursor: Cursor) -> None:
    """Wait until nobody is at sealing who began before an upgrade was written down."""
    cursor.execute(WAIT_FOR_OTHERS)


def _unreadable(cursor: Cursor, holders: Holders) -> list[str]:
    cursor.execute(holders.unreadable, {"names": link_keys().names})
    return [pk for (pk,) in cursor.fetchall()]


def _certainly_opened(keys: LinkKeys) -> Callable[[str], str]:
    def certainly(kept: str) -> str:
        token = keys.open(kept)
        if token is None:
            raise ValueError("A parents' link cannot be opened with its own key: it was altered.")
        return token

    return certainly


def _written(
    cursor: Cursor, holders: Holders, found: list[Any], change: Callable[[str], str]
) -> int:
    """Write the same links in another form, which is no change of anybody's."""
    if not found:
        return 0
    values = {
        "ids": [pk for pk, _ in found],
        "before": [kept for _, kept in found],
        "kept": [change(kept) for _, kept in found],
    }
    cursor.execute(SAY_SEALING, {"said": "on"})
    cursor.execute(holders.write, values)
    cursor.execute(SAY_SEALING, {"said": "off"})
    return len(found)
