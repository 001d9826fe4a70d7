"""While both run, the old side is shown who is primary today, and another when a day turns."""

from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client

from tandem.lessons.corrections import correct_start
from tandem.lessons.end_relationship import end
from tandem.lessons.transfers import transfer
from tandem.lessons.undo import undo_transfer
from tandem.people.accounts import create_account
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.upgrade.live.shown_days import turn_days
from tandem.upgrade.unplaced.overtaken_plans import overtaken_plans
from tandem.upgrade.unplaced.placing import how_many_undecided
from tests.upgrade.live.playing import OldApplication
from tests.upgrade.live.steering import Live
from tests.upgrade.live.test_connections import connect
from tests.upgrade.live.test_old_writes import a_session, a_student, a_tutor
from tests.upgrade.live.test_tandem_writes import booked, now, today
from tests.upgrade.old_databases import change
from tests.web.reading import words

pytestmark = pytest.mark.usefixtures("tandem")
TURNS = today() + timedelta(days=60)


def it_is(live: Live, day: date) -> None:
    """From now on, to the database, it is another day."""
    for name in ("tandem_sync.today", "tandem_today"):
        change(
            live.url,
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS date LANGUAGE sql STABLE"
            f" AS $$ SELECT '{day}'::date $$",
        )


@pytest.fixture
def ana(live: Live, old: OldApplication) -> OldApplication:
    """Three tutors, and a student whom the first teaches; both applications run."""
    for tutor in ("t1", "t2", "t3"):
        a_tutor(old, tutor)
    a_student(old, "ana", "t1", createdAt=now() - timedelta(days=10))
    live.join()
    return old


def handed_over(live: Live, to: str = "t2", on: date = TURNS) -> None:
    transfer(requester=Requester(None, now()), student_id="ana", to_tutor_id=to, on=on)
    live.in_step()


def shown(old: OldApplication) -> tuple[str, bool]:
    found = old.do("student", "findUnique", where={"id": "ana"})
    return found["tutorId"], found["active"]


def days(live: Live) -> list[tuple[str, date, date | None]]:
    """Return who is primary on which days."""
    rows = live.rows(
        "SELECT r.tutor_id, starts_on, ends_on FROM relationships_primaryperiod p"
        " JOIN relationships_tutorstudent r ON r.id = p.tutor_student_id ORDER BY starts_on"
    )
    return [(row["tutor_id"], row["starts_on"], row["ends_on"]) for row in rows]


def tutors(live: Live) -> dict[str, str]:
    """Return whose each session is."""
    rows = live.rows("SELECT id, tutor_id FROM lessons_session")
    return {row["id"]: row["tutor_id"] for row in rows}


def decides(old: OldApplication, **data: Any) -> None:
    old.do("student", "update", where={"id": "ana"}, data=data)


def test_who_takes_over_later_is_shown_then(live: Live, ana: OldApplication) -> None:
    """Not a day before, with the hours that were moved; once the day has turned it is so."""
    booked(live.links("ana")[0]["id"], 70)
    handed_over(live)
    assert shown(ana) == ("t1", True)
    it_is(live, TURNS - timedelta(days=1))
    live.in_step()
    assert shown(ana) == ("t1", True)
    it_is(live, TURNS)
    assert shown(ana) == ("t1", True)
    turn_days(now())
    assert shown(ana) == ("t2", True)
    live.in_step()


def test_who_ends_later_is_shown_as_teaching_until_then(live: Live, ana: OldApplication) -> None:
    end(requester=Requester(None, now()), tutor_student_id=live.links("ana")[0]["id"], on=TURNS)
    live.in_step()
    assert shown(ana) == ("t1", True)
    it_is(live, TURNS)
    live.in_step()
    assert shown(ana) == ("t1", False)


def test_a_further_tutor_who_is_primary_later(live: Live, ana: OldApplication) -> None:
    link = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Art"
    )
    relationships.make_primary(requester=Requester(None, now()), tutor_student_id=link.pk, on=TURNS)
    a_session(ana, "before", "ana", 30)
    a_session(ana, "after", "ana", 90)
    assert tutors(live) == {"before": "t1", "after": "t2"}
    live.in_step()
    assert shown(ana) == ("t1", True)
    it_is(live, TURNS)
    live.in_step()
    assert shown(ana) == ("t2", True)


