"""The requirements of OWASP ASVS 5.0, levels 1 and 2, and how Tandem meets each (``asvs.toml``)."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).with_name("asvs.toml")
WAYS = ("test", "doctor", "page", "absent", "unmet")


@dataclass(frozen=True)
class Requirement:
    """One line: by exactly one of ``WAYS``, what shows it, or why it is not met."""

    chapter: str
    number: str
    level: int
    about: str
    way: str
    shown_by: tuple[str, ...]
    note: str = ""


@cache
def titles() -> dict[str, str]:
    """Return the chapters' titles, by ``V1`` and so on."""
    return {name: str(lines["title"]) for name, lines in _chapters().items()}


@cache
def requirements() -> tuple[Requirement, ...]:
    """Return every line, as they stand. ValueError where one is undecided or decided twice."""
    return tuple(
        _requirement(chapter, number, line)
        for chapter, lines in _chapters().items()
        for number, line in lines.items()
        if number != "title"
    )


@cache
def absences() -> dict[str, dict[str, str]]:
    """Return what Tandem does not have: why in words, and what in its source would belie it."""
    return dict(_data()["absent"])


def named_tests() -> set[str]:
    """Return every test that a line names."""
    return {one for line in requirements() if line.way == "test" for one in line.shown_by}


def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def _chapters() -> dict[str, dict[str, Any]]:
    return {name: lines for name, lines in _data().items() if re.fullmatch(r"V\d+", name)}


def _requirement(chapter: str, number: str, line: dict[str, Any]) -> Requirement:
    ways = [way for way in WAYS if line.get(way)]
    unknown = set(line) - {*WAYS, "level", "about", "note"}
    if len(ways) != 1 or unknown:
        raise ValueError(f"{number} has to have one of {', '.join(WAYS)}; it has {sorted(line)}.")
    found = line[ways[0]]
    shown_by = tuple(found) if isinstance(found, list) else (str(found),)
    return Requirement(
        chapter, number, line["level"], line["about"], ways[0], shown_by, line.get("note", "")
    )
