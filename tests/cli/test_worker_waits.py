"""A worker that is started before there are tables, as beside the site on a new machine."""

from pathlib import Path

import psycopg

from tests.cli.running import started, tandem, wait_for

BEATS = "SELECT count(*) FROM serving_heartbeat"


def test_a_worker_waits_for_its_tables(bare_database: str, tmp_path: Path) -> None:
    """It says so and is at work once they are there; before, each task left a traceback."""
    there = {"DATABASE_URL": bare_database, "TANDEM_HOME": str(tmp_path / "home")}
    output = tmp_path / "output"
    with started("worker", output=output, TANDEM_HEARTBEAT_SECONDS="1", **there) as worker:
        wait_for("waiting for the tables", output, worker)
        assert tandem("user", "list", **there).returncode == 0
        with psycopg.connect(bare_database, autocommit=True) as connection:
            wait_for_beat(connection)
    assert "task failed" not in output.read_text(encoding="utf-8")


def wait_for_beat(connection: psycopg.Connection) -> None:
    """Wait until the worker has said that it is at work."""
    for _ in range(300):
        if connection.execute(BEATS).fetchone() != (0,):
            return
        connection.execute("SELECT pg_sleep(0.1)")
    raise AssertionError("the worker was never at work")
