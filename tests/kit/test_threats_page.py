"""Every test that the page of threats points to is there; and none of its lines points nowhere."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "concepts" / "threats.md"
LINE = re.compile(r"^\| (?!who wants|---)(.*) \|$", re.MULTILINE)


def test_each_line_names_tests_that_are_there() -> None:
    lines = LINE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(lines) > 20
    for line in lines:
        named = re.findall(r"`(tests/[a-z_/]+\.py)`", line.rpartition("|")[2])
        assert named, line
        assert [one for one in named if not (ROOT / one).is_file()] == []
