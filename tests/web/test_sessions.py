"""Sessions, by clicking: planned on the tutor's clock, recorded, moved, called off."""

from datetime import date, time

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.kit.weekly import Weekly
from tandem.lessons.actions import cancel, complete
from tandem.lessons.availability import set_availability
from tandem.lessons.closures import add_closure
from tandem.lessons.cover import cover
from tandem.lessons.models import Deed, Session, SessionEvent
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import fields, opened, send, sent

MOST_QUERIES = 8


def plan(client: Client, cast: Cast, **typed: str) -> str:
    """Return what is said after planning a session of Ben's with Ana."""
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    return words(send(client, path, **{"day": "2026-11-09", "starts": "16:00", **typed}))


def test_a_tutor_plans_a_session_of_their_own(ben: Client, cast: Cast) -> None:
    """In the context of a relationship, an hour unless said otherwise."""
    seen = plan(ben, cast, title="Levers", location="Library", meeting_link="https://meet.example")
    assert "The session is planned." in seen
    assert "Mon 9 Nov 2026 16:00 to 17:00 Physics Levers Where Library" in seen
    assert ben.get(f"/relationships/{cast.cara_ana.pk}/sessions/new").status_code == 403


def test_a_busy_hour_is_refused_and_nothing_is_lost(oona: Client, cast: Cast) -> None:
    """An owner plans for anybody; the refusal is in words, and the form keeps what was typed."""
    booked(cast.ben_cleo, at(9, 16, 30))
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    answer = send(oona, path, day="2026-11-09", starts="16:00", title="Levers")
    assert answer.status_code == 409
    assert "The tutor already has a session in these hours." in words(answer)
    assert fields(answer)["title"] == "Levers"
    later = words(sent(oona, path, fields(answer), starts="17:30"))
    assert "Mon 9 Nov 2026 17:30 to 18:30" in later


def in_new_york(cast: Cast) -> None:
    """Let Ben live there; Oona goes on reading London's clock."""
    cast.ben.time_zone = "America/New_York"
    cast.ben.save()


def test_times_are_typed_on_the_tutors_clock(oona: Client, cast: Cast) -> None:
    """16:00 where Ben is; the page says whose clock that is."""
    in_new_york(cast)
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    assert "Times are in New York time, where Ben is." in read(oona, path)
    assert "Mon 9 Nov 2026 21:00 to 22:00" in plan(oona, cast)


def test_a_time_that_never_comes_is_explained(oona: Client, cast: Cast) -> None:
    """In March the clocks go forward past 02:30."""
    in_new_york(cast)
    seen = plan(oona, cast, day="2027-03-14", starts="02:30")
    assert "02:30 on Sun 14 Mar 2027 does not exist in America/New_York" in seen
    assert not Session.objects.exists()


def test_a_time_that_comes_twice_is_asked_about(oona: Client, cast: Cast) -> None:
    """In November 01:30 comes before and after the clocks go back; the form asks which."""
    in_new_york(cast)
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    asked = send(oona, path, day="2027-11-07", starts="01:30")
    assert "01:30 comes twice that night" in words(asked)
    assert "01:30 EDT 01:30 EST" in words(asked)
    sent(oona, path, fields(asked), coming="second")
    assert Session.objects.get().starts_at == at(7, 6, 30, year=2027)


def test_an_hour_that_has_passed_is_asked_about(ben: Client, cast: Cast) -> None:
    """Nothing is lost, and nothing done before it is said: recorded at once, or planned."""
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    assert "Was it held?" not in read(ben, path)
    asked = send(ben, path, day="2026-11-01", starts="16:00", title="Levers")
    assert "This hour has passed. Say whether it was held." in words(asked)
    assert not Session.objects.exists()
    done = words(sent(ben, path, fields(asked), held="yes"))
    assert "The session is recorded. Ana Ruiz with Ben: Sun 1 Nov 2026, 16:00 to 17:00." in done
    row = Session.objects.get()
    assert (row.status, row.title) == ("completed", "Levers")
    asked = send(ben, path, day="2026-11-01", starts="12:00")
    done = words(sent(ben, path, fields(asked), held="no"))
    assert "this hour has passed. Record how it went, or move it." in done
    assert "Record how it went Move" in done