def test_a_plan_that_is_taken_back(live: Live, ana: OldApplication) -> None:
    handed_over(live)
    undo_transfer(requester=Requester(None, now()), tutor_student_id=live.links("ana")[1]["id"])
    live.in_step()
    it_is(live, TURNS)
    live.in_step()
    assert shown(ana) == ("t1", True)


def test_the_old_application_decides_before_the_day(live: Live, ana: OldApplication) -> None:
    """Who it names teaches from today until the day of the plan, which stays."""
    booked(live.links("ana")[0]["id"], 3)
    handed_over(live)
    began = days(live)[0][1]
    decides(ana, tutorId="t3")
    assert days(live) == [("t1", began, today()), ("t3", today(), TURNS), ("t2", TURNS, None)]
    assert live.one("SELECT tutor_id FROM lessons_session")["tutor_id"] == "t3"
    assert shown(ana) == ("t3", True)
    live.in_step()
    it_is(live, TURNS)
    live.in_step()
    assert shown(ana) == ("t2", True)


def test_a_plan_that_was_overtaken_needs_attention(live: Live, ana: OldApplication) -> None:
    """Until somebody decides: it counts on the overview, and the page says what happened."""
    owner = create_account(email="oona@tandem.example", password="a long secret")
    page = Client()
    page.force_login(owner)
    a_student(ana, "ben", "t1", createdAt=now() - timedelta(days=10))
    later = TURNS + timedelta(days=1)
    transfer(requester=Requester(None, now()), student_id="ben", to_tutor_id="t2", on=later)
    handed_over(live)
    assert "None of these." in words(page.get("/attention?kind=plans"))
    ana.do("student", "update", where={"id": "ben"}, data={"tutorId": "t3"})
    decides(ana, tutorId="t3")
    assert "Plans 2" in words(page.get("/attention?kind=plans"))
    end(requester=Requester(None, now()), tutor_student_id=live.links("ben")[2]["id"], on=later)
    assert overtaken_plans(today()).count() == how_many_undecided(today()) == 1
    seen = words(page.get("/attention?kind=plans"))
    assert "gave this student to t3@x.org on" in seen
    assert "another tutor is planned from" in seen
    end(requester=Requester(None, now()), tutor_student_id=live.links("ana")[2]["id"], on=TURNS)
    assert "None of these." in words(page.get("/attention?kind=plans"))
    assert overtaken_plans(today()).count() == how_many_undecided(today()) == 0
    live.in_step()


def test_the_old_application_names_a_further_tutor_before_the_day(
    live: Live, ana: OldApplication
) -> None:
    relationships.pair(
        requester=Requester(None, now()), tutor_id="t3", student_id="ana", subject="Maths"
    )
    handed_over(live)
    decides(ana, tutorId="t3")
    assert [tutor for tutor, *_ in days(live)] == ["t1", "t3", "t2"]
    live.in_step()
    it_is(live, TURNS)
    live.in_step()
    assert shown(ana) == ("t2", True)


def test_a_further_tutor_planned_as_primary_stays_so(live: Live, ana: OldApplication) -> None:
    """Who teaches already, and is to be primary later, is not so before because another ends."""
    link = relationships.pair(
        requester=Requester(None, now()), tutor_id="t2", student_id="ana", subject="Art"
    )
    relationships.make_primary(requester=Requester(None, now()), tutor_student_id=link.pk, on=TURNS)
    decides(ana, tutorId="t3")
    assert [(tutor, starts) for tutor, starts, _ in days(live)][1:] == [
        ("t3", today()),
        ("t2", TURNS),
    ]
    live.in_step()


def test_the_old_application_names_whom_the_plan_names(live: Live, ana: OldApplication) -> None:
    """That tutor begins today."""
    handed_over(live)
    decides(ana, tutorId="t2")
    assert live.links("ana")[1]["started_on"] == today()
    assert [tutor for tutor, *_ in days(live)] == ["t1", "t2"]
    live.in_step()
    it_is(live, TURNS)
    live.in_step()
    assert shown(ana) == ("t2", True)


