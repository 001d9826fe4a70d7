"""The page about the command line names every command and every option, and none besides."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from tandem.cli import app

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each command that does something, with its whole name."""
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
    for word, one in (below or {}).items():
        yield from commands(one, f"{name} {word}")


def sections() -> dict[str, str]:
    """Return the text under each heading, by the command in it."""
    parts = re.split(
        r"^## (tandem(?: [a-z]+(?:-[a-z]+)*)*)(.*)$",
        PAGE.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    return dict(zip(parts[1::3], parts[3::3], strict=True))


def test_every_command() -> None:
    """Each command of `tandem --help`, at any depth, has a section of its own; no other has."""
    assert sections().keys() == {name for name, _ in commands(get_command(app), "tandem")}


def test_every_option() -> None:
    """Each section names just the options that its command has."""
    for name, command in commands(get_command(app), "tandem"):
        named = set(re.findall(r"--[a-z][a-z-]+", sections()[name]))
        options = {one for given in command.params for one in given.opts if one.startswith("--")}
        turned_off = {one for given in command.params for one in given.secondary_opts}
        assert options <= named <= options | turned_off, name
