"""Weekly lessons of a group, over the API."""

from typing import Any
from urllib.parse import quote

from tandem.lessons.models import Session, SessionSeries
from tests.api.client import Caller, refusal, said, tutor_caller
from tests.api.test_series import body
from tests.cast import Cast, at, booked, third


def group(cast: Cast, **more: Any) -> dict[str, Any]:
    """Return Mondays at four of Ana and Cleo."""
    return body(cast, tutorStudentIds=[cast.ben_ana.pk, cast.ben_cleo.pk], **more)


def days(cast: Cast, ben: Caller) -> list[list[str]]:
    """Return the days of Ana's and of Cleo's lessons that are planned."""
    lists = (
        said(ben.get("sessions", tutorStudentId=one.pk, status="scheduled"))["sessions"]
        for one in (cast.ben_ana, cast.ben_cleo)
    )
    return [[one["startTime"][5:10] for one in rows] for rows in lists]


def test_a_group_is_looked_at_planned_and_read(cast: Cast, ben: Caller) -> None:
    """A series for each, one group; the list can be narrowed to it; one undo."""
    seen = said(ben.post("series", group(cast, dryRun=True)))
    assert (len(seen["sessions"]), len(seen["group"])) == (6, 1)
    assert not SessionSeries.objects.exists()
    done = said(ben.post("series", group(cast, expect=seen["expect"])), 201)
    (other,) = done["group"]
    assert [done["series"]["studentName"], other["studentName"]] == ["Ana Ruiz", "Cleo Hart"]
    assert done["series"]["groupId"] == other["groupId"]
    read = said(ben.get(f"series/{other['id']}"))
    assert read["group"] == [done["series"]]
    assert {one["seriesId"] for one in read["sessions"]} == {other["id"]}
    listed = said(ben.get("series", groupId=other["groupId"]))["series"]
    assert {one["id"] for one in listed} == {other["id"], done["series"]["id"]}
    assert said(ben.get("series", groupId="another"))["series"] == []
    said(ben.post(f"deeds/{done['deedId']}/undo"))
    assert not Session.objects.exists()


def test_whom_a_clash_concerns_is_said_and_they_alone_can_be_left_out(
    cast: Cast, ben: Caller
) -> None:
    """Of a lesson of Ana's with Cara: Cleo's lesson on that day is planned."""
    booked(cast.cara_ana, at(29, 15, 30, month=3, year=2027))
    problem = refusal(ben.post("series", group(cast)), 409, "conflict")
    assert [one["studentId"] for one in problem["conflicts"]] == [cast.ana.pk]
    absent = [{"tutorStudentId": cast.ben_ana.pk, "date": "2027-03-29"}]
    said(ben.post("series", group(cast, leaveOutOf=absent)), 201)
    assert days(cast, ben) == [["03-22", "04-05"], ["03-22", "03-29", "04-05"]]


def test_the_whole_group_is_changed_skipped_restored_and_stopped(cast: Cast, ben: Caller) -> None:
    """With ``wholeGroup``; each after a look. Without it, one student's alone."""
    done = said(ben.post("series", group(cast)), 201)
    here = f"series/{done['series']['id']}"
    first = next(one for one in done["sessions"] if one["seriesId"] == done["series"]["id"])
    change: Any = {"scope": "all", "weekday": "TU", "wholeGroup": True}
    seen = said(ben.patch(here, {**change, "dryRun": True}))
    assert len(seen["sessions"]) == 6
    said(ben.patch(here, {**change, "expect": seen["expect"]}))
    assert days(cast, ben) == [["03-23", "03-30", "04-06"]] * 2
    skip: Any = {"date": "2027-03-30", "wholeGroup": True}
    look = said(ben.post(f"{here}/skip", {**skip, "dryRun": True}))
    assert [one["becomes"] for one in (look, *look["group"])] == ["removed", "removed"]
    said(ben.post(f"{here}/skip", {**skip, "expect": look["expect"]}))
    assert days(cast, ben) == [["03-23", "04-06"]] * 2
    said(ben.post(f"{here}/restore", skip))
    assert days(cast, ben) == [["03-23", "03-30", "04-06"]] * 2
    stop: Any = {"date": "2027-04-01", "wholeGroup": True}
    look = said(ben.post(f"{here}/stop", {**stop, "dryRun": True}))
    assert len(look["sessions"]) == 2
    said(ben.post(f"{here}/skip", {"date": "2027-03-23"}))
    assert days(cast, ben)[0] == ["03-30", "04-06"]
    problem = refusal(ben.post(f"{here}/stop", {"date": "1", "wholeGroup": "yes"}), 422, "invalid")
    assert {one["field"] for one in problem["errors"]} == {"date", "wholeGroup"}
    assert first["date"] == "2027-03-22"


