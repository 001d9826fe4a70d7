"""The page docs/reference/who-sees-what.md, made of the matrix. Run it to write the page."""

from collections.abc import Mapping
from pathlib import Path

from tests.api.who_sees_what import FIELDS, NEVER, PAGES_TELL

PAGE = Path(__file__).parents[2] / "docs/reference/who-sees-what.md"
BEGINNING = """# Who sees what

Made from the matrix in `tests/api/who_sees_what.py`, which is held against the API and the pages;
why it is so stands in [decision 71](../decisions/0071-who-sees-what-field-by-field.md). Roles are
what somebody is to one child, Ana:

| role | is |
|---|---|
| owner | an owner of the business |
| primary | her primary tutor |
| co-tutor | another tutor who teaches her now |
| asked | a tutor who was asked to teach her |
| planned | a tutor who will, from a day that lies ahead |
| former | a tutor who did until some weeks ago |
| cover | a tutor who stands in for one lesson |
| other | a tutor who has nothing to do with her |
| parent | whoever holds the parents' link, without an account |
| owner/read, primary/read | a token of the owner's or the primary tutor's that may only read |

Items of a list that belong to a tutor are told apart: `[own]` and `[another's]`. A number in
parentheses is the status of an answer that tells nothing. Rows that somebody may not see at all are
in none of their lists.
"""


def page() -> str:
    """Return the page as it should be."""
    parts = [BEGINNING, "## On pages", "", "| what | who reads it |", "|---|---|"]
    parts += [f"| {what} | {roles or 'nobody'} |" for what, roles in PAGES_TELL.items()]
    parts += ["", "## Over the API"]
    for place, groups in FIELDS.items():
        parts += ["", f"### GET {place}", "", *_lines(groups)]
        if never := NEVER.get(place.partition(": ")[0]):
            parts.append(f"- not in this example: {never}")
    return "\n".join(parts) + "\n"


def _lines(groups: Mapping[str, str]) -> list[str]:
    return [
        f"- **{roles.replace(' ', ', ')}**: {', '.join(f'`{one}`' for one in fields.split())}"
        for roles, fields in groups.items()
    ]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
