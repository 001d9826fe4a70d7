"""Every command that asks the database starts the server that Tandem brings, if nobody did."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from tandem.cli import app
from tests.cli.forked import forked
from tests.kit.embedded_server import new_home

# Those that stay, and have tests of their own (`demo` in a folder of its own), or ask no database.
ELSEWHERE = {"serve", "worker", "demo", "sample", "schema", "database key"}
NEEDS = {
    "retention": ["--years", "9"],
    "upgrade check": ["--from", "{folder}/old.sqlite"],
    "upgrade replace": ["--from", "{folder}/old.sqlite"],
    "upgrade restore": ["{folder}/none", "--to", "{folder}/back.sqlite"],
    "user create": ["--email", "o@x.org", "--owner", "--password-stdin"],
    "user role": ["--email", "o@x.org", "--owner"],
    "user address": ["--email", "o@x.org", "--to", "p@x.org"],
    "user reset-second-factor": ["o@x.org"],
    "user reseal-second-factors": [],
    "token revoke": ["none"],
    "import students": ["{folder}/people.csv"],
    "import tutors": ["{folder}/people.csv"],
    "links rotate": ["--list", "{folder}/links.csv"],
    "export student": ["none", "--to", "{folder}/student"],
    "export tutor": ["none", "--to", "{folder}/tutor"],
    "database run": ["--", "true"],
    "database backup": ["{folder}/all.dump"],
    "database restore": ["{folder}/none"],
}


def commands(command: Any, name: str = "") -> Iterator[str]:
    """Yield the whole name of every command."""
    parts = getattr(command, "commands", None)
    if parts is None:
        yield name
    for part, one in (parts or {}).items():
        yield from commands(one, f"{name} {part}".strip())


ALL = set(commands(typer.main.get_command(app)))


def arguments(name: str, folder: Path) -> list[str]:
    """Return what the command cannot be run without."""
    for_all = ["--email", "o@x.org"] if name.startswith(("user", "token create")) else []
    given = NEEDS.get(name, [] if name == "user list" else for_all)
    return [one.format(folder=folder) for one in given]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an old database; the data folder's server is made there, and stopped."""
    folder = tmp_path_factory.mktemp("rest")
    assert forked("sample", str(folder / "old.sqlite")).returncode == 0
    (folder / "people.csv").write_text("Name,E-mail\nAna Ruiz,ana@x.org\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with new_home() as home:
        yield home


@pytest.mark.xdist_group("server at rest")
@pytest.mark.parametrize("name", sorted(ALL - ELSEWHERE))
def test_it_starts_the_server(folder: Path, home: Path, name: str) -> None:
    """Whatever it finds there, or refuses: that nothing could be reached is not among it."""
    done = forked(
        *name.split(),
        *arguments(name, folder),
        given="a long enough secret",
        DATABASE_URL="",
        TANDEM_OWNER_URL="",
        TANDEM_HOME=str(home),
    )
    assert "cannot be reached" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode != 2, done.stderr  # of how it was called, so that nothing was tried


@pytest.mark.xdist_group("server at rest")
def test_the_order_of_the_readme(folder: Path) -> None:
    """A sample, replaced, and verified with nothing running in between."""
    with new_home() as home:
        for name in (["replace", "--from", str(folder / "old.sqlite")], ["verify"], ["verify"]):
            done = forked(
                "upgrade", *name, DATABASE_URL="", TANDEM_OWNER_URL="", TANDEM_HOME=str(home)
            )
            assert done.returncode == 0, done.stderr
