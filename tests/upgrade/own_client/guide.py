"""The code of the guide for an application of one's own, taken from the page itself."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "from-prisma-calls.md"
HELPERS = 'import { subjectNamed, tryAgain } from "./tandem-db.mjs";\n'


def blocks(language: str) -> list[str]:
    """Return the page's blocks of code in a language."""
    page = GUIDE.read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def write_modules(folder: Path) -> None:
    """Write the helpers, what was called before, and what is called now, as modules."""
    code = blocks("js")
    (helpers,) = (one for one in code if one.startswith("// lib/tandem-db.mjs"))
    before, now = (
        "".join(one for one in code if one.startswith(f"// {word}\n")) for word in ("before", "now")
    )
    (folder / "tandem-db.mjs").write_text(helpers, encoding="utf-8")
    (folder / "before.mjs").write_text(before, encoding="utf-8")
    (folder / "now.mjs").write_text(HELPERS + now, encoding="utf-8")


def refusals() -> set[tuple[str, str]]:
    """Return the codes and constraints of the table of what is refused."""
    found = set()
    for code, names in re.findall(
        r"^\| `(2\w{4})` \| (.*?) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE
    ):
        found |= {(code, name) for name in re.findall(r"`(\w+)`", names)}
    return found