def test_who_was_left_out_stays_so_when_a_date_is_restored_for_all(cast: Cast, ben: Caller) -> None:
    """Skipped for all, restored for all: Ana, who was left out of it, has no lesson then."""
    absent = [{"tutorStudentId": cast.ben_ana.pk, "date": "2027-03-29"}]
    done = said(ben.post("series", group(cast, leaveOutOf=absent)), 201)
    here = f"series/{done['series']['id']}"
    one_date: Any = {"date": "2027-03-29", "wholeGroup": True}
    said(ben.post(f"{here}/skip", one_date))
    assert days(cast, ben) == [["03-22", "04-05"]] * 2
    said(ben.post(f"{here}/restore", one_date))
    assert days(cast, ben) == [["03-22", "04-05"], ["03-22", "03-29", "04-05"]]
    problem = refusal(ben.post(f"{here}/restore", one_date), 409, "conflict")
    assert problem["reason"] == "as_planned"
    said(ben.post(f"{here}/restore", {"date": "2027-03-29"}))
    assert days(cast, ben) == [["03-22", "03-29", "04-05"]] * 2


def test_lessons_of_the_whole_group_are_deleted(cast: Cast, ben: Caller) -> None:
    """One date, then from a lesson on, each after a look; without ``wholeGroup`` one's alone."""
    done = said(ben.post("series", group(cast)), 201)
    mine = done["series"]["id"]
    first, second, third = (one["id"] for one in done["sessions"] if one["seriesId"] == mine)
    for scope, session, left in (
        (f"scope=this&sessionId={second}", 2, ["03-22", "04-05"]),
        (f"scope=following&sessionId={third}", 2, ["03-22"]),
    ):
        way = f"series/{mine}?wholeGroup=true&{scope}"
        seen = said(ben.delete(f"{way}&dryRun=true"))
        assert len(seen["sessions"]) == session
        gone = said(ben.delete(f"{way}&expect={quote(seen['expect'])}"))
        assert gone["sessions"] == seen["sessions"]
        assert days(cast, ben) == [left] * 2
    said(ben.delete(f"series/{mine}?scope=this&sessionId={first}"))
    assert sorted(days(cast, ben)) == [[], ["03-22"]]


def test_a_student_joins_weekly_lessons_and_leaves_them(cast: Cast, ben: Caller) -> None:
    """From a date on, after a look; another tutor's caller learns of none of it."""
    finn = third(cast)
    done = said(ben.post("series", group(cast)), 201)
    here = f"series/{done['series']['id']}"
    wanted: Any = {"tutorStudentId": finn.pk, "since": "2027-03-29"}
    refusal(tutor_caller(cast.cara).post(f"{here}/join", wanted), 404, "not-found")
    seen = said(ben.post(f"{here}/join", {**wanted, "dryRun": True}))
    assert [one["date"] for one in seen["sessions"]] == ["2027-03-29", "2027-04-05"]
    made = said(ben.post(f"{here}/join", {**wanted, "expect": seen["expect"]}), 201)
    assert made["series"]["groupId"] == done["series"]["groupId"]
    problem = refusal(ben.post(f"{here}/join", wanted), 409, "conflict")
    assert problem["reason"] == "in_the_group"
    said(ben.post(f"series/{made['series']['id']}/stop", {"date": "2027-04-01"}))
    assert Session.objects.filter(tutor_student=finn).count() == 1
    assert days(cast, ben) == [["03-22", "03-29", "04-05"]] * 2


