"""What a letter says: of what became of each lesson, as things are when it is sent."""

from datetime import date, time, timedelta

import pytest

from tandem.lessons.actions import cancel, delete, reinstate
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.notices import make_beforehand
from tandem.lessons.outbox import Notice
from tandem.lessons.series import NewSeries, SeriesPlan, plan_series
from tandem.lessons.series_exceptions import stop_series
from tandem.lessons.series_horizon import top_up
from tandem.lessons.undoing import undo_deed
from tandem.people.guardians import update_guardian
from tandem.people.models import Student
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, booked
from tests.lessons.post import a_guardian, deed, letters, words
from tests.lessons.test_other_programs import other_program


def weekly(cast: Cast) -> SeriesPlan:
    wanted = NewSeries(
        cast.ben_ana.pk, "FREQ=WEEKLY", date(2026, 11, 3), time(16), 60, "Europe/London", {}
    )
    return plan_series(requester=Requester(cast.owner, NOW), wanted=wanted)


def test_what_is_removed_is_told(cast: Cast) -> None:
    """By an action, and by another program; with the hours that it would have had."""
    a_guardian(cast)
    first = booked(cast.ben_ana, at(9, 16))
    second = booked(cast.ben_ana, at(8, 16, month=1, year=2150))
    letters()
    deed(1)
    delete(requester=Requester(cast.owner, NOW), session_id=first.pk)
    (letter,) = letters()
    assert "Cancelled: - Monday 9 November, 16:00 to 17:00, Physics with Ben" in words(letter)
    deed(2)
    with other_program():
        Session.objects.filter(pk=second.pk).delete()
    (letter,) = letters()
    assert "Cancelled: - Thursday 8 January 2150, 16:00 to 17:00, Physics with Ben" in words(letter)


def test_what_was_cancelled_before_is_not_told_again_when_it_is_removed(cast: Cast) -> None:
    a_guardian(cast)
    session = booked(cast.ben_ana, at(9, 16))
    cancel(requester=Requester(None, NOW), session_id=session.pk)
    letters()
    deed(1)
    delete(requester=Requester(cast.owner, NOW), session_id=session.pk)
    assert letters() == []


def test_lessons_that_stop_or_were_planned_by_mistake_are_told(cast: Cast) -> None:
    """Once they were told: all that go stand in one letter."""
    a_guardian(cast)
    planned = weekly(cast)
    letters()
    deed(1)
    stop_series(
        requester=Requester(cast.owner, NOW), series_id=planned.series.pk, on=date(2027, 4, 20)
    )
    (letter,) = letters()
    assert "Cancelled: - Tuesday 20 April" in words(letter)
    deed(2)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=planned.deed)
    (letter,) = letters()
    assert "- Tuesday 3 November" in letter.body


def test_what_the_worker_plans_on_is_not_told(cast: Cast) -> None:
    """It comes each week; of a change of it families are told like of any other."""
    a_guardian(cast)
    weekly(cast)
    letters()
    deed(1)
    assert [len(one.sessions) for one in top_up(now=NOW + timedelta(weeks=1))] == [1]
    assert Notice.objects.filter(sent_at=None, kind="changes").count() == 0
    booked(cast.ben_ana, at(9, 10))
    assert len(letters()) == 1


def test_a_letter_that_waited_tells_nothing_that_is_no_longer_so(cast: Cast) -> None:
    """Planned and cancelled since, cancelled and planned since: of that nobody was told."""
    a_guardian(cast)
    one, other = booked(cast.ben_ana, at(9, 16)), booked(cast.ben_ana, at(10, 16))
    deed(1)
    cancel(requester=Requester(None, NOW), session_id=one.pk)
    (letter,) = letters()
    assert "9 November" not in letter.body
    assert "Planned: - Tuesday 10 November" in words(letter)
    deed(2)
    cancel(requester=Requester(None, NOW), session_id=other.pk)
    deed(3)
    reinstate(requester=Requester(None, NOW), session_id=other.pk)
    assert letters() == []


def test_what_is_over_when_a_letter_goes_out_is_not_told(cast: Cast) -> None:
    a_guardian(cast)
    booked(cast.ben_ana, at(9, 16))
    booked(cast.ben_ana, at(11, 16))
    (letter,) = letters(at(9, 17))
    assert "9 November" not in letter.body
    assert "11 November" in letter.body


