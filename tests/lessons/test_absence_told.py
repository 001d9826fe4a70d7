"""A tutor is away, back early, or never was: families hear each of it once, in one letter."""

import pytest
from django.db import connection

from tandem.lessons.end_absence import end_absence
from tandem.lessons.models import Notice, Session
from tandem.lessons.time_off import Absence, add_time_off
from tandem.lessons.touched import Decision
from tandem.lessons.transfers import transfer
from tandem.lessons.undo import undo_transfer
from tandem.lessons.undoing import undo_deed
from tandem.people.models import Guardian
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, booked
from tests.lessons.post import a_guardian, deed, letters, switched_on, words


@pytest.fixture
def lessons(cast: Cast) -> list[Session]:
    """Ben's lessons of the 17th, 18th and 19th, of which Maria knows: Ana's, Cleo's, Ana's."""
    a_guardian(cast)
    found = [
        booked(link, at(day, 16))
        for link, day in ((cast.ben_ana, 17), (cast.ben_cleo, 18), (cast.ben_ana, 19))
    ]
    assert len(letters()) == 1
    deed(1)
    return found


def away(cast: Cast, lessons: list[Session]) -> Absence:
    """Let Ben be away: the first is covered, the second moved, the third cancelled."""
    first, second, third = lessons
    to = at(24, 16)
    return add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(17, 0),
        ends_at=at(20, 0),
        decisions=[
            Decision(first.pk, "cover", tutor_id=cast.dev.pk),
            Decision(second.pk, "move", starts_at=to, ends_at=to + HOUR),
            Decision(third.pk, "cancel"),
        ],
    )


def test_one_absence_is_one_letter_and_its_undo_another(cast: Cast, lessons: list[Session]) -> None:
    """With all that became of either child's lessons; and then that all is as it was."""
    done = away(cast, lessons)
    (letter,) = letters()
    assert letter.subject == "What has changed in the lessons of Ana and Cleo"
    said = words(letter)
    assert "With another tutor: - Tuesday 17 November, 16:00 to 17:00, Physics with Dev" in said
    assert "Cancelled: - Thursday 19 November, 16:00 to 17:00, Physics with Ben" in said
    assert "- Tuesday 24 November, 16:00 to 17:00, Maths with Ben (it was on Wednesday 18" in said
    deed(2)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    (letter,) = letters()
    said = words(letter)
    assert "With another tutor: - Tuesday 17 November, 16:00 to 17:00, Physics with Ben" in said
    assert "- Wednesday 18 November, 16:00 to 17:00, Maths with Ben (it was on Tuesday 24" in said
    assert "Planned: - Thursday 19 November, 16:00 to 17:00, Physics with Ben" in said


def test_what_is_undone_before_a_letter_went_out_is_told_to_nobody(
    cast: Cast, lessons: list[Session]
) -> None:
    done = away(cast, lessons)
    deed(2)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert letters() == []
    assert not Notice.objects.filter(sent_at=None, guardian__isnull=False).exists()


def test_who_is_back_early_is_told_once(cast: Cast, lessons: list[Session]) -> None:
    """Of what goes back, and of nothing else."""
    first, _second, third = lessons
    off = add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(17, 0),
        ends_at=at(20, 0),
        decisions=[Decision(one.pk, "cover", tutor_id=cast.dev.pk) for one in (first, third)],
    ).time_off
    assert len(letters()) == 1
    deed(2)
    end_absence(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        time_off_id=off.pk,
        ends_at=at(18, 0),
    )
    (letter,) = letters()
    said = words(letter)
    assert "With another tutor: - Thursday 19 November, 16:00 to 17:00, Physics with Ben" in said
    assert "17 November" not in said


def test_who_covered_is_told_that_it_is_not_theirs_any_more(
    cast: Cast, lessons: list[Session]
) -> None:
    """Though nothing is left of the relationship that was made for it; and Ben that it is his."""
    done = away(cast, lessons)
    letters()
    deed(2)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    told = {one.to[0]: words(one) for one in letters(domain="tandem.example")}
    assert "Another tutor's now: - Tuesday 17 November" in told["dev@tandem.example"]
    assert "Yours now: - Tuesday 17 November" in told["ben@tandem.example"]


def test_an_undone_transfer_is_told(cast: Cast, lessons: list[Session]) -> None:
    """Which leaves nothing of the new relationship, of which families had been told."""
    done = transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        tutor_student_id=cast.ben_ana.pk,
        to_tutor_id=cast.dev.pk,
        on=NOW.date(),
    )
    (letter,) = letters()
    assert "- Tuesday 17 November, 16:00 to 17:00, Physics with Dev" in words(letter)
    deed(2)
    undo_transfer(requester=Requester(cast.owner, NOW), tutor_student_id=done.new.pk)
    told = {one.to[0]: words(one) for one in letters(domain=".example")}
    back = "With another tutor: - Tuesday 17 November, 16:00 to 17:00, Physics with Ben"
    assert back in told["maria@home.example"]
    assert "Another tutor's now: - Tuesday 17 November" in told["dev@tandem.example"]
    assert "Yours now: - Tuesday 17 November" in told["ben@tandem.example"]


def test_who_came_over_is_told_nothing_until_notices_are_on(cast: Cast) -> None:
    """A guardian made of the older application's parents: not of what was planned before either."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tandem_make_guardians()")
    assert Guardian.objects.filter(email="ruiz@home.example").exists()
    booked(cast.ben_ana, at(17, 16))
    assert letters() == []
    assert not Notice.objects.exists()
    switched_on(cast)
    assert letters() == []
    booked(cast.ben_ana, at(18, 16))
    (letter,) = letters()
    assert letter.to == ["ruiz@home.example"]
    assert "17 November" not in words(letter)
