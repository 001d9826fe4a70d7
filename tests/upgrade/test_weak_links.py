"""Parents' links of an old database that somebody could guess are named before an upgrade."""

import json
from pathlib import Path

from tests.upgrade.old_databases import student, tutor, write_sqlite
from tests.upgrade.test_bad_input import said

STRONG = "0b0e4c1e-7a39-4e4f-a52e-3f9f7f0f6a77"
ROWS = [
    tutor("ben"),
    student("ana", "ben", parentLinkToken="ana-2024"),
    student("bea", "ben", parentLinkToken=STRONG),
    student("cleo", "ben", parentLinkToken="8812345678901234567890"),
]


def test_check_names_weak_links_and_finds_no_fault(target: str, tmp_path: Path) -> None:
    """By the students' ids, never by the links; nothing stands in the way, so the status is 0."""
    path = write_sqlite(tmp_path / "old.sqlite", ROWS)
    status, _, output = said("upgrade", "check", "--json", "--from", path, DATABASE_URL=target)
    found = json.loads(output)
    assert (status, found["faults"]) == (0, [])
    assert found["notices"] == [
        {"table": "Student", "rule": "weak_link", "rows": 2, "samples": ["ana", "cleo"]}
    ]
    status, _, output = said("upgrade", "check", "--from", path, DATABASE_URL=target)
    told = " ".join(output.split())
    assert "2 of Student: a parents' link that somebody could guess" in told
    assert "for example ana, cleo" in told
    assert "No faults." in told
    assert not any(str(row.get("parentLinkToken")) in told for _, row in ROWS)


def test_check_is_silent_about_strong_links(target: str, tmp_path: Path) -> None:
    """Nothing to see to."""
    path = write_sqlite(tmp_path / "old.sqlite", [ROWS[0], ROWS[2]])
    _, _, output = said("upgrade", "check", "--json", "--from", path, DATABASE_URL=target)
    assert json.loads(output)["notices"] == []
