"""Over the API: who was, is and will be the primary tutor, by the day that is asked about."""

from datetime import date, timedelta
from http import HTTPStatus
from importlib import import_module

import pytest
from django.db import connection

from tandem.kit.time import business_day
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import enrol
from tandem.relationships.models import PrimaryPeriod, TutorStudent
from tests.api.client import Caller, said
from tests.cast import NOW, TERM, Cast
from tests.primaries import check_periods

MIGRATION = "tandem.relationships.migrations.0010_primary_periods"
TODAY = business_day(NOW)


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


def primary(owner: Caller, student: Student, day: date) -> str | None:
    """Return the id of the tutor who is primary on a day, of whom there is one at most."""
    listed = said(owner.get("tutor-students", studentId=student.pk, asOf=f"{day}"))
    marked = [one["tutorId"] for one in listed["tutorStudents"] if one["isPrimary"]]
    assert len(marked) < 2
    return marked[0] if marked else None


def end(owner: Caller, row: TutorStudent, day: date, **more: str) -> None:
    said(owner.post(f"tutor-students/{row.pk}/end", {"date": f"{day}", **more}))


def rebuild_from_history() -> None:
    """Make all periods anew, as an installation does that has none yet."""
    PrimaryPeriod.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module(MIGRATION).FROM_HISTORY)


@pytest.fixture(autouse=True)
def and_the_periods_hold(cast: Cast) -> object:
    """After each of them, one is primary on every day, and the history tells the same.

    So does the migration, which makes the table from the history that is there.
    """
    del cast
    yield
    check_periods()
    rebuild_from_history()
    check_periods()


def test_until_an_end_ahead_the_primary_stays(cast: Cast, owner: Caller) -> None:
    """Ana has two; Ben, the primary, ends in ten days: Cara is primary from then, not before."""
    end(owner, cast.ben_ana, days(10))
    assert [primary(owner, cast.ana, days(n)) for n in (-1, 0, 9, 10, 99)] == [
        *[cast.ben.pk] * 3,
        *[cast.cara.pk] * 2,
    ]
    assert said(owner.get(f"students/{cast.ana.pk}"))["student"]["tutorId"] == cast.ben.pk


def test_an_end_that_is_moved_takes_the_primary_along(cast: Cast, owner: Caller) -> None:
    """To a later day and to an earlier one, and taken back altogether."""
    end(owner, cast.ben_ana, days(10))
    for last in (20, 5):
        end(owner, cast.ben_ana, days(last))
        assert primary(owner, cast.ana, days(last - 1)) == cast.ben.pk
        assert primary(owner, cast.ana, days(last)) == cast.cara.pk
    said(owner.post(f"tutor-students/{cast.ben_ana.pk}/reopen"))
    assert {primary(owner, cast.ana, days(n)) for n in (0, 5, 10, 99)} == {cast.ben.pk}


def test_who_was_primary_once_was_so(cast: Cast, owner: Caller) -> None:
    """Cara is made primary today: of yesterday it is still told that Ben was."""
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/make-primary"))
    told = [primary(owner, cast.ana, day) for day in (TERM, days(-1), TODAY, days(1))]
    assert told == [cast.ben.pk, cast.ben.pk, cast.cara.pk, cast.cara.pk]


def test_who_is_made_primary_for_later_is_so_later(cast: Cast, owner: Caller) -> None:
    """With a date, from that date on."""
    path = f"tutor-students/{cast.cara_ana.pk}/make-primary"
    said(owner.post(path, {"date": f"{days(7)}"}))
    told = [primary(owner, cast.ana, days(n)) for n in (0, 6, 7)]
    assert told == [cast.ben.pk, cast.ben.pk, cast.cara.pk]


def test_a_transfer_ahead_leaves_nobody_between(cast: Cast, owner: Caller) -> None:
    """Ben until the day, Dev from it, though Cara goes on beside; undone, Ben for good."""
    body = {"toTutorId": cast.dev.pk, "date": f"{days(10)}", "futureSessions": "move"}
    done = said(owner.post(f"students/{cast.ana.pk}/transfer", body))
    told = [primary(owner, cast.ana, days(n)) for n in (0, 9, 10)]
    assert told == [cast.ben.pk, cast.ben.pk, cast.dev.pk]
    said(owner.post(f"deeds/{done['deedId']}/undo"))
    assert {primary(owner, cast.ana, days(n)) for n in (0, 9, 10, 50)} == {cast.ben.pk}


