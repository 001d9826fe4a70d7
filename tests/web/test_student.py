"""The page of one student."""

from datetime import date

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.lessons.actions import cancel, complete
from tandem.lessons.models import Session
from tandem.people.actions import update_student, update_tutor
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.people.rules import STUDENT_FIELDS, TUTOR_FIELDS
from tandem.relationships.actions import change_subject, pair, pause
from tests.cast import DECEMBER, NOW, Cast, at, booked, user
from tests.web.reading import read, words

MOST_QUERIES = 8


def test_the_page_says_who_teaches_her(oona: Client, cast: Cast) -> None:
    """Every relationship, the ended ones too, the primary marked."""
    cast.cara_ana.ended_on = date(2026, 10, 1)
    cast.cara_ana.save()
    seen = read(oona, f"/students/{cast.ana.pk}")
    assert "Who teaches Ana ?" in seen
    assert "Ben Physics Primary since Tue 1 Sep 2026" in seen
    assert "Cara Maths Ended Tue 1 Sep 2026 to Thu 1 Oct 2026" in seen


def test_sessions_stand_by_tutor(oona: Client, cast: Cast) -> None:
    """Upcoming and past, with notes, homework and progress; a cancelled one is marked."""
    held = booked(cast.ben_ana, at(12, 15, month=10))
    complete(
        requester=Requester(None, DECEMBER),
        session_id=held.pk,
        notes="Levers.\n\nThen <pulleys>.",
        homework="Page 4",
        progress=4,
    )
    off = booked(cast.cara_ana, at(5, 16))
    cancel(requester=Requester(None, NOW), session_id=off.pk)
    booked(cast.ben_ana, at(9, 16))
    seen = read(oona, f"/students/{cast.ana.pk}")
    bens, caras = seen.index("With Ben"), seen.index("With Cara")
    assert bens < seen.index("Upcoming Mon 9 Nov 2026 16:00 to 17:00 Physics") < caras
    assert "Past Mon 12 Oct 2026 16:00 to 17:00 Physics" in seen
    assert "Notes Levers. Then <pulleys>. Homework Page 4 Progress 4 of 5" in seen
    assert "Thu 5 Nov 2026 16:00 to 17:00 Cancelled" in seen[caras:]


def test_progress_is_drawn_and_listed(oona: Client, cast: Cast) -> None:
    """A curve for each relationship and one for all, with the numbers one key press away."""
    for row, day, mark in ((cast.ben_ana, 12, 2), (cast.cara_ana, 13, 5), (cast.ben_ana, 19, 4)):
        held = booked(row, at(day, 15, month=10))
        complete(requester=Requester(None, DECEMBER), session_id=held.pk, progress=mark)
    page = oona.get(f"/students/{cast.ana.pk}")
    assert page.content.decode().count("<polyline") == 3
    seen = words(page)
    assert "All lessons" in seen
    assert "Mon 19 Oct 2026 Ben , Physics 4 Tue 13 Oct 2026 Cara , Maths 5" in seen


def test_times_are_the_readers(oona: Client, cast: Cast) -> None:
    """A tutor in New York reads New York's clock, and is told so; the business has its own."""
    booked(cast.ben_ana, at(9, 16))
    cast.ben.time_zone = "America/New_York"
    cast.ben.save()
    client = Client()
    client.force_login(user(cast.ben))
    seen = read(client, f"/students/{cast.ana.pk}")
    assert "Times are in New York time" in seen
    assert "Mon 9 Nov 2026 11:00 to 12:00" in seen
    assert "Mon 9 Nov 2026 16:00 to 17:00" in read(oona, f"/students/{cast.ana.pk}")


def test_a_session_under_way_is_marked_now(oona: Client, cast: Cast) -> None:
    """One that has begun is still among those ahead; one that is over waits for its record."""
    booked(cast.ben_ana, at(2, 8, 30))
    booked(cast.ben_ana, at(1, 8, 30))
    seen = read(oona, f"/students/{cast.ana.pk}")
    assert "Upcoming Mon 2 Nov 2026 08:30 to 09:30 Now" in seen
    assert "Past Sun 1 Nov 2026 08:30 to 09:30 Not recorded yet" in seen


def test_the_nearest_are_shown_and_the_rest_are_one_step_away(oona: Client, cast: Cast) -> None:
    """Five each way with each tutor, then all of them on a page of their own."""
    for day in range(1, 9):
        booked(cast.ben_ana, at(day, 16, month=12))
    seen = read(oona, f"/students/{cast.ana.pk}")
    assert "Sat 5 Dec 2026" in seen
    assert "Sun 6 Dec 2026" not in seen
    assert "All 8 sessions with Ben" in seen
    rest = read(oona, f"/students/{cast.ana.pk}/sessions", tutor=cast.ben.pk)
    assert rest.count("Dec 2026") == 8
    none = read(oona, f"/students/{cast.ana.pk}/sessions", tutor=cast.cara.pk)
    assert "No sessions yet" in none


