"""Questions to databases of the tests, over connections that are kept until the database goes.

A new one costs the server 3 ms, and as much again to read about the tables: more than most answers.
"""

import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

Rows = psycopg.Connection[dict[str, Any]]
Found = TypeVar("Found")

_kept: dict[tuple[int, str], Rows] = {}
"""By process, as a forked one must not speak over what its parent opened, and address."""


def asked(url: str, question: Callable[[Rows], Found]) -> Found:
    """Return the answer; each statement is a transaction of its own.

    A thread beside the main one has a connection to itself, and so waits for nobody's answer.
    """
    if threading.current_thread() is not threading.main_thread():
        with _open(url) as connection:
            return question(connection)
    connection = _connection_to(url)
    try:
        return question(connection)
    except psycopg.OperationalError:
        if not connection.broken:
            raise
    return question(_connection_to(url))  # A test had ended the server, or this connection.


def forget(name: str) -> None:
    """Close what is kept to a database, so that it can be copied or dropped."""
    for (process, url), connection in [*_kept.items()]:
        if process == os.getpid() and connection.info.dbname == name:
            connection.close()
            del _kept[process, url]


def _connection_to(url: str) -> Rows:
    key = os.getpid(), url
    if key not in _kept or _kept[key].closed:
        _kept[key] = _open(url)
    return _kept[key]


def _open(url: str) -> Rows:
    return psycopg.connect(
        url,
        autocommit=True,
        prepare_threshold=None,  # a test may change the tables between two questions
        row_factory=dict_row,
        options="-c timezone=UTC -c datestyle=ISO",
    )
