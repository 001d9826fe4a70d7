"""Each fault that `tandem doctor` can find is brought about by a test that sees its words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVING = Path(__file__).parents[2] / "tandem" / "serving"
TESTS = [Path(__file__).with_name(name) for name in ("test_doctor.py", "test_roles.py")]
SHORTEST = 6
UNSAID = "\0"
"""Stands for what is filled in."""
Fault = tuple[str, str, str]


def written(node: ast.expr | None) -> str:
    """Return the words of a text in the code, whole or with gaps."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else UNSAID for part in node.values
        )
    return UNSAID


def faults() -> Iterator[Fault]:
    """Yield place, sentence and remedy of every finding in the code that is not well."""
    for file in sorted(SERVING.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                given = {one.arg: one.value for one in node.keywords}
                if written(given["ok"]) == "False":
                    texts = (written(given["sentence"]), written(given["remedy"]))
                    yield f"{file.name}:{node.lineno}", *texts


def told() -> set[str]:
    """Return every text in the tests of the doctor that is long enough to tell one from another."""
    return {
        part
        for file in TESTS
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for part in written(node).split(UNSAID)
        if len(part) >= SHORTEST
    }


def is_told(text: str, tests: set[str]) -> bool:
    """Tell whether a test looks for a part of a text, where the text stands in the code at all."""
    longest = max(text.split(UNSAID), key=len)
    return len(longest) < SHORTEST or any(part in text for part in tests)


@pytest.mark.parametrize("fault", [*faults()], ids=lambda fault: fault[0])
def test_a_test_brings_it_about(fault: Fault) -> None:
    """By the sentence and by the remedy that it expects."""
    _, sentence, remedy = fault
    assert is_told(sentence, told()), sentence
    assert is_told(remedy, told()), remedy


def test_there_are_as_many_as_one_knows_of() -> None:
    """Else none might have been found."""
    assert len([*faults()]) > 20
