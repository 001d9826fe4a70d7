"""What tutors are told by mail: what others changed in their diary, and nothing else."""

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction

from tandem.kit.errors import ForbiddenError
from tandem.lessons.actions import cancel, delete, edit, reschedule, schedule
from tandem.lessons.cover import cover
from tandem.lessons.diary_letters import choose_kinds, hand_out_diaries, kinds_told
from tandem.lessons.erasure import erase_tutor
from tandem.lessons.family_cancelling import FamilyAtLink, cannot_come
from tandem.lessons.models import Notice, Session, SessionEvent, TutorNotices
from tandem.lessons.notices import change_notices
from tandem.lessons.policies import change_policy
from tandem.people.actions import update_tutor
from tandem.people.models import Account, Tutor
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import HOUR, NOW, Cast, at, user
from tests.lessons.post import letters, switched_on, words


def planned(link: TutorStudent, actor: Account, day: int, hour: int = 16) -> Session:
    starts_at = at(day, hour)
    return schedule(
        requester=Requester(actor, NOW),
        tutor_student_id=link.pk,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
    )


def another_deed() -> None:
    """Let what follows be another deed than what went before: a test is one transaction."""
    hand_out_diaries()
    for notice in Notice.objects.exclude(deed__startswith="deed "):
        Notice.objects.filter(pk=notice.pk).update(deed=f"deed {notice.pk}")


def told() -> dict[str, EmailMultiAlternatives]:
    """Send what waits; return what each reader gets, by address."""
    sent = letters(domain="tandem.example")
    assert len({one.to[0] for one in sent}) == len(sent)
    another_deed()
    return {one.to[0]: one for one in sent}


def test_nobody_is_told_while_notices_are_off(cast: Cast) -> None:
    planned(cast.ben_ana, cast.owner, 9)
    assert not Notice.objects.exists()


def test_a_tutor_is_told_what_others_do(cast: Cast) -> None:
    """Planned, moved, cancelled, removed: with the student's whole name, in the tutor's zone."""
    switched_on(cast)
    Tutor.objects.filter(pk=cast.ben.pk).update(time_zone="Europe/Berlin")
    first = planned(cast.ben_ana, cast.owner, 9)
    letter = told()["ben@tandem.example"]
    assert letter.subject == "What has changed in your diary: Ana Ruiz"
    said = words(letter)
    assert said.startswith("Dear Ben, Somebody else has changed this. Ana Ruiz Planned: -")
    assert "- Monday 9 November, 17:00 to 18:00, Physics Times are in Berlin time." in said
    assert "You choose what you are told" in said
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=first.pk,
        starts_at=at(10, 16),
        ends_at=at(10, 16) + HOUR,
    )
    moved = words(told()["ben@tandem.example"])
    assert "Moved to another time: - Tuesday 10 November, 17:00 to 18:00, Physics (it was" in moved
    cancel(requester=Requester(cast.owner, NOW), session_id=first.pk)
    assert "Cancelled: - Tuesday 10 November" in words(told()["ben@tandem.example"])
    second = planned(cast.ben_ana, user(cast.ben), 11)
    delete(requester=Requester(cast.owner, NOW), session_id=second.pk)
    assert "Cancelled: - Wednesday 11 November" in words(told()["ben@tandem.example"])


def test_a_tutor_is_told_another_link(cast: Cast) -> None:
    """Where an owner has changed it; not where they did it themselves."""
    switched_on(cast)
    lesson = planned(cast.ben_ana, user(cast.ben), 9)
    link = {"meeting_link": "https://meet.example/new"}
    edit(requester=Requester(user(cast.ben), NOW), session_id=lesson.pk, changes=link)
    assert told() == {}
    edit(requester=Requester(cast.owner, NOW), session_id=lesson.pk, changes={"homework": "Read"})
    assert told() == {}
    edit(
        requester=Requester(cast.owner, NOW),
        session_id=lesson.pk,
        changes={"meeting_link": "https://x.y"},
    )
    said = words(told()["ben@tandem.example"])
    assert "16:00 to 17:00, Physics, now at https://x.y" in said


def test_nobody_is_told_what_they_did_themselves_or_nobody_did(cast: Cast) -> None:
    switched_on(cast)
    planned(cast.ben_ana, user(cast.ben), 9)
    assert told() == {}
    Session.objects.update(status="cancelled")
    schedule(
        requester=Requester(None, NOW),
        tutor_student_id=cast.ben_ana.pk,
        starts_at=at(10, 9),
        ends_at=at(10, 10),
    )
    assert told() == {}
    assert not Notice.objects.filter(sent_at=None).exists()