def test_who_comes_while_another_goes_waits(cast: Cast, owner: Caller) -> None:
    """Ben leaves Cleo in ten days and Dev comes in five: Dev is primary when Ben has gone.

    Unless the owner says so at once.
    """
    end(owner, cast.ben_cleo, days(10))
    wanted = {"tutorId": cast.dev.pk, "studentId": cast.cleo.pk, "startDate": f"{days(5)}"}
    said(owner.post("tutor-students", wanted), 201)
    told = [primary(owner, cast.cleo, days(n)) for n in (5, 9, 10)]
    assert told == [cast.ben.pk, cast.ben.pk, cast.dev.pk]
    chosen = {**wanted, "tutorId": cast.cara.pk, "isPrimary": True}
    said(owner.post("tutor-students", chosen), 201)
    assert [primary(owner, cast.cleo, days(n)) for n in (4, 5)] == [cast.ben.pk, cast.cara.pk]


def test_nobody_is_primary_where_nobody_teaches(cast: Cast, owner: Caller) -> None:
    """Before the first, in a gap, and after the last; a cover is none."""
    end(owner, cast.ben_cleo, days(3))
    wanted = {"tutorId": cast.dev.pk, "studentId": cast.cleo.pk, "startDate": f"{days(5)}"}
    said(owner.post("tutor-students", wanted), 201)
    cover = {**wanted, "tutorId": cast.cara.pk, "kind": "cover", "subject": "Art"}
    days_of_cover = {"startDate": f"{days(3)}", "endDate": f"{days(5)}"}
    said(owner.post("tutor-students", {**cover, **days_of_cover}), 201)
    told = [primary(owner, cast.cleo, day) for day in (TERM - timedelta(1), days(3), days(5))]
    assert told == [None, None, cast.dev.pk]


def test_a_start_that_is_put_right_is_filled(cast: Cast, owner: Caller) -> None:
    """An only tutor who began a month later than was written is primary from then."""
    later = TERM + timedelta(days=30)
    path = f"tutor-students/{cast.ben_cleo.pk}"
    said(owner.patch(path, {"startDate": f"{later}"}))
    assert primary(owner, cast.cleo, TERM) is None
    assert primary(owner, cast.cleo, later) == cast.ben.pk
    said(owner.patch(path, {"startDate": f"{TERM}"}))
    assert primary(owner, cast.cleo, TERM) == cast.ben.pk


def test_a_removed_pairing_leaves_its_days_to_others(cast: Cast, owner: Caller) -> None:
    """Dev was made primary by mistake, and is removed: Ben is, on all days."""
    wanted = {"tutorId": cast.dev.pk, "studentId": cast.cleo.pk, "isPrimary": True}
    made = said(owner.post("tutor-students", wanted), 201)["tutorStudent"]
    assert primary(owner, cast.cleo, TODAY) == cast.dev.pk
    assert owner.delete(f"tutor-students/{made['id']}").status_code == HTTPStatus.NO_CONTENT
    assert primary(owner, cast.cleo, TODAY) == cast.ben.pk


def test_a_first_tutor_is_primary_from_the_first_day(owner: Caller) -> None:
    """Enrolled with a start that lies back."""
    fay = Tutor.objects.create(full_name="Fay", email="fay@tandem.example")
    student = enrol(requester=Requester(None, NOW), full_name="Gus")
    wanted = {"tutorId": fay.pk, "studentId": student.pk, "startDate": f"{days(-40)}"}
    said(owner.post("tutor-students", wanted), 201)
    assert [primary(owner, student, days(n)) for n in (-41, -40, 0)] == [None, fay.pk, fay.pk]


def test_a_transfer_before_a_primary_that_was_chosen_for_later(cast: Cast, owner: Caller) -> None:
    """Cara is to be primary from 1 December; Ben hands over in between: Dev is it until then."""
    later = {"date": "2026-12-01"}
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/make-primary", later))
    body = {"toTutorId": cast.dev.pk, "date": "2026-11-16", "futureSessions": "move"}
    done = said(owner.post(f"students/{cast.ana.pk}/transfer", body))
    assert (done["from"]["tutorId"], done["to"]["tutorId"]) == (cast.ben.pk, cast.dev.pk)
    days = {date(2026, 11, 15): cast.ben, date(2026, 11, 16): cast.dev}
    days |= {date(2026, 11, 30): cast.dev, date(2026, 12, 1): cast.cara}
    for day, tutor in days.items():
        assert primary(owner, cast.ana, day) == tutor.pk, day
    said(owner.post(f"deeds/{done['deedId']}/undo"))
    for day in (date(2026, 11, 16), date(2026, 11, 30)):
        assert primary(owner, cast.ana, day) == cast.ben.pk, day
    assert primary(owner, cast.ana, date(2026, 12, 1)) == cast.cara.pk
    rebuild_from_history()


