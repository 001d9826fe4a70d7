"""Weekly lessons planned by clicking, after a look at every date."""

import re
from datetime import date

import pytest
from django.test import Client

from tandem.lessons.actions import cancel, reinstate
from tandem.lessons.models import Session, SessionEvent, SessionSeries
from tandem.lessons.series_exceptions import stop_series
from tandem.lessons.swapping import swap
from tandem.people.requester import Requester
from tandem.relationships.actions import pause, resume
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import fields, sent

TYPED = {
    "first_date": "2027-03-22",
    "starts": "16:00",
    "minutes": "60",
    "every": "1",
    "times": "3",
    "title": "Waves",
}


def test_weekly_lessons_are_looked_at_and_planned(oona: Client, cast: Cast) -> None:
    """From the relationship's page to the page of the series, which the other then names."""
    path = f"/relationships/{cast.ben_ana.pk}"
    assert "Plan weekly lessons" in read(oona, path)
    seen = oona.get(f"{path}/series/new", TYPED)
    assert "3 lessons" in words(seen)
    assert not SessionSeries.objects.exists()
    after = words(sent(oona, f"{path}/series/new", fields(seen)))
    assert "Monday, 16:00" in after
    assert "The lessons are planned." in after
    assert Session.objects.filter(title="Waves").count() == 3
    assert "Monday, 16:00" in read(oona, path)


def test_weekly_lessons_are_taken_back_by_one_press(oona: Client, cast: Cast) -> None:
    """By the button beside what was said; their history says both."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    planned = sent(oona, path, fields(oona.get(path, TYPED)))
    assert "The lessons are planned." in words(planned)
    (way,) = re.findall(r'action="(/deeds/[^"]*/undo)"', planned.content.decode())
    undone = oona.post(way, {**fields(planned), "just_done": "on"}, follow=True)
    assert "It is undone." in words(undone)
    assert not Session.objects.exists()
    assert not SessionSeries.objects.exists()
    assert SessionEvent.objects.filter(student_id=cast.ana.pk, what="removed").count() == 3


def test_what_stands_against_it_is_named_and_left_out_by_choice(oona: Client, cast: Cast) -> None:
    """No button before that; what comes into the way after the look is refused."""
    booked(cast.cara_ana, at(29, 15, month=3, year=2027))
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    seen = words(oona.get(path, TYPED))
    there = "Mon 29 Mar 2027: The student already has a session in these hours: 16:00 to 17:00."
    assert there in seen
    assert "What was asked for 3 lessons" in seen
    assert "What will happen" not in seen.split(there)[1]
    assert "Plan them" not in seen
    chosen = {**TYPED, "skip_conflicts": "on"}
    second = oona.get(path, chosen)
    assert "2 lessons" in words(second)
    booked(cast.cara_ana, at(5, 15, month=4, year=2027))
    refused = sent(oona, path, fields(second))
    assert refused.status_code == 409
    assert not SessionSeries.objects.exists()
    sent(oona, path, fields(refused))
    assert SessionSeries.objects.get().sessions.count() == 1


def test_wrong_words_stand_beside_their_field(oona: Client, cast: Cast) -> None:
    """A last day before the first, and both ends at once; nothing is made."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    both = words(oona.get(path, {**TYPED, "until": "2027-05-01"}))
    assert "Give a last day or a number of lessons, not both." in both
    before = {**TYPED, "times": "", "until": "2027-03-01"}
    assert "This rule gives no date" in words(oona.get(path, before))
    assert not SessionSeries.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words_there"),
    [
        ({"times": "10000"}, "a number of at most 400"),
        ({"times": "", "until": "2099-12-31"}, "within five years"),
        ({"first_date": "2027-02-30"}, "That is no day."),
        ({"first_date": "12027-02-01"}, "That is no day."),
        ({"every": "0"}, "Choose one that is shown."),
        ({"starts": "25:00"}, "That is no time of day."),
        ({"first_date": "2027-03-28", "starts": "01:30"}, "The clocks skip this time"),
    ],
)
def test_what_has_no_end_or_does_not_exist_is_said_in_words(
    oona: Client, cast: Cast, typed: dict[str, str], words_there: str
) -> None:
    """10,000 dates, a century, a day or an hour that no calendar and no clock has: none is made."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    seen = words(oona.get(path, {**TYPED, **typed}))
    assert words_there in seen
    assert "Plan them" not in seen
    assert not SessionSeries.objects.exists()


def test_who_does_not_teach_here_is_shown_nothing(oona: Client, dev: Client, cast: Cast) -> None:
    """Neither the form nor the series."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    sent(oona, path, fields(oona.get(path, TYPED)))
    series = SessionSeries.objects.get()
    assert dev.get(path).status_code == 404
    assert dev.get(f"/series/{series.pk}").status_code == 404
    assert oona.get(f"/series/{series.pk}").status_code == 200


