"""A further column of an old table is declared in one place, and another spelling written in one.

All else follows from that: both ways of moving bring it, while both applications run each shows it
to the other, and a comparison tells where it differs.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import tandem.upgrade
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.shapes import (
    CONNECTION,
    PARENT,
    SESSION,
    STUDENT,
    SUBSCRIPTION,
    TABLES,
    TUTOR,
    Column,
    Kind,
    Table,
)
from tandem.upgrade.legacy.vocabulary import CONNECTION_WORDS, SESSION_WORDS, Words
from tests.upgrade.live.rows import write
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_changed_while_alone import parent
from tests.upgrade.old_databases import (
    Row,
    bring,
    change,
    connection,
    database,
    session,
    student,
    subscription,
    tutor,
    write_postgres,
    write_sqlite,
)

NEW = {
    TUTOR: "people_tutor",
    STUDENT: "people_student",
    SESSION: "lessons_session",
    PARENT: "people_parent",
    SUBSCRIPTION: "people_subscription",
}
CHANGED_BY_TANDEM = (TUTOR, STUDENT, SESSION)
ROWS = (
    tutor("t1"),
    tutor("t2"),
    student("ana", "t1"),
    session("one", "ana"),
    session("two", "ana", "2099-03-02 16:00"),
    subscription("plan", "t1"),
)
SOURCES = Path(tandem.upgrade.__file__).parent
DECLARED = {"legacy/shapes.py", "legacy/vocabulary.py"}


def declare(monkeypatch: pytest.MonkeyPatch, table: Table, column: Column) -> None:
    """Add a column to the one declaration."""
    monkeypatch.setitem(vars(table), "columns", (*table.columns, column))


def with_room(rows: tuple[Row, ...], table: Table) -> tuple[Row, ...]:
    """The rows, those of ``table`` with a room each."""
    return tuple(
        (name, {**values, "classRoom": f"R {values['id']}"} if name == table.name else values)
        for name, values in rows
    )


ROOM = Column("classRoom", "room", optional=True)


def room(table: Table, *, old: bool = True) -> str:
    """SQL that adds the column to the old table, or to Tandem's."""
    there = f'"{table.name}" ADD COLUMN "classRoom"' if old else f"{NEW[table]} ADD COLUMN room"
    return f"ALTER TABLE {there} TEXT;"


def rooms(live: Live, table: Table) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Return what the old side and Tandem say, by id."""
    said = live.rows(f'SELECT id, "classRoom" AS room FROM "{table.name}"')
    ours = live.rows(f"SELECT id, room FROM {NEW[table]}")
    return {r["id"]: r["room"] for r in said}, {r["id"]: r["room"] for r in ours}


@pytest.mark.parametrize("table", NEW, ids=lambda table: table.name)
def test_both_sides_stay_in_step_in_it(
    live: Live, monkeypatch: pytest.MonkeyPatch, table: Table
) -> None:
    """Brought, written there, written here where Tandem changes such rows, and compared."""
    declare(monkeypatch, table, ROOM)
    change(live.url, room(table, old=False))
    rows = (*ROWS, parent("eva", "ana"))
    live.fill(*with_room(rows, table), half=True, extra=room(table)).join()
    said, ours = rooms(live, table)
    assert said == ours
    assert None not in ours.values()
    live.in_step()
    change(live.url, f"""UPDATE "{table.name}" SET "classRoom" = 'attic'""")
    assert {*rooms(live, table)[1].values()} == {"attic"}
    live.in_step()
    if table in CHANGED_BY_TANDEM:
        change(live.url, f"UPDATE {NEW[table]} SET room = 'cellar'")
        assert {*rooms(live, table)[0].values()} == {"cellar"}
        live.in_step()
    change(live.url, f"SET tandem.quiet = 'on'; UPDATE {NEW[table]} SET room = 'nowhere'")
    assert any("nowhere" in difference for difference in live.verify())


@pytest.mark.parametrize("table", CHANGED_BY_TANDEM, ids=lambda table: table.name)
def test_new_rows_of_either_side_have_it(
    live: Live, monkeypatch: pytest.MonkeyPatch, table: Table
) -> None:
    """A row that the old application inserts; and one of Tandem's that the old side is shown."""
    declare(monkeypatch, table, ROOM)
    change(live.url, room(table, old=False))
    live.fill(*ROWS, extra=room(table)).join()
    new = {
        TUTOR: tutor("t3"),
        STUDENT: student("ben", "t1"),
        SESSION: session("three", "ana", "2026-04-01 16:00"),
    }
    write(live.url, with_room((new[table],), table))
    key = new[table][1]["id"]
    assert rooms(live, table)[1][key] == f"R {key}"
    live.in_step()
    if other := MADE_HERE.get(table):
        change(
            live.url,
            f"INSERT INTO {NEW[table]} SELECT (jsonb_populate_record(one, {other})).*"
            f" FROM {NEW[table]} one WHERE id = '{key}'",
        )
        assert rooms(live, table)[0]["made here"] == "loft"
        live.in_step()