def test_several_plans_stay(live: Live, ana: OldApplication) -> None:
    handed_over(live)
    handed_over(live, "t3", TURNS + timedelta(days=30))
    decides(ana, tutorId="t3")
    assert [tutor for tutor, *_ in days(live)] == ["t1", "t3", "t2", "t3"]
    live.in_step()
    for day, tutor in ((TURNS, "t2"), (TURNS + timedelta(days=30), "t3")):
        it_is(live, day)
        live.in_step()
        assert shown(ana) == (tutor, True)


@pytest.mark.parametrize(
    ("data", "then"),
    [
        ({"fullName": "Anna"}, ("t1", True)),
        ({"tutorId": "t3"}, ("t3", True)),
        ({"tutorId": "t2"}, ("t2", True)),
        ({"active": False}, ("t2", False)),
        ({"subject": "Art"}, ("t2", True)),
    ],
)
def test_the_old_application_writes_before_the_day_is_carried_over(
    live: Live, ana: OldApplication, data: dict[str, Any], then: tuple[str, bool]
) -> None:
    """What it touched it decided; what it did not touch, the day turned."""
    handed_over(live)
    it_is(live, TURNS)
    decides(ana, **data)
    assert shown(ana) == then
    live.in_step()
    assert shown(ana) == (("t2", True) if "fullName" in data else then)
    found = ana.do("student", "findUnique", where={"id": "ana"})
    assert {name: found[name] for name in data} == data


def test_a_write_that_waits_is_heard_before_the_day_turns(live: Live, ana: OldApplication) -> None:
    """What it says goes to who is primary by then, and that one is shown."""
    handed_over(live)
    it_is(live, TURNS)
    with psycopg.connect(live.url) as holding:
        holding.execute("SELECT FROM people_student WHERE id = 'ana' FOR NO KEY UPDATE")
        decides(ana, active=False)
        holding.execute("SELECT tandem_sync.turn_days(20)")
    assert live.missed() == ["the student was in hand"]
    assert shown(ana) == ("t1", False)
    live.verify()
    assert shown(ana) == ("t2", False)
    live.in_step()


def test_a_student_whom_nobody_teaches_for_a_while(live: Live, ana: OldApplication) -> None:
    """The last tutor is shown, inactive, until the next begins; or until the old side decides."""
    later = TURNS + timedelta(days=30)
    end(requester=Requester(None, now()), tutor_student_id=live.links("ana")[0]["id"], on=TURNS)
    relationships.pair(
        requester=Requester(None, now()),
        tutor_id="t2",
        student_id="ana",
        subject="Art",
        started_on=later,
    )
    live.in_step()
    assert shown(ana) == ("t1", True)
    it_is(live, TURNS)
    live.in_step()
    assert shown(ana) == ("t1", False)
    decides(ana, active=True)
    assert [tutor for tutor, *_ in days(live)] == ["t1", "t1", "t2"]
    assert [one["tutor_id"] for one in live.links("ana")] == ["t1", "t2", "t1"]
    live.in_step()
    it_is(live, later)
    live.in_step()
    assert shown(ana) == ("t2", True)


def test_an_old_session_goes_to_who_is_primary_on_its_day(live: Live, ana: OldApplication) -> None:
    handed_over(live)
    a_session(ana, "before", "ana", 30)
    a_session(ana, "after", "ana", 90)
    assert tutors(live) == {"before": "t1", "after": "t2"}
    live.in_step()


def test_who_is_in_hand_is_left_for_another_time(live: Live, ana: OldApplication) -> None:
    a_student(ana, "ben", "t1")
    handed_over(live)
    transfer(requester=Requester(None, now()), student_id="ben", to_tutor_id="t2", on=TURNS)
    it_is(live, TURNS)
    with psycopg.connect(live.url) as holding:
        holding.execute("""SELECT FROM "Student" WHERE id = 'ana' FOR UPDATE""")
        turn_days(now())
        assert shown(ana) == ("t1", True)
        assert ana.do("student", "findUnique", where={"id": "ben"})["tutorId"] == "t2"
    turn_days(now())
    assert shown(ana) == ("t2", True)
    live.in_step()


