"""A live database whose names were chosen to end our quotes: they stay names."""

from pathlib import Path

from tandem.upgrade.triggers.sql_files import filled
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import change, session, student, tutor

EVIL = "x$tandem$; CREATE ROLE tandem_ended SUPERUSER; --"
NAMES = f"""
[tables]
Student = '''pupils "$tandem$'''
[columns.Session]
notes = "{EVIL}"
"""
RENAMED = f"""
ALTER TABLE "Student" RENAME TO "pupils ""$tandem$";
ALTER TABLE "Session" RENAME notes TO "{EVIL}";
ALTER TABLE "Session" ADD "unknown $tandem$" text;
"""


def test_names_with_a_dollar_quote(live: Live, tmp_path: Path) -> None:
    """Every step of the upgrade works, both ways, and nothing but it was done."""
    live.fill(tutor("t1"), student("ana", "t1"), session("one", "ana"))
    change(live.url, RENAMED)
    file = tmp_path / "names.toml"
    file.write_text(NAMES, encoding="utf-8")
    status, _, told = command(live.url, "expand", "--names", str(file))
    assert status == 0, told
    for name in ("backfill", "verify"):
        status, _, told = command(live.url, name)
        assert status == 0, told
    change(live.url, f"""UPDATE "Session" SET "{EVIL}" = 'of the old'""")
    assert live.one("SELECT notes FROM lessons_session") == {"notes": "of the old"}
    change(live.url, "UPDATE lessons_session SET notes = 'of Tandem'")
    assert live.one(f"""SELECT "{EVIL}" AS notes FROM "Session" """) == {"notes": "of Tandem"}
    assert live.rows("SELECT FROM pg_roles WHERE rolname = 'tandem_ended'") == []


def test_a_tag_is_never_the_same() -> None:
    """Who knows one function's tag cannot end the next one's quote with it."""

    made = "CREATE FUNCTION f() AS $$ {body} $$"
    assert filled(made, {"body": "NULL"}) != filled(made, {"body": "NULL"})
