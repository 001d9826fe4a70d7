"""Killed before anything that is said to the database: no letter is lost, none has two names."""

import re
import time
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest

from tests.lessons.dying_sender import Sender
from tests.served.test_notices import PATIENCE, Post, post_office
from tests.upgrade.old_databases import database

KEEP = "CREATE TABLE kept_notices AS SELECT * FROM lessons_notice"
BACK = "TRUNCATE lessons_notice; INSERT INTO lessons_notice SELECT * FROM kept_notices"
OPEN = "SELECT count(*) FROM lessons_notice WHERE sent_at IS NULL OR failure <> ''"
OTHERS = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
PLANNED_AND_TOLD = """SELECT (SELECT count(*) FROM lessons_session),
(SELECT count(*) FROM lessons_notice WHERE guardian_id IS NOT NULL)"""
SENT = """SELECT count(*) FROM lessons_notice
WHERE sent_at IS NOT NULL AND kind = 'changes' AND guardian_id IS NOT NULL"""
AS_PLANNED = """SET tandem.application = 'on'; SET tandem.erasing = 'yes';
DELETE FROM lessons_sessionevent WHERE what = 'cancelled';
UPDATE lessons_session SET status = 'scheduled'"""
PLANNED = re.compile(r"To: maria@.*^Planned:", re.MULTILINE | re.DOTALL)
CALLED_OFF = re.compile(r"To: maria@.*^Cancelled:", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"^Message-ID: (.*?)\r?$", re.MULTILINE)
TO = re.compile(r"^To: (.*?)\r?$", re.MULTILINE)
READERS = ["ben@tandem.example", "maria@home.example", "maria@home.example"]
"""The tutor and the guardian are told that it is planned, and she is reminded."""
MOST = 300


@pytest.fixture
def told(template: str) -> Iterator[tuple[Sender, Post, psycopg.Connection]]:
    """A database of its own in which a lesson was planned, a mail server, and who sends."""
    with (
        database(template) as url,
        post_office() as post,
        psycopg.connect(url, autocommit=True) as connection,
        Sender(url, f"smtp://127.0.0.1:{post.port}") as sender,
    ):
        assert sender.completes("begin")
        yield sender, post, connection


def number(connection: psycopg.Connection, asked: str) -> tuple[int, ...]:
    row = connection.execute(asked.encode()).fetchone()
    assert row
    return tuple(row)


def until_it_is_gone(connection: psycopg.Connection) -> None:
    """Wait until the server has noticed that who was killed is gone, and let go of its names."""
    until = time.monotonic() + PATIENCE
    while number(connection, OTHERS) != (0,):
        assert time.monotonic() < until
        time.sleep(0.005)


def came(post: Post) -> Counter[tuple[str, str]]:
    """Return how often each letter came: whom it is to, and its name; forget them."""
    found = Counter((TO.findall(one)[0], NAME.findall(one)[0]) for one in post.letters)
    post.letters.clear()
    return found


def test_a_killed_worker_loses_no_letter_and_gives_none_two_names(
    told: tuple[Sender, Post, psycopg.Connection],
) -> None:
    """At each moment, from the same beginning; then one goes on, and sends what is left.

    The letter in hand may go again under the same name, which is all that can be done about it.
    """
    sender, post, connection = told
    connection.execute(KEEP)
    twice, says, done = 0, 0, False
    while not done:
        connection.execute(BACK)
        done = sender.completes("send", says=says)
        until_it_is_gone(connection)
        assert sender.completes("send")
        letters = came(post)
        assert sorted(to for to, _name in letters) == READERS, says
        assert sum(letters.values()) - len(letters) <= 1, says
        assert number(connection, OPEN) == (0,)
        twice += sum(letters.values()) > len(letters)
        says += 1
        assert says < MOST
    assert says > len(READERS) * 5
    assert twice >= len(READERS)


def test_what_is_called_off_after_a_kill_is_told_to_who_may_have_read_of_it(
    told: tuple[Sender, Post, psycopg.Connection],
) -> None:
    """Killed at each moment of the first letter, which may have arrived and is noted nowhere."""
    sender, post, connection = told
    connection.execute(KEEP)
    says, arrived = 0, 0
    was_sent: tuple[int, ...] = (0,)
    while not was_sent[0]:
        connection.execute(AS_PLANNED.encode())
        connection.execute(BACK)
        sender.completes("send", says=says)
        until_it_is_gone(connection)
        has_read = any(map(PLANNED.search, post.letters))
        was_sent = number(connection, SENT)
        assert sender.completes("call off")
        assert sender.completes("send")
        assert any(map(CALLED_OFF.search, post.letters)) >= has_read, says
        arrived += has_read and not was_sent[0]
        post.letters.clear()
        says += 1
        assert says < MOST
    assert arrived > 0


def test_who_is_killed_while_planning_is_told_of_all_or_nothing(
    told: tuple[Sender, Post, psycopg.Connection],
) -> None:
    """A lesson that is there has its letter; of one that is not there is none."""
    sender, _post, connection = told
    says, killed, done = 0, 0, False
    while not done:
        done = sender.completes("plan", says=says)
        lessons, letters = number(connection, PLANNED_AND_TOLD)
        assert lessons == letters
        killed += not done
        says += 1
        assert says < MOST
    assert killed > 2
    assert lessons >= 2
