"""The old application's main calls, rewritten as the guide says, on a real Prisma client."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import pytest

from tandem.kit.ids import new_id
from tandem.relationships.history import replay
from tests.upgrade.live.playing import PATIENCE
from tests.upgrade.live.steering import Live
from tests.upgrade.old_databases import change, student, tutor
from tests.upgrade.own_client.guide import blocks, refusals, write_modules
from tests.upgrade.own_client.running import run_page

BEFORE = 'import * as calls from "./before.mjs";'
NOW = 'import * as calls from "./now.mjs";\nimport { refusalOf, tryAgain } from "./tandem-db.mjs";'


def page(*names: str) -> str:
    """Return the code of pages, one after the other."""
    folder = Path(__file__).parent / "pages"
    return "".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in names)


@pytest.fixture
def front_end(tables: str) -> Iterator[str]:
    """The address of the tables for a role with the rights that the guide gives it."""
    (grants,) = blocks("sql")
    role = f"front_end_{new_id()}"  # of the whole server, which other tests use at the same time
    with psycopg.connect(tables, autocommit=True) as owner:
        owner.execute(grants.replace("front_end", role).encode())
        yield _as(tables, role)
        owner.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


def _as(url: str, user: str) -> str:
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), "user": user}
    return urlunsplit(parts._replace(query=urlencode(query)))


def test_what_was_called_before_is_what_the_old_application_calls(
    client: None, live: Live, tmp_path: Path
) -> None:
    """The guide's left side is real: it runs on the old client and the old tables."""
    write_modules(tmp_path)
    live.fill(tutor("ben"))
    said = run_page(tmp_path, live.url, page("before"), imports=BEFORE, client="@prisma/client")
    assert said == {
        "listed": ["Ana Ruiz"],
        "read": 1,
        "dashboard": [1, 1],
        "recorded": "n",
        "left": 0,
    }


def test_the_calls_do_what_the_guide_says(front_end: str, tables: str, tmp_path: Path) -> None:
    """With no more rights than the guide gives; the database makes ids, defaults and history."""
    write_modules(tmp_path)
    said = run_page(tmp_path, front_end, page("people", "now"), imports=NOW)
    dashboard = said.pop("dashboard")
    assert [dashboard["students"], len(dashboard["next"]), dashboard["held"]] == [
        1,
        1,
        {"scheduled": 1},
    ]
    assert said == {
        "made": [26, True, True, True, "active", "Ben", "Maths"],
        "second": [False, True],
        "planned": ["scheduled", True, True],
        "touched": True,
        "listed": [["Ana Ruiz", [["Ben", "active", False], ["Cara", "active", True]]]],
        "relationships": 2,
        "read": [["completed", "cancelled"], [["started"], ["started", "made_primary"]]],
        "history": [
            [False, "planned", None],
            [False, "moved", None],
            [True, "planned", None],
            [True, "recorded", None],
            [True, "edited", ["homework", "notes", "progress"]],
            [False, "cancelled", None],
        ],
    }
    assert told(tables) == written(tables)


def told(url: str) -> dict[str, Any]:
    """Return every relationship as its history has it."""
    live = Live(url)
    events = live.rows(
        "SELECT relationship_id, details FROM relationships_relationshipevent ORDER BY id"
    )
    return dict(replay([SimpleNamespace(**event) for event in events]))


def written(url: str) -> dict[str, Any]:
    """Return every relationship as it is."""
    return dict(Live(url).standings())


def test_each_rule_is_met_with_a_code_that_can_be_read(
    front_end: str, tables: str, tmp_path: Path
) -> None:
    """All that the guide's table names, and nothing that it does not; the history stays whole."""
    write_modules(tmp_path)
    closed = "INSERT INTO lessons_closure (name, starts_on, ends_on)"
    change(tables, f"{closed} VALUES ('Holiday', '2027-01-08', '2027-01-09')")
    refused = run_page(tmp_path, front_end, page("people", "refused"), imports=NOW)["refused"]
    assert [name for name, why in refused.items() if why is None] == []
    keys = {name for name, (code, _) in refused.items() if code == "23503"}
    assert keys == {"nobody"}
    met = {tuple(why) for name, why in refused.items() if name not in keys}
    assert met == refusals()
    assert told(tables) == written(tables)


def test_who_waits_too_long_tries_again(client: None, tables: str, tmp_path: Path) -> None:
    """Tandem has the tutor in hand: 55P03, nothing changed; when it has let go, it is done."""
    write_modules(tmp_path)
    assert run_page(tmp_path, tables, page("people"), imports=NOW) == {}
    with psycopg.connect(tables) as tandem, ThreadPoolExecutor(1) as threads:
        tandem.execute("SELECT FROM people_tutor FOR NO KEY UPDATE")
        waiting = threads.submit(run_page, tmp_path, tables, page("waiting"), imports=NOW)
        for somebody in (True, False):
            wait_until(tables, somebody)
        tandem.rollback()
    said = waiting.result()
    assert (set(said["codes"]), said["planned"]) == ({"55P03"}, 1)


WAITERS = """
SELECT count(*) > 0 AS some FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def wait_until(url: str, somebody: bool) -> None:  # noqa: FBT001 - it reads as a sentence
    """Wait until somebody, or nobody, waits for a lock."""
    deadline = time.monotonic() + PATIENCE
    while Live(url).one(WAITERS)["some"] is not somebody:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_sees_the_past_tries_again(client: None, tables: str, tmp_path: Path) -> None:
    """The relationship has changed since the transaction began: 40001, and then it is done."""
    write_modules(tmp_path)
    said = run_page(tmp_path, tables, page("people", "past"), imports=NOW)
    assert said == {"codes": ["40001"], "planned": 1}


def test_what_is_written_while_both_run_is_shown_to_the_old_application(
    client: None, live: Live, tmp_path: Path
) -> None:
    """In the same transaction, as what Tandem's own pages write; both sides stay in step."""
    write_modules(tmp_path)
    live.fill(tutor("ben"), student("ana", "ben")).join()
    assert run_page(tmp_path, live.url, page("both"), imports=NOW) == {"refused": "23P01"}
    assert live.rows('SELECT "fullName", "tutorId", subject FROM "Student" ORDER BY 1') == [
        {"fullName": "Ana", "tutorId": "ben", "subject": "Maths"},
        {"fullName": "Leo", "tutorId": "ben", "subject": "Latin"},
    ]
    assert len(live.rows('SELECT id FROM "Session"')) == 1
    live.in_step()
