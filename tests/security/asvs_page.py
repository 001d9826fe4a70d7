"""The page docs/reference/asvs.md, made of the data. Run it to write the page."""

import os
from collections import Counter

from tests.security.asvs import ROOT, Requirement, absences, requirements, titles

PAGE = ROOT / "docs/reference/asvs.md"
WORDS = {
    "test": "shown by a test",
    "doctor": "looked at by `tandem doctor` on an installation",
    "page": "written down",
    "absent": "does not apply: Tandem has no such thing",
    "unmet": "**not met**",
}
BEGINNING = """# ASVS 5.0, requirement by requirement

All {count} requirements of levels 1 and 2 of the OWASP Application Security Verification Standard
5.0.0, by number, in our own words: the standard's text says what each asks exactly. Made from
`tests/security/asvs.toml` (`python -m tests.security.asvs_page`); a test fails when a line is
undecided, a test or page that it names is not there, or a thing that Tandem is said not to have
appears in its source. `python -m drills protections` switches protections off one by one and looks
whether these tests notice.

{table}

This is our own look at our own work. Nobody else has certified it.
"""


def page() -> str:
    """Return the page as it should be."""
    lines = requirements()
    parts = [BEGINNING.format(count=len(lines), table=_counts(lines))]
    parts += ["## Not met", "", *[_unmet(one) for one in lines if one.way == "unmet"], ""]
    for chapter, title in titles().items():
        parts += [
            f"## {chapter} {title}",
            "",
            "| number | level | about | how |",
            "|---|---|---|---|",
        ]
        parts += [_line(one) for one in lines if one.chapter == chapter]
        parts.append("")
    return "\n".join(parts)


def _counts(lines: tuple[Requirement, ...]) -> str:
    counted = Counter((one.way, one.level) for one in lines)
    rows = ["| | level 1 | level 2 | all |", "|---|---|---|---|"]
    for way, words in WORDS.items():
        one, two = counted[way, 1], counted[way, 2]
        rows.append(f"| {words} | {one} | {two} | {one + two} |")
    return "\n".join(rows)


def _unmet(one: Requirement) -> str:
    return f"- **{one.number}** (level {one.level}) {one.about}: {one.shown_by[0]}."


def _line(one: Requirement) -> str:
    note = f" ({one.note})" if one.note else ""
    return f"| {one.number} | {one.level} | {one.about} | {_how(one)}{note} |"


def _how(one: Requirement) -> str:
    if one.way == "test":
        return ", ".join(f"`{name}`" for name in one.shown_by)
    if one.way == "doctor":
        return f"`tandem doctor`: {one.shown_by[0]}"
    if one.way == "page":
        file, _, heading = one.shown_by[0].partition("#")
        return f"[{heading.replace('-', ' ')}]({_from_reference(file)}#{heading})"
    if one.way == "absent":
        return f"does not apply: {absences()[one.shown_by[0]]['why']}"
    return f"**not met**: {one.shown_by[0]}"


def _from_reference(file: str) -> str:
    return os.path.relpath(file, "docs/reference")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
