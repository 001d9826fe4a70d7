"""A tutor's time, by clicking: the week, absences, and who covers what they leave."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.lessons.actions import cancel
from tandem.lessons.cover import cover
from tandem.lessons.models import Availability, Deed, Session, TimeOff
from tandem.people.actions import set_subjects
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.actions import pair
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import fields, opened, send, sent

KEEP = {"first_day": "2026-11-17", "sessions": "keep"}


def an_absence(cast: Cast) -> TimeOff:
    """Return Ben's Tuesday off; Dev teaches physics and could cover."""
    set_subjects(requester=Requester(None, NOW), tutor_id=cast.dev.pk, subjects=[Taught("Physics")])
    return TimeOff.objects.create(tutor=cast.ben, starts_at=at(17, 0), ends_at=at(18, 0))


def test_a_tutor_says_when_they_are_free(ben: Client, cast: Cast) -> None:
    """The lines are the whole week; the page of the tutor says it in words."""
    path = f"/tutors/{cast.ben.pk}/week"
    monday = {"monday_1_from": "15:00", "monday_1_until": "18:00"}
    friday = {"friday_2_from": "09:30", "friday_2_until": "10:00"}
    seen = words(send(ben, path, **monday, **friday))
    assert "The week is saved." in seen
    assert "Monday 15:00 to 18:00 Friday 09:30 to 10:00" in seen
    send(ben, path, monday_1_from="", monday_1_until="")
    assert [row.weekday for row in Availability.objects.all()] == [4]


def test_a_time_may_last_until_midnight(ben: Client, cast: Cast) -> None:
    """A field for a time writes the end of a day as 00:00; the page says 24:00."""
    path = f"/tutors/{cast.ben.pk}/week"
    seen = words(send(ben, path, monday_1_from="22:00", monday_1_until="00:00"))
    assert "Monday 22:00 to 24:00" in seen
    assert fields(ben.get(path))["monday_1_until"] == "00:00"
    send(ben, path, friday_1_from="09:00", friday_1_until="10:00")
    assert "Monday 22:00 to 24:00 Friday 09:00 to 10:00" in read(ben, f"/tutors/{cast.ben.pk}")


def test_a_wrong_week_says_where(ben: Client, cast: Cast) -> None:
    """Half a line, a reversed one and one that overlaps; what was typed is still there."""
    path = f"/tutors/{cast.ben.pk}/week"
    half = send(ben, path, monday_1_from="15:00")
    assert half.status_code == 422
    assert "Give both times, or neither." in words(half)
    both = {"monday_1_from": "15:00", "monday_1_until": "18:00"}
    over = send(ben, path, **both, monday_2_from="17:00", monday_2_until="19:00")
    assert "It overlaps another time of that day." in words(over)
    assert fields(over)["monday_2_from"] == "17:00"
    back = send(ben, path, monday_1_from="15:00", monday_1_until="14:00")
    assert "It has to end after it starts." in words(back)
    assert not Availability.objects.exists()


def test_a_week_that_somebody_else_changed_is_shown(oona: Client, ben: Client, cast: Cast) -> None:
    """Nothing is written over what was not seen; a form sent twice is done once."""
    path = f"/tutors/{cast.ben.pk}/week"
    old, form = opened(oona, path), opened(ben, path)
    for _ in range(2):
        both = {"tuesday_1_from": "15:00", "tuesday_1_until": "18:00"}
        assert sent(ben, path, form, **both).status_code == 200
    late = sent(oona, path, old, monday_1_from="09:00", monday_1_until="10:00")
    assert late.status_code == 409
    assert "This was changed since you opened it." in words(late)
    assert [row.weekday for row in Availability.objects.all()] == [1]


def test_time_off_comes_and_goes(ben: Client, cast: Cast) -> None:
    """Whole days or hours; the sessions in it are named, and the tutor finds no cover."""
    booked(cast.ben_ana, at(17, 16))
    path = f"/tutors/{cast.ben.pk}/time-off"
    seen = words(sent(ben, path, fields(ben.get(path, {**KEEP, "reason": "Flu"}))))
    assert "Tue 17 Nov 2026, all day Flu" in seen
    assert "1 lesson in it: Tue 17 Nov 2026, 16:00, Ana Ruiz" in seen
    assert "Find cover" not in seen
    off = TimeOff.objects.get()
    assert ben.get(f"{path}/{off.pk}/cover").status_code == 403
    assert "The time off is removed." in words(send(ben, f"{path}/{off.pk}/remove"))
    backwards = words(ben.get(path, {**KEEP, "last_day": "2026-11-16"}))
    assert "Time off ends after it starts." in backwards
    assert "What will happen" not in backwards
    hours = {**KEEP, "from_time": "09:00", "until_time": "12:30"}
    seen = words(sent(ben, path, fields(ben.get(path, hours))))
    assert "Tue 17 Nov 2026, 09:00 to 12:30" in seen
    assert "No lessons in it." in seen