def test_a_transfer_dated_before_a_primary_that_was_chosen_since(cast: Cast, owner: Caller) -> None:
    """Cara was made primary today; that Ben left in October is entered after: Dev was, between."""
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/make-primary"))
    body = {"toTutorId": cast.dev.pk, "date": "2026-10-12", "futureSessions": "move"}
    said(owner.post(f"students/{cast.ana.pk}/transfer", body))
    days = {date(2026, 10, 11): cast.ben, date(2026, 10, 12): cast.dev}
    days |= {date(2026, 11, 1): cast.dev, date(2026, 11, 2): cast.cara}
    for day, tutor in days.items():
        assert primary(owner, cast.ana, day) == tutor.pk, day


def test_a_primary_for_later_hands_over_those_days_alone(cast: Cast, owner: Caller) -> None:
    """Cara is to be primary from 1 December and hands over now: Ben is until then, then Dev."""
    later = {"date": "2026-12-01"}
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/make-primary", later))
    body = {"fromTutorStudentId": cast.cara_ana.pk, "toTutorId": cast.dev.pk, "date": f"{TODAY}"}
    done = said(owner.post(f"students/{cast.ana.pk}/transfer", {**body, "futureSessions": "move"}))
    ends = TODAY, date(2026, 11, 30), date(2026, 12, 1)
    assert [primary(owner, cast.ana, day) for day in ends] == [cast.ben.pk] * 2 + [cast.dev.pk]
    said(owner.post(f"deeds/{done['deedId']}/undo"))
    assert [primary(owner, cast.ana, day) for day in ends] == [cast.ben.pk] * 2 + [cast.cara.pk]


def test_days_of_another_in_between_stay_theirs(cast: Cast, owner: Caller) -> None:
    """Cara is primary now and from December, Ben for three weeks between; Cara hands over."""
    for row, day in ((cast.cara_ana, 1), (cast.ben_ana, 10), (cast.cara_ana, 30)):
        path = f"tutor-students/{row.pk}/make-primary"
        said(owner.post(path, {"date": f"{days(day)}"}))
    body = {"fromTutorStudentId": cast.cara_ana.pk, "toTutorId": cast.dev.pk, "date": f"{days(5)}"}
    done = said(owner.post(f"students/{cast.ana.pk}/transfer", {**body, "futureSessions": "move"}))
    told = [primary(owner, cast.ana, days(n)) for n in (0, 1, 4, 5, 9, 10, 29, 30, 99)]
    ben, cara, dev = cast.ben.pk, cast.cara.pk, cast.dev.pk
    assert told == [ben, cara, cara, dev, dev, ben, ben, dev, dev]
    said(owner.post(f"deeds/{done['deedId']}/undo"))
    told = [primary(owner, cast.ana, days(n)) for n in (0, 1, 4, 5, 9, 10, 29, 30, 99)]
    assert told == [ben, cara, cara, cara, cara, ben, ben, cara, cara]


@pytest.mark.parametrize("on", ["2026-10-12", "2026-11-02", "2026-11-16"])
@pytest.mark.parametrize("tutor", ["ben", "cara"])
@pytest.mark.parametrize("chosen", ["2026-11-02", "2026-12-01"])
def test_a_preview_says_of_the_day_who_is_primary(
    cast: Cast, owner: Caller, on: str, tutor: str, chosen: str
) -> None:
    """As the deed does, where the mark is another's: Cara has it, from today or from December."""
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/make-primary", {"date": chosen}))
    row: TutorStudent = getattr(cast, f"{tutor}_ana")
    one = {"fromTutorStudentId": row.pk, "toTutorId": cast.dev.pk, "date": on}
    taker = {"tutorStudentId": row.pk, "toTutorId": cast.dev.pk}
    together = owner.post(
        f"tutors/{row.tutor_id}/hand-over", {"date": on, "takers": [taker], "dryRun": True}
    )
    body = {**one, "futureSessions": "move"}
    seen = said(owner.post(f"students/{cast.ana.pk}/transfer", {**body, "dryRun": True}))
    done = said(owner.post(f"students/{cast.ana.pk}/transfer", body))
    (handed,) = said(together)["handedOver"]
    for shown in (seen, handed):
        assert [shown[side]["isPrimary"] for side in ("from", "to")] == [
            done[side]["isPrimary"] for side in ("from", "to")
        ]
    today = primary(owner, cast.ana, TODAY)
    assert done["to"]["isPrimary"] is (today == cast.dev.pk)
