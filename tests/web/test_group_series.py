"""Weekly lessons of a group by clicking: for all of them or for one, and a further student."""

import re
from datetime import date, time

from django.test import Client

from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import NewSeries, plan_series
from tandem.people.models import Student
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked, third
from tests.web.reading import read, words
from tests.web.sending import fields, sent
from tests.web.test_series import TYPED, asked


def planned(oona: Client, cast: Cast) -> str:
    """Return the path of Ana's series of three Mondays with Cleo."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    seen = oona.get(path, {**TYPED, "together": cast.ben_cleo.pk})
    assert "6 lessons" in words(seen)
    assert "2 students are taught together" in words(seen)
    after = words(sent(oona, path, fields(seen)))
    assert "Taught together: Ana Ruiz , Cleo Hart ." in after
    return f"/series/{SessionSeries.objects.get(tutor_student=cast.ben_ana).pk}"


def starts(cast: Cast) -> list[list[str]]:
    """Return when Ana's and Cleo's lessons begin."""
    return [
        [
            f"{one.starts_at:%d %H}"
            for one in Session.objects.filter(tutor_student=link, status="scheduled").order_by(
                "starts_at"
            )
        ]
        for link in (cast.ben_ana, cast.ben_cleo)
    ]


def test_a_group_is_planned_and_undone(oona: Client, cast: Cast) -> None:
    """Ticked on the form of weekly lessons; each page names the others, and leads to them."""
    path = planned(oona, cast)
    assert starts(cast) == [["22 16", "29 15", "05 15"]] * 2
    other = SessionSeries.objects.get(tutor_student=cast.ben_cleo)
    assert f'href="/series/{other.pk}"' in oona.get(path).content.decode()
    one = Session.objects.filter(tutor_student=cast.ben_ana).earliest("starts_at")
    assert "Taught together: Ana Ruiz , Cleo Hart ." in read(oona, f"/sessions/{one.pk}")


def test_each_deed_asks_for_whom_it_is(oona: Client, cast: Cast) -> None:
    """The whole group unless chosen otherwise; the look names each student."""
    path = planned(oona, cast)
    for whom, number in (
        ("group", "4 lessons as they will be"),
        ("alone", "2 lessons as they will be"),
    ):
        seen = words(oona.get(f"{path}/change", asked(starts="17:30", for_whom=whom)))
        assert number in seen
        assert ("Cleo Hart" in seen.split("What will happen")[1]) is (whom == "group")
    look = oona.get(f"{path}/change", asked(starts="17:30", for_whom="group"))
    assert "The lessons are changed." in words(sent(oona, f"{path}/change", fields(look)))
    assert starts(cast) == [["22 16", "29 16", "05 16"]] * 2
    skip = f"{path}/skip/2027-03-22"
    sent(oona, skip, {**fields(oona.get(skip)), "for_whom": "group"})
    assert starts(cast) == [["29 16", "05 16"]] * 2
    restore = f"{path}/restore/2027-03-22"
    sent(oona, restore, {**fields(oona.get(restore)), "for_whom": "alone"})
    assert starts(cast) == [["22 16", "29 16", "05 16"], ["29 16", "05 16"]]


def test_who_could_not_come_at_all_is_named_by_the_look(oona: Client, cast: Cast) -> None:
    """Which offers no button then, as the deed would be refused; what is left out is told."""
    for day in (at(22, 16, month=3, year=2027), at(29, 15, month=3, year=2027)):
        booked(cast.cara_ana, day)
    booked(cast.cara_ana, at(5, 15, month=4, year=2027))
    path = f"/relationships/{cast.ben_cleo.pk}/series/new"
    given = {**TYPED, "together": cast.ben_ana.pk, "skip_conflicts": "on"}
    seen = oona.get(path, given)
    assert "That leaves no lesson at all for Ana Ruiz." in words(seen)
    assert words(seen).count("Ana Ruiz: The student already has a session") == 3
    assert "Plan them" not in words(seen)
    assert not SessionSeries.objects.exists()


def test_a_group_stops_for_all_or_for_one(oona: Client, cast: Cast) -> None:
    """After a look at whose lessons go."""
    path = planned(oona, cast)
    for whom, number in (("alone", "1 lesson will be removed"), ("group", "2 lessons will be")):
        assert number in words(oona.get(f"{path}/stop", {"on": "2027-04-01", "for_whom": whom}))
    look = oona.get(f"{path}/stop", {"on": "2027-04-01", "for_whom": "group"})
    sent(oona, f"{path}/stop", fields(look))
    assert starts(cast) == [["22 16", "29 15"]] * 2


def test_lessons_of_one_student_ask_for_nobody_else(oona: Client, cast: Cast) -> None:
    """No question where there is no group."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    sent(oona, path, fields(oona.get(path, TYPED)))
    series = SessionSeries.objects.get()
    assert series.group is None
    for page in ("change", "stop", "skip/2027-03-22"):
        assert "For whom" not in read(oona, f"/series/{series.pk}/{page}")