def test_the_week_shows_who_is_away(oona: Client, dev: Client, cast: Cast) -> None:
    """On its day and no other; a tutor sees their own absences only."""
    an_absence(cast)
    shown = read(oona, "/calendar", date="2026-11-17")
    assert "Tue 17 Nov Ben is away" in shown
    assert shown.count("is away") == 1
    assert "is away" not in read(oona, "/calendar", date="2026-11-17", tutor=cast.cara.pk)
    assert "is away" not in read(dev, "/calendar", date="2026-11-17")


def test_an_absence_is_covered_after_a_look(oona: Client, cast: Cast) -> None:
    """One is covered by Dev and one left; what was sent twice is done once."""
    first, left = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_ana, at(17, 16))
    off = an_absence(cast)
    path = f"/tutors/{cast.ben.pk}/time-off/{off.pk}/cover"
    page = read(oona, path)
    assert "Dev. Has nothing in these hours. Teaches Physics; the level has not" in page
    assert page.count("Cara. Teaches this student already.") == 2
    look = f"{path}?look=1&cover_{first.pk}={cast.dev.pk}&cover_{left.pk}="
    assert "Dev takes Ana Ruiz on Tue 17 Nov 2026, 10:00, as cover" in read(oona, look)
    form = opened(oona, look)
    for _ in range(2):
        answer = sent(oona, look, form)
    assert "1 lesson in it: Tue 17 Nov 2026, 16:00" in words(answer)
    assert Session.objects.get(pk=first.pk).tutor == cast.dev
    assert Session.objects.get(pk=left.pk).tutor == cast.ben
    history = read(oona, f"/students/{cast.ana.pk}")
    assert "Dev will cover a session of Ben on Tue 17 Nov 2026" in history
    assert "Dev will cover Physics by" in history
    assert "begin to teach" not in history
    assert "Ana Ruiz : Dev will cover Physics by" in read(oona, f"/tutors/{cast.dev.pk}")
    assert "It is undone." in words(send(oona, f"/deeds/{Deed.objects.get().pk}/undo"))
    history = read(oona, f"/students/{cast.ana.pk}")
    assert "Dev was to cover Physics by" in history
    assert "The cover by Dev was taken back by" in history


def test_nobody_chosen_is_said(oona: Client, cast: Cast) -> None:
    """Then nothing would happen, and there is nothing to confirm."""
    session = booked(cast.ben_ana, at(17, 16))
    page = read(oona, f"/sessions/{session.pk}/cover", look="1")
    assert "Nobody is chosen yet" in page
    assert "Let them cover" not in page


def test_one_tutor_is_not_sent_to_two_places(oona: Client, cast: Cast) -> None:
    """Dev, who was free at the first look, is booked before the second: he is no choice now."""
    session = booked(cast.ben_ana, at(17, 16))
    an_absence(cast)
    look = f"/sessions/{session.pk}/cover?look=1&cover_{session.pk}={cast.dev.pk}"
    form = opened(oona, look)
    other = pair(requester=Requester(None, NOW), tutor_id=cast.dev.pk, student_id=cast.cleo.pk)
    booked(other, at(17, 16))
    answer = sent(oona, look, form)
    assert answer.status_code == 422
    assert "Choose one that is shown." in words(answer)
    assert Session.objects.get(pk=session.pk).tutor == cast.ben


def test_what_changed_since_the_look_is_looked_at_again(oona: Client, cast: Cast) -> None:
    """Dev has become Ana's tutor meanwhile, so the cover is no longer a new relationship."""
    session = booked(cast.ben_ana, at(17, 16))
    an_absence(cast)
    path = f"/sessions/{session.pk}/cover"
    look = opened(oona, f"{path}?look=1&cover_{session.pk}={cast.dev.pk}")
    pair(
        requester=Requester(None, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Physics",
    )
    answer = sent(oona, path, look)
    assert answer.status_code == 409
    assert "Something has changed since you looked" in words(answer)
    assert "It is covered." in words(sent(oona, path, fields(answer)))


def test_what_somebody_else_covered_meanwhile_is_said(oona: Client, cast: Cast) -> None:
    """Of two lessons one is seen to by then, then both: it never says that nobody was chosen."""
    first, second = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_ana, at(17, 16))
    off = an_absence(cast)
    path = f"/tutors/{cast.ben.pk}/time-off/{off.pk}/cover"
    look = f"{path}?look=1&cover_{first.pk}={cast.dev.pk}&cover_{second.pk}={cast.dev.pk}"
    mine, late = opened(oona, look), opened(oona, look)
    owner = Requester(cast.owner, NOW)
    cover(requester=owner, session_id=first.pk, tutor_id=cast.dev.pk)
    answer = sent(oona, path, mine)
    assert answer.status_code == 409
    seen = words(answer)
    assert "One of the lessons for which you chose somebody needs none any more" in seen
    assert "Dev takes Ana Ruiz on Tue 17 Nov 2026, 16:00" in seen
    assert Session.objects.get(pk=second.pk).tutor == cast.ben
    assert "It is covered." in words(sent(oona, path, fields(answer)))
    answer = sent(oona, path, late)
    assert answer.status_code == 409
    assert "2 of the lessons for which you chose somebody need none any more" in words(answer)
    assert "Nobody is chosen yet" not in words(answer)