def planned(oona: Client, cast: Cast) -> str:
    """Return the path of three Mondays at four."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    sent(oona, path, fields(oona.get(path, TYPED)))
    return f"/series/{SessionSeries.objects.get().pk}"


def asked(**typed: str) -> dict[str, str]:
    """Return what the form for changing asks for, as it stands but for what was typed."""
    form = {
        "scope": "following",
        "since": "2027-03-29",
        "weekday": "MO",
        "starts": "16:00",
        "minutes": "60",
        "title": "Waves",
        "on": "",
        "location": "",
        "meeting_link": "",
    }
    return {**form, **typed}


def test_lessons_are_changed_after_a_look(oona: Client, cast: Cast) -> None:
    """The page of the series leads there; what stays and what changes is shown beforehand."""
    path = planned(oona, cast)
    assert "Change from Mon 29 Mar on" in read(oona, path)
    seen = oona.get(f"{path}/change", asked(starts="17:30"))
    assert "2 lessons as they will be" in words(seen)
    assert SessionSeries.objects.count() == 1
    after = words(sent(oona, f"{path}/change", fields(seen)))
    assert "The lessons are changed." in after
    assert "Monday, 17:30" in after
    assert SessionSeries.objects.count() == 2


def test_what_cannot_change_is_named_and_left_by_choice(oona: Client, cast: Cast) -> None:
    """No button before that; nothing to change is said beside the field."""
    path = planned(oona, cast)
    assert "Say what is to change" in words(oona.get(f"{path}/change", asked()))
    booked(cast.cara_ana, at(5, 17, month=4, year=2027))
    typed = asked(starts="18:00")
    seen = words(oona.get(f"{path}/change", typed))
    assert (
        "Mon 5 Apr 2027: The student already has a session in these hours: 18:00 to 19:00." in seen
    )
    assert "Change them" not in seen.split("What stands against it")[1]
    chosen = oona.get(f"{path}/change", {**typed, "skip_conflicts": "on"})
    sent(oona, f"{path}/change", fields(chosen))
    assert Session.objects.filter(starts_at=at(5, 15, month=4, year=2027)).exists()


def test_one_date_is_skipped_and_restored(oona: Client, cast: Cast) -> None:
    """What is left out stands on the page, with the way back."""
    path = planned(oona, cast)
    skipped = words(
        sent(oona, f"{path}/skip/2027-03-29", fields(oona.get(f"{path}/skip/2027-03-29")))
    )
    assert "that date has no lesson" in skipped
    assert "Mon 29 Mar 2027: no lesson." in skipped
    back = f"{path}/restore/2027-03-29"
    assert "It is restored." in words(sent(oona, back, fields(oona.get(back))))
    assert Session.objects.filter(series__isnull=False).count() == 3
    assert oona.get(f"{path}/skip/2027-02-30").status_code == 404


def test_two_that_changed_places_are_told_and_restored(oona: Client, cast: Cast) -> None:
    """Beforehand that both go back, afterwards that they have."""
    path = planned(oona, cast)
    rows = [*Session.objects.filter(series__isnull=False).order_by("starts_at")]
    swap(requester=Requester(cast.owner, NOW), session_ids=[rows[0].pk, rows[1].pk])
    listed = read(oona, path)
    assert listed.index("Mon 22 Mar 2027 16:00") < listed.index("Mon 29 Mar 2027 16:00")
    assert listed.index("Restore Mon 29 Mar") < listed.index("Restore Mon 22 Mar")
    back = f"{path}/restore/{rows[0].series_date}"
    look = oona.get(back)
    seen = "In its place is another of these lessons. It goes back to its own day too: Mon 29 Mar"
    assert seen in words(look)
    done = words(sent(oona, back, fields(look)))
    assert (
        "It is restored. Ana Ruiz with Ben: Mon 22 Mar 2027. So is what was in its place: Mon 29"
        in done
    )
    for row in rows[:2]:
        starts = row.starts_at
        row.refresh_from_db()
        assert row.starts_at == starts
    alone = f"{path}/restore/{rows[2].series_date}"
    assert "In its place" not in words(oona.get(alone))


def test_a_series_is_stopped_after_a_look(oona: Client, dev: Client, cast: Cast) -> None:
    """What is removed is shown; nobody else sees it."""
    path = planned(oona, cast)
    seen = oona.get(f"{path}/stop", {"on": "2027-03-29"})
    assert "2 lessons will be removed" in words(seen)
    assert "The lessons have stopped." in words(sent(oona, f"{path}/stop", fields(seen)))
    assert Session.objects.count() == 1
    for page in ("change", "stop", "skip/2027-03-22", "restore/2027-03-22"):
        assert dev.get(f"{path}/{page}").status_code == 404


def test_what_lies_behind_is_told_before_it_is_planned(oona: Client, cast: Cast) -> None:
    """It is planned all the same, to be recorded; and stays where the series is stopped."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    seen = oona.get(path, {**TYPED, "first_date": "2026-10-19"})
    assert "2 of them lie behind: they wait to be recorded." in words(seen)
    assert "behind" not in words(oona.get(path, TYPED))
    here = words(sent(oona, path, fields(seen)))
    assert "None is planned from Tue 3 Nov 2026 on." in here
    series = f"/series/{SessionSeries.objects.get().pk}"
    stop = oona.get(f"{series}/stop", {"on": "2026-10-19"})
    assert "2 stay: held, called off, moved by hand, or behind" in words(stop)
    stopped = words(sent(oona, f"{series}/stop", fields(stop)))
    assert "on; what was held, called off, moved by hand or lay behind stays." in stopped


