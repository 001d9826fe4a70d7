"""Another tutor takes a session over: with a relationship of their own, or one for that day."""

from datetime import date, timedelta

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.actions import cancel
from tandem.lessons.cover import Choice, cover, cover_all, preview_cover
from tandem.lessons.models import TimeOff
from tandem.people.actions import update_tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import pair, pause
from tandem.relationships.events import state_of
from tandem.relationships.history import replay
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import HOUR, NOW, Cast, a_tutor, at, booked, user

THE_17TH = date(2026, 11, 17)


def covered(cast: Cast, session_id: str, tutor_id: str) -> TutorStudent:
    """Return what holds the session once the owner has let a tutor cover it."""
    return cover(
        requester=Requester(cast.owner, NOW), session_id=session_id, tutor_id=tutor_id
    ).link


def test_a_cover_relationship_is_made_for_the_day(cast: Cast) -> None:
    """Dev has never taught Ana: he does on that day, in her subject, and on no other."""
    session = booked(cast.ben_ana, at(17, 16))
    link = covered(cast, session.pk, cast.dev.pk)
    session.refresh_from_db()
    link.refresh_from_db()
    assert (session.tutor, session.tutor_student) == (cast.dev, link)
    assert (link.kind, link.status, link.is_primary) == ("cover", "active", False)
    assert (link.started_on, link.ended_on) == (THE_17TH, THE_17TH + timedelta(days=1))
    assert link.subject == cast.ben_ana.subject
    assert TutorStudent.objects.get(student=cast.ana, is_primary=True) == cast.ben_ana


def test_an_own_relationship_in_the_subject_is_used(cast: Cast) -> None:
    """Cara teaches Ana anything: the session becomes hers there, and nothing is made."""
    own = pair(requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, student_id=cast.ana.pk)
    session = booked(cast.ben_ana, at(17, 16))
    number = TutorStudent.objects.count()
    assert covered(cast, session.pk, cast.cara.pk) == own
    assert TutorStudent.objects.count() == number


def test_another_subject_of_the_covering_tutor_does_not_fit(cast: Cast) -> None:
    """Cara teaches Ana maths, so for physics she covers."""
    session = booked(cast.ben_ana, at(17, 16))
    link = covered(cast, session.pk, cast.cara.pk)
    assert (link.kind, link.subject) == ("cover", cast.ben_ana.subject)


def test_two_sessions_of_a_day_share_the_cover(cast: Cast) -> None:
    """Together or one after the other; another day is another relationship."""
    first, second, third, later = (
        booked(cast.ben_ana, moment) for moment in (at(17, 10), at(17, 12), at(17, 14), at(18, 10))
    )
    choices = [Choice(one.pk, cast.dev.pk) for one in (first, second)]
    one, other = cover_all(requester=Requester(cast.owner, NOW), choices=choices)
    assert (one.link, one.is_new, other.is_new) == (other.link, True, False)
    assert covered(cast, third.pk, cast.dev.pk) == one.link
    assert covered(cast, later.pk, cast.dev.pk) != one.link


def test_cover_goes_back(cast: Cast) -> None:
    """Ben is there after all: the session is his again, in his own relationship."""
    session = booked(cast.ben_ana, at(17, 16))
    covered(cast, session.pk, cast.dev.pk)
    assert covered(cast, session.pk, cast.ben.pk) == cast.ben_ana


def test_the_history_says_who_covered_whom(cast: Cast) -> None:
    """One line on the relationship that was covered, and the history still accounts for all."""
    session = booked(cast.ben_ana, at(17, 16))
    link = covered(cast, session.pk, cast.dev.pk)
    event = RelationshipEvent.objects.get(what="covered")
    assert (event.relationship, event.actor, event.on_date) == (cast.ben_ana, cast.owner, THE_17TH)
    assert event.details == {"from": cast.ben_ana.pk, "to": link.pk, "session": session.pk}
    present = {row.pk: state_of(row) for row in TutorStudent.objects.all()}
    assert replay(RelationshipEvent.objects.all()) == present


def test_a_full_tutor_may_cover(cast: Cast) -> None:
    """A day's cover takes no place, so a capacity of none does not stand in its way."""
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, changes={"capacity": 0}
    )
    session = booked(cast.ben_ana, at(17, 16))
    assert covered(cast, session.pk, cast.dev.pk).tutor == cast.dev


