"""The list of tutors, and the page of one."""

from datetime import date, timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.lessons.end_relationship import end
from tandem.lessons.transfers import transfer
from tandem.people.actions import set_subjects
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.actions import pause, resume
from tandem.relationships.models import RelationshipEvent
from tests.cast import NOW, Cast, user
from tests.web.reading import read

MOST_QUERIES, MOST_OF_ONE = 8, 9
"""Of the list, and of the page of a tutor: the ninth reads the history."""


def test_the_list_says_who_teaches_what_and_how_much(oona: Client, cast: Cast) -> None:
    """Subjects, and open relationships against the capacity."""
    set_subjects(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        subjects=[Taught("Physics", "expert"), Taught("Maths")],
    )
    cast.ben.capacity = 5
    cast.ben.save()
    assert "Ben Maths , Physics 2 of 5" in read(oona, "/tutors")


def test_an_imported_tutor_is_listed_by_the_address(oona: Client, cast: Cast) -> None:
    """Without a name the address stands in its place, found by search and in its order."""
    Tutor.objects.create(email="Bella@tandem.example")
    seen = read(oona, "/tutors")
    listed = [seen.index(f" {name} ") for name in ("Bella@tandem.example", "Ben", "Cara", "Dev")]
    assert listed == sorted(listed)
    assert "Bella@tandem.example" in read(oona, "/tutors", q="bella")
    assert "No tutor has" in read(oona, "/tutors", q="zz")


def test_the_page_of_a_tutor(oona: Client, cast: Cast) -> None:
    """Levels, load, students now and from earlier."""
    set_subjects(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        subjects=[Taught("Physics", "expert"), Taught("Maths")],
    )
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_cleo.pk,
        on=date(2026, 11, 2),
    )
    cast.ben.capacity = 5
    cast.ben.save()
    now = read(oona, f"/tutors/{cast.ben.pk}").split(" History ")[0]
    assert "Physics Expert" in now
    assert "Maths Level not stated" in now
    assert "1 of 5 places taken" in now
    assert "Ana Ruiz" in now
    assert "Cleo Hart" not in now
    earlier = read(oona, f"/tutors/{cast.ben.pk}", which="past").split(" History ")[0]
    assert "Cleo Hart Not stated Maths Ended Tue 1 Sep 2026 to Mon 2 Nov 2026" in earlier
    assert "Ana Ruiz" not in earlier


def test_more_rows_take_no_more_queries(oona: Client, cast: Cast) -> None:
    """Both pages ask as often for many rows as for few."""
    paths = ("/tutors", f"/tutors/{cast.ben.pk}")

    def queries() -> list[int]:
        numbers = []
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                read(oona, path)
            numbers.append(len(captured))
        return numbers

    set_subjects(
        requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, subjects=[Taught("Greek")]
    )
    few = queries()
    Tutor.objects.bulk_create(Tutor(email=f"t{n}@tandem.example") for n in range(60))
    subjects = [Taught(f"Subject {n}") for n in range(9)]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, subjects=subjects)
    more = queries()
    assert few == more
    assert more[0] <= MOST_QUERIES
    assert more[1] <= MOST_OF_ONE


def test_the_history_of_a_tutor(oona: Client, ben: Client, cast: Cast) -> None:
    """Of each student what happened, the newest first; for owners and the tutor alone."""
    pause(requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_cleo.pk)
    for client in (oona, ben):
        seen = read(client, f"/tutors/{cast.ben.pk}").split(" History ")[1]
        told = [
            "Cleo Hart : Teaching by Ben was paused by Ben",
            "Cleo Hart : Ben began to teach Maths by Oona",
            "Ana Ruiz : Ben began to teach Physics by Oona",
        ]
        assert [seen.index(one) for one in told] == sorted(seen.index(one) for one in told)
    assert " History " not in read(ben, f"/tutors/{cast.cara.pk}")


def test_a_handover_names_both_tutors_to_who_sees_both(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """The owner is told who took over; who handed over, once it came, is not."""
    on = NOW.date()
    transfer(
        requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, to_tutor_id=cast.dev.pk, on=on
    )
    path = f"/tutors/{cast.ben.pk}"
    assert "Ben handed over to Dev" in read(oona, path)
    assert "Ben handed over to another tutor" in read(ben, path)


def test_a_long_history_says_that_it_is_cut(oona: Client, cast: Cast) -> None:
    """The newest lines are shown, with as many queries as a short one has."""
    path = f"/tutors/{cast.ben.pk}"
    with CaptureQueriesContext(connection) as few:
        assert "These are the newest" not in read(oona, path)
    for _ in range(16):
        pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
        resume(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    with CaptureQueriesContext(connection) as many:
        assert "These are the newest 30 changes." in read(oona, path)
    assert len(many) == len(few)


def test_what_came_over_at_one_moment_is_told_by_its_days(oona: Client, cast: Cast) -> None:
    """The newest first, in whatever order the rows were brought."""
    at = NOW + timedelta(days=1)
    days = (date(2026, 9, 12), date(2026, 6, 26), date(2026, 10, 2))
    for day in days:
        RelationshipEvent.objects.create(
            relationship=cast.ben_ana, what="imported", on_date=day, at=at
        )
    seen = read(oona, f"/tutors/{cast.ben.pk}").split("History")[1]
    told = [seen.index(words) for words in ("2 Oct 2026", "12 Sep 2026", "26 Jun 2026")]
    assert told == sorted(told)