def test_a_student_joins_one_lesson(cast: Cast, ben: Caller) -> None:
    """They get a session of their own; refused as a new one would be."""
    row = booked(cast.ben_ana, at(9, 16))
    response = ben.post(f"sessions/{row.pk}/join", {"tutorStudentId": cast.ben_cleo.pk})
    made = said(response, 201)["session"]
    assert response["Location"] == f"/api/sessions/{made['id']}"
    assert made["groupId"] == said(ben.get(f"sessions/{row.pk}"))["session"]["groupId"]
    again = ben.post(f"sessions/{row.pk}/join", {"tutorStudentId": cast.ben_cleo.pk})
    assert refusal(again, 409, "conflict")["reason"] == "student_busy"


def test_what_is_named_wrongly_is_refused_by_its_name(cast: Cast, ben: Caller) -> None:
    """Twice the same, a stranger, a date without a lesson; each beside what is right."""
    twice = {**group(cast), "tutorStudentIds": [cast.ben_ana.pk] * 2}
    strange = [{"tutorStudentId": cast.cara_ana.pk, "date": "2027-03-29"}]
    tuesday = [{"tutorStudentId": cast.ben_ana.pk, "date": "2027-03-23"}]
    for wrong, field in (
        (twice, "tutorStudentIds"),
        (group(cast, leaveOutOf=strange), "leaveOutOf"),
        (group(cast, leaveOutOf=tuesday), "leaveOutOf"),
    ):
        problem = refusal(ben.post("series", wrong), 422, "invalid")
        assert [one["field"] for one in problem["errors"]] == [field]
    assert not SessionSeries.objects.exists()
    said(ben.post("series", group(cast)), 201)


def test_nobody_is_planned_without_any_lesson(cast: Cast, ben: Caller) -> None:
    """Left out of every date, alone, in a group or with the others; beforehand as in the deed."""
    every = ["2027-03-22", "2027-03-29", "2027-04-05"]
    anas = [{"tutorStudentId": cast.ben_ana.pk, "date": day} for day in every]
    half: dict[str, Any] = {"leaveOut": every[1:], "leaveOutOf": anas[:1]}
    for wanted, field in (
        (group(cast, leaveOutOf=anas), "leaveOutOf"),
        (body(cast, leaveOutOf=anas), "leaveOutOf"),
        (group(cast, **half), "leaveOutOf"),
        (body(cast, **half), "leaveOutOf"),
        (group(cast, leaveOut=every), "leaveOut"),
        (body(cast, leaveOut=every), "leaveOut"),
    ):
        for dry_run in (True, False):
            answer = ben.post("series", {**wanted, "dryRun": dry_run})
            problem = refusal(answer, 422, "invalid")
            assert [one["field"] for one in problem["errors"]] == [field]
            assert "no lesson at all for Ana Ruiz" in problem["detail"]
    assert not SessionSeries.objects.exists()
    said(ben.post("series", group(cast, leaveOutOf=anas[1:])), 201)
    assert days(cast, ben) == [["03-22"], ["03-22", "03-29", "04-05"]]


def test_a_date_that_would_not_change_is_named_in_words(cast: Cast, ben: Caller) -> None:
    """As where one student's lessons are changed."""
    done = said(ben.post("series", group(cast)), 201)
    edit = {"scope": "all", "startTime": "18:00", "leaveOut": ["2027-03-23"], "wholeGroup": True}
    for whole in (True, False):
        answer = ben.patch(f"series/{done['series']['id']}", {**edit, "wholeGroup": whole})
        assert "Tue 23 Mar 2027 is not a date" in refusal(answer, 422, "invalid")["detail"]


def test_a_group_has_one_tutor(cast: Cast, owner: Caller) -> None:
    """Else the field is named that has the relationships."""
    mixed = {**group(cast), "tutorStudentIds": [cast.ben_ana.pk, cast.cara_ana.pk]}
    problem = refusal(owner.post("series", mixed), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["tutorStudentIds"]