def test_a_day_that_nobody_carried_over_is_a_difference(live: Live, ana: OldApplication) -> None:
    handed_over(live)
    it_is(live, TURNS)
    with psycopg.connect(live.url) as holding:
        holding.execute("""SELECT FROM "Student" WHERE id = 'ana' FOR UPDATE""")
        (line,) = live.verify()
        assert f"is shown as on the day before {TURNS}" in line
    live.in_step()


def test_a_way_back_and_again(live: Live, ana: OldApplication) -> None:
    """What is planned is told on the way back, and shown on its day after a second beginning."""
    handed_over(live)
    told = {kept.what: kept.rows for kept in live.rollback().kept}
    assert told["students of whom another tutor was to be the primary one from a later day on"] == 1
    assert shown(ana) == ("t1", True)
    live.join()
    live.in_step()
    assert shown(ana) == ("t1", True)
    it_is(live, TURNS)
    live.in_step()
    assert shown(ana) == ("t2", True)


def test_the_day_turns_while_only_tandem_writes(live: Live, ana: OldApplication) -> None:
    handed_over(live)
    live.verify()
    live.switch()
    it_is(live, TURNS)
    turn_days(datetime.now().astimezone())
    assert shown(ana) == ("t2", True)
    live.in_step()


def test_a_student_whose_key_changes_before_the_day(live: Live, ana: OldApplication) -> None:
    handed_over(live)
    decides(ana, id="anna")
    live.in_step()
    it_is(live, TURNS)
    live.in_step()
    assert ana.do("student", "findUnique", where={"id": "anna"})["tutorId"] == "t2"


@pytest.fixture
def school(live: Live, half_old: OldApplication) -> OldApplication:
    """The same over a half-moved database."""
    for tutor in ("t1", "t2", "t3"):
        a_tutor(half_old, tutor)
    a_student(half_old, "ana", "t1", createdAt=now() - timedelta(days=10))
    live.join()
    return half_old


def test_a_connection_of_who_teaches_until_then(live: Live, school: OldApplication) -> None:
    """It stands for the tutor of the student's row, and does so when it is deleted again."""
    handed_over(live)
    connect(school, "c1", "t1")
    live.in_step()
    assert [tutor for tutor, *_ in days(live)] == ["t1", "t2"]
    school.do("studentTutorConnection", "delete", where={"id": "c1"})
    live.in_step()
    assert shown(school) == ("t1", True)
    assert [tutor for tutor, *_ in days(live)] == ["t1", "t2"]
    it_is(live, TURNS)
    live.in_step()
    assert shown(school) == ("t2", True)


def test_who_becomes_a_further_tutor_has_a_connection(live: Live, school: OldApplication) -> None:
    """The old application named them before the day of a plan, and the plan is brought forward."""
    handed_over(live)
    decides(school, tutorId="t3")
    correct_start(
        requester=Requester(None, now()),
        tutor_student_id=live.links("ana")[1]["id"],
        started_on=today(),
    )
    relationships.make_primary(
        requester=Requester(None, now()), tutor_student_id=live.links("ana")[1]["id"], on=today()
    )
    assert shown(school) == ("t2", True)
    live.in_step()


def test_a_connection_whose_key_changes_before_the_day(live: Live, school: OldApplication) -> None:
    handed_over(live)
    connect(school, "c1", "t1")
    school.do("studentTutorConnection", "update", where={"id": "c1"}, data={"id": "c2"})
    live.in_step()
    it_is(live, TURNS)
    live.in_step()
    assert shown(school) == ("t2", True)


def test_decided_before_the_day_beside_connections(live: Live, school: OldApplication) -> None:
    handed_over(live)
    decides(school, tutorId="t3")
    live.in_step()
    it_is(live, TURNS)
    live.in_step()
    assert shown(school) == ("t2", True)