MADE_HERE = {
    TUTOR: """'{"id": "made here", "room": "loft", "email": "new@x.org", "auth_subject": null}'""",
    SESSION: """jsonb_build_object('id', 'made here', 'room', 'loft',
  'starts_at', one.starts_at + interval '9 days', 'ends_at', one.ends_at + interval '9 days')""",
}
"""SQL: what is otherwise in a further row of Tandem's."""


def test_a_session_that_changes_hands_keeps_it(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a set of transfers takes it along; and its history says when it became another."""
    declare(monkeypatch, SESSION, ROOM)
    change(live.url, room(SESSION, old=False))
    live.fill(*with_room(ROWS, SESSION), extra=room(SESSION)).join()
    change(live.url, """UPDATE "Student" SET "tutorId" = 't2'""")
    (moved,) = live.rows("SELECT id, room FROM lessons_session WHERE tutor_id = 't2'")
    assert moved == {"id": "two", "room": "R two"}
    change(live.url, """UPDATE "Session" SET "classRoom" = 'attic' WHERE id = 'two'""")
    told = live.rows(
        "SELECT details -> 'fields' AS fields FROM lessons_sessionevent WHERE what = 'edited'"
    )
    assert told == [{"fields": ["room"]}]
    live.in_step()


def test_what_the_old_table_lacks_is_tandems_own(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the shape has no such column, a write of the old side leaves Tandem's as it is."""
    declare(monkeypatch, SESSION, ROOM)
    change(live.url, room(SESSION, old=False))
    live.fill(*ROWS).join()
    change(live.url, "UPDATE lessons_session SET room = 'attic'")
    change(
        live.url,
        """UPDATE "Session" SET notes = 'new', "startTime" = "startTime" - interval '1 min'""",
    )
    assert live.rows("SELECT DISTINCT room, notes FROM lessons_session") == [
        {"room": "attic", "notes": "new"}
    ]
    live.in_step()


def test_expand_goes_on_with_it(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer Tandem that knows one more column expands again; every function is there after."""
    live.fill(*with_room(ROWS, SESSION), extra=room(SESSION)).expand()
    before = live.rows(FUNCTIONS)
    declare(monkeypatch, SESSION, ROOM)
    declare(monkeypatch, STUDENT, ROOM)
    change(live.url, room(SESSION, old=False) + room(STUDENT, old=False))
    live.expand()
    assert live.rows(FUNCTIONS) == before
    live.backfill()
    said, ours = rooms(live, SESSION)
    assert said == ours
    live.in_step()


FUNCTIONS = """SELECT oid::regprocedure::text AS name, proacl::text AS rights FROM pg_proc
WHERE pronamespace = 'tandem_sync'::regnamespace ORDER BY 1"""


@pytest.mark.parametrize("table", NEW, ids=lambda table: table.name)
@pytest.mark.parametrize("kind", ["postgres", "sqlite"])
def test_a_replacement_brings_it(
    template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: Table, kind: str
) -> None:
    """From either kind of database, and its comparison finds nothing else."""
    declare(monkeypatch, table, ROOM)
    rows = with_room((*ROWS, parent("eva", "ana")), table)
    with database(template) as target, database() as url:
        change(target, room(table, old=False))
        if kind == "postgres":
            old: Path | str = write_postgres(url, rows, half=True, extra=room(table))
        else:
            old = write_sqlite(tmp_path / "old.sqlite", rows, half=True, extra=room(table))
        bring(old, target, tmp_path)
        live = Live(target)
        found = {r["id"]: r["room"] for r in live.rows(f"SELECT id, room FROM {NEW[table]}")}
    assert found == {v["id"]: f"R {v['id']}" for name, v in rows if name == table.name}


def test_what_a_connection_says_beside_is_kept_in_its_history(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a backfill and by a trigger: of a relationship, Tandem has no such column."""
    declare(monkeypatch, CONNECTION, Column("classRoom", optional=True, alone=True))
    rows = (*ROWS, connection("c1", "ana", "t2", subject="Art"))
    live.fill(*with_room(rows, CONNECTION), half=True, extra=room(CONNECTION)).join()
    change(
        live.url,
        """INSERT INTO "StudentTutorConnection" (id, "studentId", "tutorId", subject, "classRoom",
  "updatedAt") VALUES ('c2', 'ana', 't2', 'Latin', 'R c2', now())""",
    )
    told = live.rows(
        "SELECT relationship_id AS id, details -> 'old' ->> 'classRoom' AS room"
        " FROM relationships_relationshipevent WHERE relationship_id IN ('c1', 'c2') ORDER BY 1"
    )
    assert told == [{"id": "c1", "room": "R c1"}, {"id": "c2", "room": "R c2"}]
    live.in_step()


def test_another_spelling_is_one_line_of_a_names_file(live: Live) -> None:
    """No code knows of it: brought, written by either side, compared."""
    live.fill(*ROWS, half=True)
    change(live.url, 'ALTER TABLE "Session" RENAME "meetingLink" TO "video url"')
    change(live.url, """UPDATE "Session" SET "video url" = 'https://one.example'""")
    live.names = Names(columns={"Session": {"meetingLink": "video url"}})
    live.join()
    assert live.rows("SELECT DISTINCT meeting_link FROM lessons_session") == [
        {"meeting_link": "https://one.example"}
    ]
    change(live.url, "UPDATE lessons_session SET meeting_link = 'https://two.example'")
    assert live.rows('SELECT DISTINCT "video url" AS url FROM "Session"') == [
        {"url": "https://two.example"}
    ]
    live.in_step()


ABOUT = {
    "auth_subject": {"live/fault_invariants.py", "triggers/fragments.py", "triggers/people.sql",
                     "triggers/inbound_students.sql", "triggers/views_of_expected.py",
                     "unplaced/placing.py"},
    "full_name": {"check.py", "legacy/names.py", "live/fault_invariants.py", "mapping/people.py",
                  "unplaced/placing.py"},
    "parent_email": {"check.py"},
    "parent_link_token": {"check.py", "links.py", "triggers/fragments.py",
                          "triggers/inbound_students.sql"},
    "current_period_end": {"live/backfill.py", "mapping/people.py", "mapping/unlinked.py",
                           "triggers/people.sql", "unplaced/placing.py"},
}  # fmt: skip
"""Where rules are about a kept column: a name that is blank, an account that only one can have."""
WORDS_OF_MANY_THINGS = {
    "active", "email", "status", "tutor_id", "student_id", "title", "notes", "year",
    "starts_at", "ends_at", "created_at", "updated_at",
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_kept_column_stands_in_one_file(table: Table) -> None:
    """Its name is nowhere but where it is declared, and where a rule is about it."""
    for column in table.kept:
        if column.ours not in WORDS_OF_MANY_THINGS:
            names = {column.name, column.row_name, column.ours}
            assert files_with(names) - ABOUT.get(column.ours, set()) <= DECLARED, column.name


def files_with(words: set[str]) -> set[str]:
    """Return the files of the upgrade in which one of these words stands, but for comments."""
    asked = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])")
    return {name for name, text in code_of_upgrade().items() if asked.search(text)}


@cache
def code_of_upgrade() -> dict[str, str]:
    """Return the text of each file, without comments and what Python says of itself."""
    texts = {path: code_of(path) for path in [*SOURCES.rglob("*.py"), *SOURCES.rglob("*.sql")]}
    named = {path.relative_to(SOURCES).as_posix(): text for path, text in texts.items()}
    others = ("migrations/", "prisma_schema.py")
    return {name: text for name, text in named.items() if not name.startswith(others)}


def code_of(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return re.sub("--.*", "", text)
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            said = [one for one in node.body if is_text(one)]
            node.body = [one for one in node.body if one not in said] or [ast.Pass()]
    return ast.unparse(tree)


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("words", [SESSION_WORDS, CONNECTION_WORDS], ids=["session", "connection"])
def test_another_word_for_a_status_is_written_in_one_file(words: Words) -> None:
    """The older application's own words stand in the vocabulary alone."""
    here_too = {*words, "completed", "accepted", "requested", "inactive"}
    for word in {word for choices in words.values() for word in choices} - here_too:
        assert files_with({word}) <= DECLARED, word


def test_moments_are_kept_to_the_millisecond(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A further column may be a moment: the old side holds no more, Tandem's finer one stays."""
    declare(monkeypatch, SESSION, Column("seenAt", "seen_at", Kind.MOMENT, optional=True))
    change(live.url, "ALTER TABLE lessons_session ADD COLUMN seen_at timestamptz")
    live.fill(*ROWS, extra='ALTER TABLE "Session" ADD COLUMN "seenAt" TIMESTAMP(3);')
    change(live.url, """UPDATE "Session" SET "seenAt" = '2026-03-02 16:00:00.123'""")
    live.join()
    change(live.url, "UPDATE lessons_session SET seen_at = seen_at + interval '400 us'")
    change(live.url, """UPDATE "Session" SET notes = 'new'""")
    seen = live.rows("SELECT DISTINCT to_char(seen_at, 'SS.US') AS at FROM lessons_session")
    assert seen == [{"at": "00.123400"}]
    live.in_step()
    change(live.url, """UPDATE "Session" SET "seenAt" = NULL""")
    assert live.rows("SELECT FROM lessons_session WHERE seen_at IS NOT NULL") == []
    change(live.url, "UPDATE lessons_session SET seen_at = starts_at")
    assert live.rows("""SELECT FROM "Session" WHERE "seenAt" IS DISTINCT FROM "startTime" """) == []
    live.in_step()