def test_a_student_is_added_to_weekly_lessons(oona: Client, cast: Cast) -> None:
    """After a look; who takes part already cannot be chosen; what is in the way is named."""
    finn = third(cast)
    path = planned(oona, cast)
    booked(finn, at(29, 14, 30, month=3, year=2027), at(29, 15, month=3, year=2027))
    page = oona.get(f"{path}/join")
    assert "Finn Moss" in words(page)
    assert "Cleo Hart, Maths" not in words(page)
    asks = {"who": finn.pk, "since": "2027-03-29"}
    seen = oona.get(f"{path}/join", asks)
    assert "2 lessons" in words(seen)
    after = words(sent(oona, f"{path}/join", fields(seen)))
    assert "Finn Moss takes part from Mon 29 Mar 2027 on." in after
    assert "Taught together: Ana Ruiz , Cleo Hart , Finn Moss ." in after
    assert oona.get(f"{path}/join").status_code == 409


def test_where_nobody_can_join_it_is_said_and_not_offered(oona: Client, cast: Cast) -> None:
    """All of Ben's students take part, or the other one is inactive; with a third it is offered."""
    path = planned(oona, cast)
    session = f"/sessions/{Session.objects.order_by('starts_at')[0].pk}"
    nobody = "Ben teaches nobody else who could join these lessons."
    for page in (path, session):
        assert nobody in read(oona, page)
        assert "Add a student" not in read(oona, page)
    assert nobody in words(oona.get(f"{path}/join"))
    finn = third(cast)
    for page in (path, session):
        assert nobody not in read(oona, page)
        assert "Add a student" in read(oona, page)
    Student.objects.filter(pk=finn.student_id).update(active=False)
    for page in (path, session):
        assert nobody in read(oona, page)


def test_what_stands_against_joining_is_named(oona: Client, cast: Cast) -> None:
    """With the choice to leave it out; there is no button before that."""
    path = f"/relationships/{cast.ben_cleo.pk}/series/new"
    sent(oona, path, fields(oona.get(path, TYPED)))
    booked(cast.cara_ana, at(29, 15, 30, month=3, year=2027))
    join = f"/series/{SessionSeries.objects.get().pk}/join"
    asks = {"who": cast.ben_ana.pk, "since": "2027-03-22"}
    seen = words(oona.get(join, asks))
    assert "Mon 29 Mar 2027: Ana Ruiz: The student already has a session" in seen
    assert "Add them" not in seen
    sent(oona, join, fields(oona.get(join, {**asks, "skip_conflicts": "on"})))
    assert starts(cast) == [["22 16", "05 15"], ["22 16", "29 15", "05 15"]]


def test_a_student_is_added_to_one_lesson(oona: Client, dev: Client, cast: Cast) -> None:
    """From its page; not by who may not change it."""
    row = booked(cast.ben_ana, at(9, 16))
    assert "Add a student" in read(oona, f"/sessions/{row.pk}")
    path = f"/sessions/{row.pk}/join"
    assert dev.get(path).status_code == 404
    page = oona.get(path)
    after = words(sent(oona, path, {**fields(page), "who": cast.ben_cleo.pk}))
    assert "Cleo Hart takes part: " in after
    assert "Taught together: Ana Ruiz , Cleo Hart ." in after
    assert oona.get(path).status_code == 409


def test_three_are_named_as_a_sentence_names_them(oona: Client, cast: Cast) -> None:
    """In what was done: the first two by a comma, the last by a word."""
    finn = third(cast)
    wanted = NewSeries(
        cast.ben_ana.pk,
        "FREQ=WEEKLY;COUNT=2",
        date(2027, 3, 22),
        time(16),
        60,
        "Europe/London",
        together=(cast.ben_cleo.pk, finn.pk),
    )
    plan_series(requester=Requester(cast.owner, NOW), wanted=wanted)
    said = words(oona.get("/deeds"))
    named = re.search(r"lessons of ([\w ]+), ([\w ]+) and ([\w ]+) with Ben were planned", said)
    assert named
    assert {*named.groups()} == {"Ana Ruiz", "Cleo Hart", "Finn Moss"}
