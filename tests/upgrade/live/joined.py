"""Databases that were filled, expanded and backfilled, which is done once for tests that begin so.

Ids are made from what is there, so it comes out the same each time: what it left is copied, in a
fifth of the time. A process keeps the last few, as tests of a module come after each other.
"""

from collections import OrderedDict

import psycopg
from psycopg import sql

from tandem.kit.ids import new_id
from tests.migrated import name_in
from tests.upgrade.asking import forget
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import COPY, Row, address_of

MOST = 3
DROP = sql.SQL("DROP DATABASE {} WITH (FORCE)")

_kept: OrderedDict[str, str] = OrderedDict()
"""What a database was filled with -> the name of one that nobody is connected to."""


def joined(live: Live, *rows: Row, half: bool = False) -> Live:
    """Let an empty database, in which nothing was done, be one that was filled and joined."""
    own, beginning = name_in(live.url), repr((rows, half))
    if beginning in _kept:
        _kept.move_to_end(beginning)
        forget(own)
        _run(DROP.format(sql.Identifier(own)), _copy(_kept[beginning], own))
        return live
    live.fill(*rows, half=half).join()
    forget(own)
    name = f"tandem_joined_{new_id()}"
    _run(_copy(own, name))
    _kept[beginning] = name
    let_go(MOST)
    return live


def let_go(most: int = 0) -> None:
    """Drop what is kept, but for so many that were used last."""
    while len(_kept) > most:
        _beginning, name = _kept.popitem(last=False)
        _run(DROP.format(sql.Identifier(name)))


def _copy(source: str, name: str) -> sql.Composed:
    return COPY.format(sql.Identifier(name), sql.Identifier(source))


def _run(*statements: sql.Composed) -> None:
    with psycopg.connect(address_of("postgres"), autocommit=True) as server:
        for statement in statements:
            server.execute(statement)