def test_what_is_ahead_or_running_is_not_asked_about(ben: Client, cast: Cast) -> None:
    """What has begun is told; a group is recorded for each on its page."""
    assert "Was it held?" not in plan(ben, cast)
    assert "Mon 2 Nov 2026, 08:30: this has begun already." in plan(
        ben, cast, day="2026-11-02", starts="08:30"
    )
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    together = words(send(ben, path, day="2026-11-01", starts="16:00", together=cast.ben_cleo.pk))
    assert "this hour has passed." in together
    assert "Record how it went for each" in together


def test_a_lesson_that_is_moved_into_the_past_says_so(ben: Client, cast: Cast) -> None:
    """It may have been held earlier than planned."""
    session = booked(cast.ben_ana, at(9, 16))
    said = words(send(ben, f"/sessions/{session.pk}/move", day="2026-11-01", starts="16:00"))
    assert "this hour has passed. Record how it went, or move it." in said


def test_students_are_taught_together(ben: Client, cast: Cast) -> None:
    """One session for each, in one group."""
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    send(ben, path, day="2026-11-09", starts="16:00", together=cast.ben_cleo.pk)
    both = Session.objects.all()
    assert {session.student_id for session in both} == {cast.ana.pk, cast.cleo.pk}
    assert len({session.group for session in both}) == 1


def test_a_session_is_recorded(ben: Client, cast: Cast) -> None:
    """With notes, homework and progress, which the page then shows."""
    session = booked(cast.ben_ana, at(1, 16))
    path = f"/sessions/{session.pk}"
    assert "Record how it went" in read(ben, path)
    seen = words(send(ben, f"{path}/complete", notes="Levers.", homework="Page 4", progress="4"))
    assert "Completed" in seen
    assert "Notes Levers. Homework Page 4 Progress 4 of 5" in seen
    edited = words(send(ben, f"{path}/edit", notes="Pulleys.", progress=""))
    assert "Notes Pulleys. Homework Page 4" in edited
    assert "Progress" not in edited


def test_a_session_is_moved_called_off_planned_again_and_removed(ben: Client, cast: Cast) -> None:
    """Each on its page; the form for moving shows the hours that it has."""
    session = booked(cast.ben_ana, at(9, 16))
    path = f"/sessions/{session.pk}"
    moved = words(send(ben, f"{path}/move", day="2026-11-10", minutes="90"))
    assert "Tue 10 Nov 2026, 16:00" in moved
    assert "16:00 to 17:30" in moved
    assert "Cancelled" in words(send(ben, f"{path}/cancel", by="tutor"))
    assert "Scheduled" in words(send(ben, f"{path}/reinstate"))
    early = send(ben, f"{path}/missed", notes="Ill")
    assert early.status_code == 409
    assert "This session has not begun" in words(early)
    send(ben, f"{path}/move", day="2026-11-01")
    assert "recorded as missed" in words(send(ben, f"{path}/missed", notes="Ill"))
    refused = send(ben, f"{path}/delete")
    assert refused.status_code == 409
    assert "You cannot delete this session: it is missed." in words(refused)
    send(ben, f"{path}/reinstate")
    assert "The session is removed." in words(send(ben, f"{path}/delete"))
    assert not Session.objects.exists()


