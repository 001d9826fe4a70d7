"""A server that asks for a password: a wrong one is refused, a right one never shown or stored."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

import psycopg

from tandem.kit import embedded
from tandem.upgrade.mapping.terms import literal
from tests.memory import roomiest
from tests.upgrade.old_databases import query, run, session, student, tutor, write_postgres
from tests.upgrade.test_bad_input import said

PASSWORD = "p@ss w/rd?'%"
QUOTED = "p%40ss%20w%2Frd%3F%27%25"
HBA = "local all guarded scram-sha-256\nlocal all all trust\n"


@contextmanager
def guarded_server() -> Iterator[str]:
    """An address with room for a password, of an old database on a server that asks for it."""
    above = Path(tempfile.mkdtemp(prefix="tandem-test-", dir=roomiest()))
    above.chmod(0o755)
    (above / "hba.conf").write_text(HBA)
    try:
        with embedded.running(
            above / "home", settings={"hba_file": str(above / "hba.conf")}, fast=True
        ) as server:
            rows = [tutor("ben"), student("ana", "ben"), session("s", "ana")]
            with psycopg.connect(write_postgres(server.url(), rows)) as database:
                run(database, f"CREATE ROLE guarded LOGIN PASSWORD {literal(PASSWORD)}")
                run(database, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guarded")
            yield f"postgresql://guarded:{{}}@/{server.database}?host={server.socket_dir}"
    finally:
        rmtree(above)


def test_passwords(target: str, tmp_path: Path) -> None:
    """A wrong one is not repeated; a right one reaches pg_dump, and is neither shown nor stored."""
    with guarded_server() as address:
        check_wrong(address.format("guess"), target)
        check_right(address.format(QUOTED), target, tmp_path)


def check_wrong(address: str, target: str) -> None:
    status, (sentence,), _ = said("upgrade", "replace", "--from", address, DATABASE_URL=target)
    assert status == 3
    assert "The old database cannot be reached" in sentence
    assert "password authentication failed" in sentence
    assert "guess" not in sentence


def check_right(address: str, target: str, folder: Path) -> None:
    status, complaints, output = said(
        "upgrade", "replace", "--from", address, "--backup-folder", folder, DATABASE_URL=target
    )
    assert (status, "no difference" in output) == (0, True)
    recorded = str(query(target, "SELECT * FROM upgrade_replacement"))
    assert "guarded" in recorded
    for word in ("p@ss", QUOTED):
        assert word not in " ".join([*complaints, output, recorded])