def test_a_fault_of_an_import_is_said_in_words(oona: Client, cast: Cast) -> None:
    """A session that ends before it starts is shown with what is wrong with it."""
    Session.objects.create(
        tutor_student=cast.ben_ana,
        tutor=cast.ben,
        student=cast.ana,
        starts_at=at(1, 16, month=10),
        ends_at=at(1, 15, month=10),
        status="completed",
        legacy_fault="ends_before_start something_new",
    )
    seen = read(oona, f"/students/{cast.ana.pk}")
    assert "Needs attention: It ends before it starts." in seen
    assert "Needs attention: It breaks a rule: something new." in seen


def test_a_meeting_link_that_is_no_address_is_no_link(oona: Client, cast: Cast) -> None:
    """What a browser could run is shown as text."""
    for link, hour in (("javascript:alert(1)", 10), ("https://meet.example/ana", 12)):
        session = booked(cast.ben_ana, at(9, hour))
        Session.objects.filter(pk=session.pk).update(meeting_link=link)
    page = oona.get(f"/students/{cast.ana.pk}").content.decode()
    assert 'href="https://meet.example/ana"' in page
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page


def test_owner_and_present_tutors_have_the_parents_link(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """The whole address, ready to copy."""
    address = f"http://testserver/parent/{cast.ana.parent_link_token}"
    for client in (oona, ben):
        assert f'value="{address}"' in client.get(f"/students/{cast.ana.pk}").content.decode()


def test_the_history_reads_as_sentences(oona: Client, cast: Cast) -> None:
    """What happened, when, and by whom; a subject is named as it was then."""
    change_subject(
        requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk, subject="Chemistry"
    )
    pause(requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_ana.pk)
    seen = read(oona, f"/students/{cast.ana.pk}").split(" History ")[1]
    assert "Teaching by Ben was paused by Ben" in seen
    assert "Ben changed from Physics to Chemistry by Oona" in seen
    assert "Tue 1 Sep 2026 Ben began to teach Physics by Oona" in seen


def test_a_student_whom_nobody_teaches_has_a_next_step(oona: Client, cast: Cast) -> None:
    """An empty page is not a dead end."""
    alone = Student.objects.create(full_name="Una")
    seen = read(oona, f"/students/{alone.pk}")
    assert "Pair Una with a tutor" in seen
    assert "There is no link for the parents yet" in seen


def test_more_rows_take_no_more_queries(oona: Client, cast: Cast) -> None:
    """The page asks as often for a long story as for a short one."""
    booked(cast.ben_ana, at(2, 8))
    with CaptureQueriesContext(connection) as few:
        read(oona, f"/students/{cast.ana.pk}")
    pair(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    for day in range(3, 15):
        booked(cast.ben_ana, at(day, 10))
        booked(cast.cara_ana, at(day, 12))
    with CaptureQueriesContext(connection) as more:
        read(oona, f"/students/{cast.ana.pk}")
    assert len(few) == len(more) <= MOST_QUERIES


def test_whatever_is_kept_of_somebody_stands_on_their_page(oona: Client, cast: Cast) -> None:
    """How they are reached, on which clock they are; and that they are not here any more."""
    said = {
        "full_name": "Anastasia Rey",
        "year": "Sixth form",
        "active": False,
        "email": "ana@example.org",
        "phone": "+44 20 7946 0001",
        "parent_email": "home@example.org",
        "time_zone": "America/New_York",
        "capacity": 17,
    }
    shown = {**said, "active": "Inactive.", "time_zone": "New York", "capacity": "of 17"}
    student = {name: said[name] for name in STUDENT_FIELDS}
    update_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, changes=student)
    seen = read(oona, f"/students/{cast.ana.pk}")
    assert [name for name in STUDENT_FIELDS if str(shown[name]) not in seen] == []
    tutor = {name: said[name] for name in TUTOR_FIELDS}
    update_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, changes=tutor)
    seen = read(oona, f"/tutors/{cast.ben.pk}")
    assert [name for name in TUTOR_FIELDS if str(shown[name]) not in seen] == []
    assert 'href="tel:+44%2020%207946%200001"' in oona.get(f"/tutors/{cast.ben.pk}").text