def test_an_owner_plans_again_in_spite_of_a_closed_day(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """As when planning or moving: a tick, for owners alone, and the history says so."""
    session = booked(cast.ben_ana, at(9, 16))
    path = f"/sessions/{session.pk}/reinstate"
    send(ben, f"/sessions/{session.pk}/cancel", by="tutor")
    add_closure(
        requester=Requester(cast.owner, NOW),
        name="Storm",
        starts_on=date(2026, 11, 9),
        ends_on=date(2026, 11, 10),
    )
    assert "override" not in opened(ben, path)
    assert send(ben, path, override="on").status_code == 409
    refused = send(oona, path)
    assert refused.status_code == 409
    assert "Even if the tutor is away or the business is closed" in words(refused)
    assert "The session is planned again." in words(send(oona, path, override="on"))
    assert SessionEvent.objects.order_by("id").reverse()[0].details["override"] == ["closed"]


def test_a_move_to_the_hours_that_it_has_is_none(ben: Client, cast: Cast) -> None:
    """The form says so, and not that it is moved; a swap needs other hours, too."""
    session = booked(cast.ben_ana, at(9, 16))
    refused = send(ben, f"/sessions/{session.pk}/move")
    assert refused.status_code == 409
    assert "These are its hours already, so nothing was changed." in words(refused)
    assert "Moved" not in read(ben, f"/sessions/{session.pk}")


def test_somebody_moved_it_meanwhile(ben: Client, cast: Cast) -> None:
    """What one was about to record was changed by somebody else: both are shown."""
    session = booked(cast.ben_ana, at(1, 16))
    path = f"/sessions/{session.pk}/edit"
    form = fields(ben.get(path))
    send(ben, path, notes="Theirs")
    stale = sent(ben, path, form, notes="Mine")
    assert stale.status_code == 409
    assert "Saved now: Theirs" in words(stale)
    assert fields(stale)["notes"] == "Mine"


def test_a_session_of_others_is_not_there(dev: Client, ben: Client, cast: Cast) -> None:
    """Neither its page nor its forms, nor a line in the list or the week."""
    session = booked(cast.cara_ana, at(2, 16))
    for client in (dev, ben):
        assert client.get(f"/sessions/{session.pk}").status_code == 404
        assert client.get(f"/sessions/{session.pk}/edit").status_code == 404
        assert "16:00" not in read(client, "/sessions")
        assert "16:00 to 17:00" not in read(client, "/calendar")
    assert dev.get(f"/sessions/{session.pk}/fly").status_code == 404


def test_the_list_is_narrowed(oona: Client, cast: Cast) -> None:
    """From today on unless said; by days, status and tutor; the dates are the reader's."""
    booked(cast.ben_ana, at(1, 16))
    off = booked(cast.cara_ana, at(3, 16))
    booked(cast.ben_ana, at(4, 16))
    cancel(requester=Requester(None, at(1, 9)), session_id=off.pk)
    first = read(oona, "/sessions")
    assert "Sun 1 Nov" not in first
    assert "Tue 3 Nov 2026" in first
    assert "Sun 1 Nov 2026" in read(oona, "/sessions", starts_until="2026-11-02")
    bens = read(oona, "/sessions", tutor=cast.ben.pk)
    assert "Wed 4 Nov 2026" in bens
    assert "Tue 3 Nov" not in bens
    assert "Wed 4 Nov" not in read(oona, "/sessions", status="cancelled")
    assert oona.get("/sessions?status=lost").status_code == 422


def test_a_list_of_a_day_that_is_none_says_so(oona: Client) -> None:
    listed = oona.get("/sessions", {"starts_from": "xx"})
    assert (listed.status_code, "That is no day." in words(listed)) == (422, True)


def test_long_notes_begin_in_a_list_and_stand_whole_on_their_page(oona: Client, cast: Cast) -> None:
    """5,000 characters are two lines and a way to the rest; short ones are not cut."""
    session = booked(cast.ben_ana, at(2, 7))
    long = "Waves and light. " * 300
    complete(
        requester=Requester(cast.owner, NOW),
        session_id=session.pk,
        notes=long,
        homework="Read page 3",
    )
    for path in ("/", "/sessions"):
        seen = read(oona, path)
        assert "Waves and light. Waves" in seen
        assert len(seen) < 2_000
        assert "… More : Notes, Ana Ruiz" in seen
        assert "Homework Read page 3" in seen
        assert "More homework" not in seen
    assert read(oona, f"/sessions/{session.pk}").count("Waves and light.") == 300


def test_more_rows_take_no_more_queries(oona: Client, cast: Cast) -> None:
    """List and calendar ask as often for many sessions as for few."""

    def queries() -> list[int]:
        numbers = []
        for path in ("/sessions", "/calendar"):
            with CaptureQueriesContext(connection) as captured:
                read(oona, path)
            numbers.append(len(captured))
        return numbers

    booked(cast.ben_ana, at(2, 16))
    few = queries()
    for day in range(3, 9):
        booked(cast.ben_ana, at(day, 10))
        booked(cast.cara_ana, at(day, 12))
    assert few == queries()
    assert max(few) <= MOST_QUERIES


def test_its_page_says_who_changed_it(oona: Client, ben: Client, cast: Cast) -> None:
    """Planned by Ben, moved by the owner; in words, with the hours before and after."""
    plan(ben, cast)
    session = Session.objects.get()
    path = f"/sessions/{session.pk}"
    send(oona, f"{path}/move", day="2026-11-10", starts="18:00", minutes="60")
    seen = read(ben, path)
    assert "Who changed it" in seen
    assert "Planned by Ben" in seen
    assert "Moved from Mon 9 Nov 2026, 16:00 to Tue 10 Nov 2026, 18:00 by Oona" in seen


def test_free_hours_are_suggested_and_taken_by_a_click(oona: Client, cast: Cast) -> None:
    """Where the tutor has stated a week; else nothing is guessed."""
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    assert "Both are free" not in read(oona, path)
    set_availability(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        spans=[Weekly(0, time(8), time(12)), Weekly(2, time(14), time(16))],
    )
    booked(cast.cara_ana, at(9, 9))
    with CaptureQueriesContext(connection) as asked:
        page = oona.get(path)
    assert len(asked) <= MOST_QUERIES
    seen = words(page)
    assert (
        "Both are free Mon 2 Nov, 09:15 to 12:00 Wed 4 Nov, 14:00 to 16:00 Mon 9 Nov, 08:00" in seen
    )
    assert 'href="?day=2026-11-09&amp;starts=10:00"' in page.content.decode()
    form = opened(oona, f"{path}?day=2026-11-09&starts=10:00")
    assert (form["day"], form["starts"]) == ("2026-11-09", "10:00")
    assert opened(oona, f"{path}?day=2026-11-31&starts=10:00")["day"] == "2026-11-02"
    sent(oona, path, form)
    assert Session.objects.get(tutor=cast.ben).starts_at == at(9, 10)


def test_an_owner_corrects_the_hours_of_what_was_held(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """The page offers it of what is recorded, to owners; the history says why."""
    session = booked(cast.ben_ana, at(2, 8, 0))
    address = f"/sessions/{session.pk}"
    assert "Correct its hours" not in read(oona, address)
    complete(requester=Requester(None, NOW), session_id=session.pk)
    assert "Correct its hours" in read(oona, address)
    assert "Correct its hours" not in read(ben, address)
    assert ben.get(f"{address}/correct").status_code == 403
    typed = {"day": "2026-11-02", "starts": "07:30", "minutes": "60", "reason": ""}
    assert "Why" in read(oona, f"{address}/correct")
    send(oona, f"{address}/correct", **typed)
    session.refresh_from_db()
    assert session.starts_at == at(2, 8, 0)
    same = {**typed, "starts": "08:00", "reason": "It was not"}
    assert "so nothing was changed" in words(send(oona, f"{address}/correct", **same))
    assert "It was not" not in read(oona, address)
    done = send(oona, f"{address}/correct", **{**typed, "reason": "It was earlier"})
    assert "The hours are corrected." in words(done)
    told = "Hours corrected from Mon 2 Nov 2026, 08:00 to Mon 2 Nov 2026, 07:30: It was earlier"
    assert told in read(oona, address)
    session.refresh_from_db()
    assert (session.starts_at, session.status) == (at(2, 7, 30), "completed")


def test_a_session_leads_to_the_weekly_lessons_that_it_is_one_of(
    oona: Client, dev: Client, cast: Cast
) -> None:
    """But for who covers it alone, who does not see those."""
    wanted = NewSeries(
        cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=3", date(2026, 11, 9), time(16), 60, "Europe/London"
    )
    made = plan_series(requester=Requester(cast.owner, NOW), wanted=wanted)
    first = made.sessions[0]
    page = oona.get(f"/sessions/{first.pk}")
    assert "One of these weekly lessons: Monday, 16:00" in words(page)
    assert f'href="/series/{made.series.pk}"' in page.content.decode()
    cover(requester=Requester(cast.owner, NOW), session_id=first.pk, tutor_id=cast.dev.pk)
    covered = dev.get(f"/sessions/{first.pk}")
    assert covered.status_code == 200
    assert "weekly lessons" not in words(covered)
    assert "weekly lessons" not in words(
        oona.get(f"/sessions/{booked(cast.ben_cleo, at(9, 9)).pk}")
    )


def test_the_history_names_who_takes_a_lesson(oona: Client, cast: Cast) -> None:
    """Also once nothing is left of a cover but its line."""
    row = booked(cast.ben_ana, at(9, 16))
    cover(requester=Requester(cast.owner, NOW), session_id=row.pk, tutor_id=cast.dev.pk)
    assert "Given to Dev as cover" in words(oona.get(f"/sessions/{row.pk}"))
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=Deed.objects.get().pk)
    said = words(oona.get(f"/sessions/{row.pk}"))
    assert "Given to Dev as cover by Oona" in said
    assert "Given back to Ben by Oona" in said