def test_a_busy_tutor_is_refused_and_nothing_happens(cast: Cast) -> None:
    """The conflict names the session there; of two, neither is covered."""
    free, busy = booked(cast.ben_ana, at(16, 16)), booked(cast.ben_ana, at(17, 16))
    elsewhere = pair(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.cleo.pk
    )
    there = booked(elsewhere, at(17, 16, 30))
    choices = [Choice(one.pk, cast.dev.pk) for one in (free, busy)]
    plan = preview_cover(requester=Requester(cast.owner, NOW), choices=choices)
    assert [[clash.busy_with for clash in one.clashes] for one in plan] == [[], [there]]
    with pytest.raises(ConflictError) as refused:
        cover_all(requester=Requester(cast.owner, NOW), choices=choices)
    assert refused.value.reason == "tutor_busy"
    assert refused.value.details["sessions"] == [there.pk]
    free.refresh_from_db()
    assert free.tutor == cast.ben


def test_two_covered_sessions_do_not_collide(cast: Cast) -> None:
    """Sessions of Ben's and of Cara's at one hour cannot both be Dev's."""
    one = booked(cast.ben_ana, at(17, 16))
    eve = pair(requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, student_id=cast.cleo.pk)
    other = booked(eve, at(17, 16))
    with pytest.raises(ConflictError) as refused:
        cover_all(
            requester=Requester(cast.owner, NOW),
            choices=[Choice(one.pk, cast.dev.pk), Choice(other.pk, cast.dev.pk)],
        )
    assert refused.value.reason == "tutor_busy"


def test_a_preview_changes_nothing(cast: Cast) -> None:
    """It tells the relationship that would be made."""
    session = booked(cast.ben_ana, at(17, 16))
    number = RelationshipEvent.objects.count()
    (plan,) = preview_cover(
        requester=Requester(cast.owner, NOW), choices=[Choice(session.pk, cast.dev.pk)]
    )
    session.refresh_from_db()
    assert (plan.is_new, plan.link.started_on) == (True, THE_17TH)
    assert session.tutor == cast.ben
    assert RelationshipEvent.objects.count() == number


def test_who_is_away_inactive_or_the_same_cannot_cover(cast: Cast) -> None:
    """Each is refused with a reason of its own; time off that ends when it starts is none."""
    session = booked(cast.ben_ana, at(17, 16))
    off = TimeOff.objects.create(tutor=cast.dev, starts_at=at(17, 0), ends_at=at(17, 16, 30))
    with pytest.raises(ConflictError) as away:
        covered(cast, session.pk, cast.dev.pk)
    with pytest.raises(InvalidError):
        covered(cast, session.pk, cast.ben.pk)
    gone = a_tutor(cast.owner, "Gus")
    update_tutor(requester=Requester(cast.owner, NOW), tutor_id=gone.pk, changes={"active": False})
    with pytest.raises(ConflictError) as inactive:
        covered(cast, session.pk, gone.pk)
    assert (away.value.reason, inactive.value.reason) == ("tutor_away", "tutor_inactive")
    off.ends_at = session.starts_at
    off.save()
    assert covered(cast, session.pk, cast.dev.pk).tutor == cast.dev


def test_what_is_not_scheduled_is_not_covered(cast: Cast) -> None:
    """A session that was called off needs nobody."""
    session = booked(cast.ben_ana, at(17, 16))
    cancel(requester=Requester(cast.owner, NOW), session_id=session.pk)
    with pytest.raises(ConflictError) as refused:
        covered(cast, session.pk, cast.dev.pk)
    assert refused.value.reason == "wrong_status"


def test_a_paused_relationship_is_named(cast: Cast) -> None:
    """Cara is paused with Ana in maths: a cover in maths would say the same days twice."""
    other = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Maths",
    )
    session = booked(other, at(17, 16))
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    with pytest.raises(ConflictError) as refused:
        covered(cast, session.pk, cast.cara.pk)
    assert refused.value.details["tutorStudentId"] == cast.cara_ana.pk


def test_only_an_owner_arranges_cover(cast: Cast) -> None:
    """As with a transfer; to who may not see the session it is not there."""
    session = booked(cast.ben_ana, at(17, 16))
    with pytest.raises(ForbiddenError):
        cover(requester=Requester(user(cast.ben), NOW), session_id=session.pk, tutor_id=cast.dev.pk)
    with pytest.raises(NotFoundError):
        cover(requester=Requester(user(cast.dev), NOW), session_id=session.pk, tutor_id=cast.dev.pk)


def test_the_day_is_the_covering_tutors(cast: Cast) -> None:
    """Late in the evening in London it is another day in Tokyo."""
    tomo = a_tutor(cast.owner, "Tomo", time_zone="Asia/Tokyo")
    session = booked(cast.ben_ana, at(17, 21), at(17, 21) + HOUR)
    assert covered(cast, session.pk, tomo.pk).started_on == date(2026, 11, 18)