def test_a_reminder_that_waited_too_long_is_not_sent(cast: Cast) -> None:
    """Nor does it tell of a lesson that moved to another day meanwhile."""
    a_guardian(cast)
    session = booked(cast.ben_ana, at(3, 16))
    Notice.objects.all().delete()
    make_beforehand(at(2, 16))
    assert letters(at(3, 16, 1)) == []
    Notice.objects.all().delete()
    make_beforehand(at(2, 16))
    hours = {"starts_at": at(9, 16), "ends_at": at(9, 16) + HOUR}
    Session.objects.filter(pk=session.pk).update(**hours)
    assert letters(at(2, 16)) == []


def test_a_reminder_names_days_as_they_are_for_the_child(cast: Cast) -> None:
    """What is tomorrow in London is today in Tokyo, and the day after."""
    Student.objects.filter(pk=cast.ana.pk).update(time_zone="Asia/Tokyo")
    a_guardian(cast)
    booked(cast.ben_ana, at(3, 20))
    Notice.objects.all().delete()
    make_beforehand(at(2, 16))
    (letter,) = letters(at(2, 16))
    assert letter.subject == "Reminder: lessons of Ana"
    assert "- Wednesday 4 November, 05:00 to 06:00" in letter.body
    assert "omorrow" not in f"{letter.body}{letter.subject}"


def test_the_last_hour_of_a_day_with_25_hours_is_reminded_of(cast: Cast) -> None:
    """Clocks in London went back on 25 October 2026."""
    guardian = a_guardian(cast)
    booked(cast.ben_ana, at(25, 23, 30, month=10))
    booked(cast.ben_ana, at(26, 1, month=10))
    Notice.objects.all().delete()
    assert make_beforehand(at(24, 16, month=10)) == 1
    (about,) = Notice.objects.values_list("about", flat=True)
    assert len(about) == 1
    update_guardian(
        requester=Requester(None, NOW),
        guardian_id=guardian.pk,
        changes={"notices": ["summary"]},
    )
    assert make_beforehand(at(18, 16, month=10)) == 1
    assert len(Notice.objects.get(kind="summary").about) == 1


@pytest.mark.parametrize("name", ["Maria\nRuiz", "Maria\u2028Ruiz"])
def test_a_line_break_in_a_name_does_not_break_a_letter(cast: Cast, name: str) -> None:
    """And mark-up in a name is text."""
    guardian = a_guardian(cast)
    type(guardian).objects.filter(pk=guardian.pk).update(full_name=name)
    Student.objects.filter(pk=cast.ana.pk).update(full_name="<b>Ana</b> Ruiz")
    booked(cast.ben_ana, at(9, 16))
    (letter,) = letters()
    assert letter.body.startswith("Dear Maria Ruiz,\n\nThis has changed.")
    assert "&lt;b&gt;Ana&lt;/b&gt;" in str(letter.alternatives[0][0])


def test_who_has_no_name_is_greeted_too(cast: Cast) -> None:
    guardian = a_guardian(cast)
    type(guardian).objects.filter(pk=guardian.pk).update(full_name="")
    booked(cast.ben_ana, at(9, 16))
    (letter,) = letters()
    assert letter.body.startswith("Hello,\n\nThis has changed.")


def test_children_of_one_first_name_are_told_apart(cast: Cast) -> None:
    Student.objects.filter(pk=cast.cleo.pk).update(full_name="Ana Hart")
    a_guardian(cast)
    booked(cast.ben_ana, at(9, 16))
    booked(cast.ben_cleo, at(10, 16))
    (letter,) = letters()
    assert letter.subject == "What has changed in the lessons of Ana Hart and Ana Ruiz"


def test_a_letter_is_made_for_a_phone_and_by_a_program(cast: Cast) -> None:
    """It fits the screen; and away-notes do not come back."""
    a_guardian(cast)
    booked(cast.ben_ana, at(9, 16))
    (letter,) = letters()
    html = str(letter.alternatives[0][0])
    assert '<meta name="viewport" content="width=device-width' in html
    assert '<meta charset="utf-8">' in html
    assert letter.message()["Auto-Submitted"] == "auto-generated"


def test_removed_lines_keep_the_hours(cast: Cast) -> None:
    """The same of an action and of another program."""
    first, second = booked(cast.ben_ana, at(9, 16)), booked(cast.ben_ana, at(10, 16))
    delete(requester=Requester(cast.owner, NOW), session_id=first.pk)
    with other_program():
        Session.objects.filter(pk=second.pk).delete()
    one, other = SessionEvent.objects.filter(what="removed").order_by("id")
    assert one.details.keys() == other.details.keys()
    assert one.details["status"] == other.details["status"] == "scheduled"
