"""The page of settings names every one, and none that is not."""

import re
from math import prod
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"\b(TANDEM_[A-Z_]+|DATABASE_URL|EMAIL_URL)\b")
OUR_OWN = {"TANDEM_POOL"}
"""Set by `tandem serve` for the processes it starts."""


def test_every_setting_is_documented() -> None:
    """Each name that the code reads stands in the page's tables, and the other way round."""
    read = {
        name
        for file in (ROOT / "tandem").rglob("*.py")
        for name in re.findall(r'"(TANDEM_[A-Z_]+|DATABASE_URL|EMAIL_URL)"', file.read_text())
    }
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \|", page, flags=re.MULTILINE)
    assert sorted(rows) == sorted(read - OUR_OWN)
    assert {*NAME.findall(page)} <= {*rows}


def test_every_number_is_the_one_that_holds() -> None:
    """What the page says of a setting without a value is what the code takes then."""
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    code = (ROOT / "tandem" / "settings.py").read_text(encoding="utf-8")
    numbers = re.findall(r'whole_number\("([A-Z_]+)", ([\d_]+(?: \* [\d_]+)*)[,)]', code)
    assert len(numbers) > 15
    for name, default in numbers:
        (said,) = re.findall(rf"^\| `{name}` \|.*\| ([^|]*) \|$", page, flags=re.MULTILINE)
        number = prod(map(int, default.replace("_", "").split(" * ")))
        assert re.match(rf"{number}\b", said), (name, number, said)
