"""What the guide for developers says of refusals is what there is."""

import re
from pathlib import Path

from tandem.api.errors import TITLES

GUIDE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


def test_the_guide_names_every_type_of_problem() -> None:
    """With its status; and none that there is not."""
    row = re.compile(r"^\| (\d{3}) \| `([a-z-]+)` \|", re.MULTILINE)
    rows = row.findall(GUIDE.read_text("utf-8"))
    assert {(name, int(status)) for status, name in rows} == {
        (name, status) for name, (status, _) in TITLES.items()
    }
