"""Each requirement of ASVS 5.0 at level 2 is decided, and what a line names is there."""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.security.asvs import ROOT, absences, named_tests, requirements
from tests.security.asvs_page import PAGE, page

LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3",
    "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333",
    "6.6": "2223", "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222",
    "10.6": "22", "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23",
    "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
"""Of each section of version 5.0.0, the level of each requirement, in order."""
MOST_BY_DOCTOR = 40
SOURCE = [
    file
    for kind in ("*.py", "*.html", "*.js")
    for file in (ROOT / "tandem").rglob(kind)
    if "migrations" not in file.parts
]


def test_every_requirement_of_both_levels_has_its_line() -> None:
    """253 of them, 70 of level 1, each once, at its level."""
    wanted = {
        f"{section}.{at}": int(level)
        for section, levels in LEVELS.items()
        for at, level in enumerate(levels, 1)
        if level != "3"
    }
    assert (len(wanted), sum(level == 1 for level in wanted.values())) == (253, 70)
    assert {one.number: one.level for one in requirements()} == wanted
    assert all(one.chapter == f"V{one.number.split('.')[0]}" for one in requirements())


def test_the_tests_that_are_named_are_there() -> None:
    assert [name for name in sorted(named_tests()) if not there(name)] == []


def test_a_test_that_is_not_there_is_noticed() -> None:
    """By its file, its name, or what it is run with."""
    for name in (
        "tests/security/test_nothing.py::test_a",
        "tests/security/test_asvs.py::test_nothing",
        "tests/security/test_source.py::test_pages_keep_away_from[nothing]",
    ):
        assert not there(name)


def there(name: str) -> bool:
    file, _, function = name.partition("::")
    function, _, parameter = function.partition("[")
    if function not in functions(ROOT / file):
        return False
    return not parameter or f'"{parameter[:-1]}"' in (ROOT / file).read_text(encoding="utf-8")


@cache
def functions(file: Path) -> frozenset[str]:
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


def test_the_pages_that_are_named_have_the_heading() -> None:
    """And something under it."""
    for one in requirements():
        if one.way == "page":
            file, _, heading = one.shown_by[0].partition("#")
            assert len(under(ROOT / file, heading)) > 100, one.number


def under(file: Path, heading: str) -> str:
    """Return what stands under a heading, by the name that a link has for it; else nothing."""
    parts = re.split(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {slug(name): text for name, text in found.items()}.get(heading, "")


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")


def test_doctor_has_the_checks_that_are_named() -> None:
    """And is asked for few: what a test can show is shown by one."""
    files = ("tandem/serving/doctor.py", "tandem/serving/ways.py", "tandem/serving/advice.py")
    source = "".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    named = [one.shown_by[0] for one in requirements() if one.way == "doctor"]
    assert len(named) <= MOST_BY_DOCTOR
    assert [one for one in named if f'"{one}"' not in source] == []


@pytest.mark.parametrize("name", absences())
def test_what_is_said_to_be_missing_is(name: str) -> None:
    """A word that would belie it is nowhere in the source; and some line needs it."""
    assert name in {one.shown_by[0] for one in requirements() if one.way == "absent"}
    never = absences()[name]["never"]
    assert not never or traces(never) == []


def traces(pattern: str, files: Iterable[Path] = SOURCE) -> list[str]:
    words = re.compile(pattern, re.IGNORECASE)
    return [
        f"{file.relative_to(ROOT)}: {line.strip()[:80]}"
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
        if words.search(line)
    ]


def test_what_is_not_met_says_why() -> None:
    """In a sentence that names what to do or what stands there instead."""
    for one in requirements():
        if one.way == "unmet":
            assert len(one.shown_by[0]) > 10, one.number


def test_the_page_is_made_of_the_lines() -> None:
    """``python -m tests.security.asvs_page`` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()
