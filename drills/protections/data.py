"""The protections that can be switched off, each by a small change of one file (``protections.toml``)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).with_name("protections.toml")


@dataclass(frozen=True)
class Protection:
    """``old`` stands once in ``file``; with ``new`` in its place the protection is off.

    ``tests`` have to fail then. ``migrates``: the tests need a database that is made anew.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    migrates: bool = False

    def switched_off(self, root: Path = ROOT) -> str:
        """Return the file's text without the protection. ValueError where it is not there once."""
        text = (root / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.file} has it {text.count(self.old)} times.")
        return text.replace(self.old, self.new)


@cache
def protections() -> tuple[Protection, ...]:
    """Return all, in the order in which they stand."""
    found = tomllib.loads(DATA.read_text(encoding="utf-8"))["protection"]
    return tuple(Protection(**{**one, "tests": tuple(one["tests"])}) for one in found)


def named(names: list[str]) -> list[Protection]:
    """Return those whose name contains one of ``names``; without any, all."""
    return [one for one in protections() if not names or any(name in one.name for name in names)]