def test_only_an_owner_finds_cover_and_only_for_what_is_planned(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """The session's page leads there for an owner; a cancelled one leads nowhere."""
    session = booked(cast.ben_ana, at(17, 16))
    path = f"/sessions/{session.pk}"
    assert "Find cover" in read(oona, path)
    assert "Find cover" not in read(ben, path)
    assert ben.get(f"{path}/cover").status_code == 403
    cancel(requester=Requester(None, NOW), session_id=session.pk)
    assert "Find cover" not in read(oona, path)
    assert oona.get(f"{path}/cover").status_code == 409


def test_nothing_to_cover_is_said(oona: Client, cast: Cast) -> None:
    """An absence without sessions needs nobody; one that is another tutor's is not there."""
    off = an_absence(cast)
    path = "/tutors/{}/time-off/{}/cover"
    assert "No sessions need cover." in read(oona, path.format(cast.ben.pk, off.pk))
    assert oona.get(path.format(cast.dev.pk, off.pk)).status_code == 404


def test_many_sessions_cost_no_more(oona: Client, cast: Cast) -> None:
    """The page asks as much for ten sessions as for one."""
    booked(cast.ben_ana, at(17, 8))
    off = an_absence(cast)
    path = f"/tutors/{cast.ben.pk}/time-off/{off.pk}/cover"

    def queries() -> int:
        query = {"look": "1"} | {f"cover_{row.pk}": cast.dev.pk for row in Session.objects.all()}
        with CaptureQueriesContext(connection) as seen:
            assert oona.get(path, query).status_code == 200
        return len(seen)

    before = queries()
    TimeOff.objects.update(tutor=cast.dev)  # nobody plans where the tutor is away
    for hour in range(9, 18):
        booked(cast.ben_ana, at(17, hour))
    TimeOff.objects.update(tutor=cast.ben)
    assert queries() == before


def test_hours_outside_the_week_are_told_after_planning_and_moving(
    oona: Client, cast: Cast
) -> None:
    """In the message, and beforehand where a lesson was put elsewhere; inside nothing is said."""
    Availability.objects.create(tutor=cast.ben, weekday=1, starts="15:00", ends="18:00")
    outside = "outside the hours in which Ben is free"
    path = f"/relationships/{cast.ben_ana.pk}/sessions/new"
    inside = {"day": "2026-11-17", "starts": "16:00", "minutes": "60"}
    seen = words(send(oona, path, **inside))
    assert "The session is planned." in seen
    assert outside not in seen
    seen = words(send(oona, path, **{**inside, "starts": "19:00"}))
    assert f"Tue 17 Nov 2026, 19:00: {outside}." in seen
    row = Session.objects.get(starts_at=at(17, 16))
    put = {"at": at(17, 20).isoformat(), "from": "calendar"}
    look = read(oona, f"/sessions/{row.pk}/move", **put)
    assert f"moves when you confirm it. Tue 17 Nov 2026, 20:00: {outside}" in look
    assert "16:00 to 17:00" in look
    move = {"day": "2026-11-17", "starts": "20:00", "minutes": "60"}
    assert f"20:00: {outside}" in words(send(oona, f"/sessions/{row.pk}/move", **move))


def test_a_transfer_tells_what_lies_outside_the_takers_week(oona: Client, cast: Cast) -> None:
    """In the message after the deed; the first three, and how many more."""
    Availability.objects.create(tutor=cast.dev, weekday=0, starts="15:00", ends="18:00")
    for day in range(17, 22):
        booked(cast.ben_ana, at(day, 16))
    path = f"/relationships/{cast.ben_ana.pk}/transfer"
    asked = {"to_tutor_id": cast.dev.pk, "on": "2026-11-16", "future_sessions": "move"}
    seen = words(sent(oona, path, fields(oona.get(path, asked))))
    assert "The transfer on Mon 16 Nov 2026 is set." in seen
    assert seen.count("outside the hours in which Dev is free") == 3
    assert "Outside stated hours are 2 more." in seen