def test_who_gives_a_lesson_and_who_takes_it_are_told(cast: Cast) -> None:
    """Each their own side; who covers for others by their own hand is not told."""
    switched_on(cast)
    session = planned(cast.ben_ana, user(cast.ben), 9)
    another_deed()
    cover(requester=Requester(cast.owner, NOW), session_id=session.pk, tutor_id=cast.dev.pk)
    both = told()
    assert both.keys() == {"ben@tandem.example", "dev@tandem.example"}
    gives, takes = words(both["ben@tandem.example"]), words(both["dev@tandem.example"])
    assert "Another tutor's now: - Monday 9 November, 16:00 to 17:00, Physics with Dev" in gives
    assert "Yours now: - Monday 9 November, 16:00 to 17:00, Physics Times" in takes


def test_a_letter_that_waited_tells_only_what_is_still_so(cast: Cast) -> None:
    """Planned, and given to somebody else before it went out: of that another letter tells."""
    switched_on(cast)
    session = planned(cast.ben_ana, cast.owner, 9)
    another_deed()
    cancel(requester=Requester(user(cast.ben), NOW), session_id=session.pk)
    assert told() == {}


def test_each_tutor_chooses(cast: Cast) -> None:
    """All at first; of what the business tells at all; only tutors have a choice."""
    switched_on(cast)
    assert kinds_told(cast.ben.pk) == ["planned", "moved", "cancelled", "covered"]
    choose_kinds(requester=Requester(user(cast.ben), NOW), kinds=["cancelled", "gossip"])
    assert kinds_told(cast.ben.pk) == ["cancelled"]
    session = planned(cast.ben_ana, cast.owner, 9)
    assert told() == {}
    change_notices(requester=Requester(cast.owner, NOW), is_on=True, kinds=["planned"])
    cancel(requester=Requester(cast.owner, NOW), session_id=session.pk)
    assert told() == {}
    with pytest.raises(ForbiddenError):
        choose_kinds(requester=Requester(cast.owner, NOW), kinds=[])


def test_a_tutor_who_left_is_told_nothing(cast: Cast) -> None:
    """Nor is anything of them kept once they are erased."""
    switched_on(cast)
    choose_kinds(requester=Requester(user(cast.cara), NOW), kinds=["planned"])
    planned(cast.cara_ana, cast.owner, 9)
    hand_out_diaries()
    assert Notice.objects.get().tutor == cast.cara
    Session.objects.all().delete()
    Notice.objects.update(sent_at=None)
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, changes={"active": False}
    )
    assert told() == {}
    TutorStudent.objects.filter(tutor=cast.cara).update(ended_on=NOW.date(), is_primary=False)
    erase_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk)
    assert not TutorNotices.objects.exists()
    assert not Notice.objects.exists()


def test_what_was_rolled_back_is_told_to_nobody(cast: Cast) -> None:
    switched_on(cast)
    with transaction.atomic():
        planned(cast.ben_ana, cast.owner, 9)
        transaction.set_rollback(True)
    assert told() == {}


def test_of_a_student_who_is_gone_nothing_is_told(cast: Cast) -> None:
    """The line of a lesson that was removed may be there still, as another program leaves it."""
    switched_on(cast)
    session = planned(cast.ben_ana, user(cast.ben), 9)
    planned(cast.ben_cleo, cast.owner, 10)
    delete(requester=Requester(cast.owner, NOW), session_id=session.pk)
    hand_out_diaries()
    letter = Notice.objects.get(tutor=cast.ben)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL tandem.erasing = 'yes'")
    cast.ben_ana.events.all().delete()
    cast.cara_ana.events.all().delete()
    TutorStudent.objects.filter(student=cast.ana).delete()
    cast.ana.delete()
    assert SessionEvent.objects.filter(pk__in=letter.about, what="removed").exists()
    assert "Ana" not in words(told()["ben@tandem.example"])
    letter.refresh_from_db()
    assert letter.sent_at


def test_a_tutor_is_told_what_a_family_said_by_its_link(cast: Cast) -> None:
    """With an account and without; what a command did, with no word of a family, as before not."""
    switched_on(cast)
    change_policy(requester=Requester(cast.owner, NOW), changes={"families_cancel": True})
    for with_account in (True, False):
        session = planned(cast.ben_ana, user(cast.ben), 9 + with_account)
        told()
        if not with_account:
            Tutor.objects.filter(pk=cast.ben.pk).update(user=None)
        cannot_come(family=FamilyAtLink(cast.ana.pk, NOW), session_id=session.pk, reason="Flu")
        assert "Cancelled: - " in words(told()["ben@tandem.example"])
    other = planned(cast.ben_ana, cast.owner, 12)
    told()
    cancel(requester=Requester(None, NOW), session_id=other.pk)
    assert "ben@tandem.example" not in told()
