"""What the random drill's journal forgives: a name that a deed in Tandem gave, shown later."""

import psycopg
import pytest
from psycopg import sql

from drills.random_writes.journal import OLD, UPGRADE, keep_journal, wrong_writes
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, student, tutor

NAMED = "UPDATE people_student SET full_name = 'Given' WHERE id = 'ana'"
SHOWN = """UPDATE "Student" SET "fullName" = '{}' WHERE id = 'ana'"""


def written(url: str, by: str, *statements: str) -> None:
    """Run statements in one transaction of a program of that name."""
    with psycopg.connect(url, application_name=by) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement))


@pytest.fixture
def watched(live: Live) -> Live:
    """The old application's word is the last of the student's name."""
    live.fill(tutor("t1"), student("ana", "t1"))
    keep_journal(live.url)
    written(live.url, OLD, SHOWN.format("Its own"))
    change(
        live.url,
        "INSERT INTO people_student (id, full_name, year, active, email, parent_email, time_zone,"
        " legacy_fault, created_at, updated_at)"
        " VALUES ('ana', 'Its own', '', true, NULL, NULL, '', '', now(), now())",
    )
    return live


def wrong(live: Live) -> list[str]:
    with psycopg.connect(live.url) as connection:
        return wrong_writes(connection)


@pytest.mark.parametrize("by", [OLD, UPGRADE])
def test_a_name_that_a_deed_gave_may_be_shown_later(watched: Live, by: str) -> None:
    """By a command, or in a transaction of the old application that shows something."""
    written(watched.url, "", NAMED)
    shown_by(watched, by, "Given")
    assert wrong(watched) == []


@pytest.mark.parametrize("by", [OLD, UPGRADE])
def test_a_name_that_nobody_gave_takes_the_old_ones_back(watched: Live, by: str) -> None:
    """What the upgrade itself writes into Tandem's table is no deed, whatever the name."""
    written(watched.url, UPGRADE, NAMED)
    shown_by(watched, by, "Given")
    assert len(wrong(watched)) == 1


@pytest.mark.parametrize("column", ["year", "parentEmail"])
def test_a_deed_forgives_the_name_alone(watched: Live, column: str) -> None:
    """Another column that is changed with it was the old application's word."""
    written(watched.url, OLD, f"""UPDATE "Student" SET "{column}" = 'said'""")
    written(watched.url, "", NAMED)
    written(
        watched.url, UPGRADE, f"""UPDATE "Student" SET "fullName" = 'Given', "{column}" = 'x'"""
    )
    assert len(wrong(watched)) == 1


def test_a_word_of_the_old_application_after_the_deed_counts_again(watched: Live) -> None:
    """The deed was before it: whoever shows the name that it gave takes the newer one back."""
    written(watched.url, "", NAMED)
    written(watched.url, OLD, SHOWN.format("Newer"))
    shown_by(watched, UPGRADE, "Given")
    assert len(wrong(watched)) == 1


def shown_by(live: Live, by: str, name: str) -> None:
    """Write the name as a trigger of the sync does; a command writes it by itself."""
    if by == OLD:
        change(
            live.url,
            "CREATE TABLE shows (x int); CREATE FUNCTION shows() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$ BEGIN {SHOWN.format(name)}; RETURN NULL; END $$;"
            " CREATE TRIGGER shows AFTER INSERT ON shows FOR EACH ROW EXECUTE FUNCTION shows()",
        )
        written(live.url, by, "INSERT INTO shows VALUES (1)")
    else:
        written(live.url, by, SHOWN.format(name))
