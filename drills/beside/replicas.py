"""A standby that takes over in the middle, and a subscriber of the old tables to the end."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from drills.beside.stand import REPLICATED, Stand, stand, wait_for, writing
from tandem.kit import embedded
from tandem.kit.embedded import Server
from tandem.kit.embedded.cluster import Cluster
from tandem.kit.embedded.folders import Folders, make_private
from tests.memory import roomiest
from tests.run import SMALL
from tests.upgrade.old_databases import write_postgres

COMPARED = (
    "people_student", "relationships_tutorstudent", "relationships_relationshipevent",
    "lessons_session", "upgrade_gradualupgrade", "tandem_sync.missed", '"Student"', '"Session"',
)  # fmt: skip
BEHIND = """SELECT count(*) = 1 AND bool_and(replay_lsn >= pg_current_wal_lsn())
FROM pg_stat_replication WHERE state = 'streaming'"""


@contextmanager
def another_server() -> Iterator[tuple[Path, Cluster]]:
    """Yield the data folder of a server that is not made yet, and its cluster."""
    with tempfile.TemporaryDirectory(prefix="tandem-drills-", dir=roomiest()) as home:
        yield Path(home), Cluster.find(Folders.make(Path(home)), None)


@contextmanager
def standby_of(place: Stand) -> Iterator[Server]:
    """Yield a standby that follows the server of ``place``."""
    with another_server() as (home, cluster):
        data = cluster.folders.data
        make_private(data, cluster.account)
        copy = ("-D", data, "-h", place.server.socket_dir, "-U", "tandem", "-R", "-X", "stream")
        program = cluster.programs.folder / "pg_basebackup"
        done = cluster.account.run(program, *copy, cwd=cluster.folders.server)
        if done.returncode != 0:
            raise RuntimeError(done.stdout)
        with embedded.running(home, settings={**SMALL, **REPLICATED}) as server:
            yield server


def a_standby_takes_over() -> str:
    """It holds what the other held, and the upgrade goes on there where it was."""
    with stand(REPLICATED) as place, standby_of(place) as standby:
        with writing(place.url):
            place.run("expand")
            place.run("backfill")
        wait_for(lambda: bool(_one(place.url, BEHIND)), "the standby's being up to date")
        there, here = _weights(standby.url()), _weights(place.url)
        if there != here:
            raise RuntimeError(f"the standby differs: {here} {there}")
        _one(standby.url(), "SELECT pg_promote()")
        taken_over = Stand(standby, place.home)
        with writing(taken_over.url) as writers:
            differing = taken_over.differing()
        differing += taken_over.differing()
        failed = [words for writer in writers for words in writer.failed]
        if differing or failed:
            raise RuntimeError(f"after the standby took over: {differing} differ, {failed[:2]}")
        taken_over.run("switch")
        taken_over.run("verify")
        taken_over.run("contract")
    return f"{len(COMPARED)} tables equal on the standby; it took over and was brought to the end"


def a_subscriber_follows() -> str:
    """What it has of the old tables is what they hold, from `expand` until they are moved away."""
    with (
        stand(REPLICATED) as place,
        another_server() as (home, _),
        embedded.running(home, settings={**SMALL, **REPLICATED}) as server,
    ):
        write_postgres(server.url(), [])
        _run(place.url, 'CREATE PUBLICATION old FOR TABLE "Tutor", "Student", "Session"')
        source = f"host={place.server.socket_dir} user=tandem dbname=tandem"
        _run(server.url(), f"CREATE SUBSCRIPTION old CONNECTION '{source}' PUBLICATION old")
        with writing(place.url):
            place.run("expand")
            place.run("backfill")
        place.run("verify")
        place.run("switch")
        place.run("verify")
        wait_for(lambda: _tables(server.url()) == _tables(place.url), "the subscriber's rows")
        place.run("contract")
        count = int(str(_one(server.url(), 'SELECT count(*) FROM "Session"')))
        errors = _one(server.url(), "SELECT sum(apply_error_count) FROM pg_stat_subscription_stats")
        _run(server.url(), "DROP SUBSCRIPTION old")
    if errors:
        raise RuntimeError(f"{errors} errors at the subscriber")
    return f"{count} sessions at the subscriber as in the old table; no error there at the end"


def _tables(url: str) -> list[object]:
    return [_weight(url, table) for table in ('"Tutor"', '"Student"', '"Session"')]


def _weights(url: str) -> list[object]:
    return [_weight(url, table) for table in COMPARED]


def _weight(url: str, table: str) -> object:
    return _one(
        url, f"SELECT (count(*), sum(hashtextextended(t::text, 0)::numeric)) FROM {table} t"
    )


def _one(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