def test_where_nothing_is_left_there_is_no_button(oona: Client, cast: Cast) -> None:
    """Every date left out: the look says so, as the deed would."""
    for day in (22, 29):
        booked(cast.cara_ana, at(day, 16 if day == 22 else 15, month=3, year=2027))
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    seen = words(oona.get(path, {**TYPED, "times": "2", "skip_conflicts": "on"}))
    assert "That leaves no lesson at all. Choose another time." in seen
    assert "Plan them" not in seen
    assert "0 lessons" not in seen


def test_in_a_pause_it_is_said_that_nothing_more_is_planned(oona: Client, cast: Cast) -> None:
    """The form for new ones does not open, and nothing offers to restore what cannot be."""
    series = planned(oona, cast)
    sent(oona, f"{series}/skip/2027-03-29", fields(oona.get(f"{series}/skip/2027-03-29")))
    assert "Restore Mon 29 Mar" in read(oona, series)
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    here = read(oona, series)
    assert "Nothing more is planned." in here
    assert "it is paused. Resume it first." in here
    assert "Restore" not in here
    refused = oona.get(f"/relationships/{cast.ben_ana.pk}/series/new")
    assert (refused.status_code, "Resume it first." in words(refused)) == (409, True)
    resume(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    assert "Nothing more is planned." not in read(oona, series)


def test_a_date_that_it_never_has_opens_nothing(oona: Client, cast: Cast) -> None:
    """Beside one that it has."""
    series = planned(oona, cast)
    for day in ("0001-01-01", "2027-03-23", "2027-04-12", "9999-12-31"):
        assert oona.get(f"{series}/skip/{day}").status_code == 404
        assert oona.get(f"{series}/restore/{day}").status_code == 404
    assert oona.get(f"{series}/skip/2027-04-05").status_code == 200


def test_a_series_that_is_over_offers_no_change(oona: Client, cast: Cast) -> None:
    """One still to come does."""
    series = planned(oona, cast)
    assert "Change them Add a student Stop them" in read(oona, series)
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    sent(oona, path, fields(oona.get(path, {**TYPED, "first_date": "2026-10-26", "times": "1"})))
    over = SessionSeries.objects.get(first_date="2026-10-26")
    assert "Change them" not in read(oona, f"/series/{over.pk}")
    assert "Stop them" not in read(oona, f"/series/{over.pk}")


def test_a_lesson_after_the_end_is_offered_alone(oona: Client, cast: Cast) -> None:
    """It can be skipped; nothing is changed from it on, and nothing of it restored."""
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    sent(oona, path, fields(oona.get(path, TYPED)))
    series = SessionSeries.objects.get()
    last = series.sessions.latest("starts_at")
    cancel(requester=Requester(cast.owner, NOW), session_id=last.pk)
    stop_series(requester=Requester(cast.owner, NOW), series_id=series.pk, on=date(2027, 3, 29))
    reinstate(requester=Requester(cast.owner, NOW), session_id=last.pk)
    page = words(oona.get(f"/series/{series.pk}"))
    assert "Change from Mon 22 Mar on" in page
    assert "Change from Mon 5 Apr on" not in page
    assert "Skip Mon 5 Apr" in page
    assert "Restore" not in page
    change = {"scope": "following", "since": "2027-04-05", "starts": "21:00"}
    assert "Change them" not in words(oona.get(f"/series/{series.pk}/change", change))
