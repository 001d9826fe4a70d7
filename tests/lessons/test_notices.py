"""What families are told by mail: rows made in the deed's own transaction, then letters."""

from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tandem.kit.errors import ForbiddenError
from tandem.lessons import sending
from tandem.lessons.actions import cancel, edit, reschedule
from tandem.lessons.cover import cover
from tandem.lessons.erasure import erase_student
from tandem.lessons.letter_words import LANGUAGES, Words
from tandem.lessons.letters import example
from tandem.lessons.models import Session
from tandem.lessons.notices import change_notices, make_beforehand
from tandem.lessons.outbox import Notice
from tandem.lessons.revising import revise
from tandem.lessons.sending import forget_old_notices, send_waiting
from tandem.people.guardians import create_guardian, remove_guardian, update_guardian
from tandem.people.models import Guardian, Student
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, booked, user
from tests.lessons.post import a_guardian, deed, let_be_due, letters, switched_on, words


@pytest.fixture
def maria(cast: Cast) -> Guardian:
    """Ana's and Cleo's guardian, while notices are on."""
    return a_guardian(cast)


def test_nothing_is_made_while_they_are_off(cast: Cast) -> None:
    """The usual state, also for whoever came over from an older application; no statement more."""
    create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.ana.pk],
        fields={"full_name": "Maria", "email": "maria@home.example"},
    )
    with CaptureQueriesContext(connection) as off:
        booked(cast.ben_ana, at(9, 16))
    switched_on(cast, is_on=False)
    booked(cast.ben_ana, at(10, 16))
    assert not Notice.objects.exists()
    switched_on(cast)
    with CaptureQueriesContext(connection) as on:
        booked(cast.ben_ana, at(11, 16))
    assert Notice.objects.count() == 1
    assert len(on) == len(off)


def test_owners_alone_switch_them(cast: Cast) -> None:
    with pytest.raises(ForbiddenError):
        change_notices(requester=Requester(user(cast.ben), NOW), is_on=True, kinds=[])


def test_a_deed_is_one_letter_to_each(cast: Cast, maria: Guardian) -> None:
    """Of all lessons and children that it changed, in the zone of each child."""
    Student.objects.filter(pk=cast.cleo.pk).update(time_zone="Asia/Tokyo")
    booked(cast.ben_ana, at(9, 16))
    booked(cast.ben_cleo, at(10, 16))
    (letter,) = letters()
    assert letter.to == ["maria@home.example"]
    assert letter.subject == "What has changed in the lessons of Ana and Cleo"
    assert "Dear Maria Ruiz" in letter.body
    assert "- Monday 9 November, 16:00 to 17:00, Physics with Ben" in letter.body
    assert "- Wednesday 11 November, 01:00 to 02:00, Maths with Ben" in letter.body
    assert "Times are in Tokyo time." in letter.body
    assert "with Ben" in str(letter.alternatives[0][0])
    assert letters() == []


def test_each_kind_is_told(cast: Cast, maria: Guardian) -> None:
    """Planned, moved, covered, cancelled: of each lesson what became of it in the end."""
    first, second, third = (booked(cast.ben_ana, at(day, 16)) for day in (9, 10, 11))
    assert len(letters()) == 1
    deed(1)
    reschedule(
        requester=Requester(None, NOW),
        session_id=first.pk,
        starts_at=at(12, 16),
        ends_at=at(12, 16) + HOUR,
    )
    cover(requester=Requester(cast.owner, NOW), session_id=second.pk, tutor_id=cast.dev.pk)
    cancel(requester=Requester(None, NOW), session_id=third.pk)
    (letter,) = letters()
    body = " ".join(letter.body.split())
    assert "Cancelled: - Wednesday 11 November, 16:00 to 17:00, Physics with Ben" in body
    assert (
        "Moved to another time: - Thursday 12 November, 16:00 to 17:00, Physics with Ben "
        "(it was on Monday 9 November, 16:00)" in body
    )
    assert "With another tutor: - Tuesday 10 November, 16:00 to 17:00, Physics with Dev" in body
    assert "Planned:" not in body


LINK = "https://meet.example/new"


def test_another_link_or_place_is_told_once(cast: Cast, maria: Guardian) -> None:
    """By the lines of history of any change; what else is written about a lesson is not."""
    first, second = (booked(cast.ben_ana, at(day, 16)) for day in (9, 10))
    letters()
    deed(1)
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    edit(**who, session_id=first.pk, changes={"meeting_link": LINK, "notes": "Bring a ruler"})
    edit(**who, session_id=second.pk, changes={"location": "Room  4", "meeting_link": ""})
    (letter,) = letters()
    said = words(letter)
    assert "Held at another place, or at another address online: - Monday 9 November" in said
    assert f"16:00 to 17:00, Physics with Ben, now at {LINK} - Tuesday 10" in said
    assert "Physics with Ben, now at Room 4" in said
    assert "ruler" not in letter.body
    deed(2)
    edit(**who, session_id=first.pk, changes={"meeting_link": LINK, "title": "Waves"})
    assert letters() == []
    edit(**who, session_id=first.pk, changes={"meeting_link": ""})
    assert "Physics with Ben, now at no place that is named" in words(letters()[0])


def test_a_move_with_another_link_is_one_line(cast: Cast, maria: Guardian) -> None:
    """It says when it is now, when it was, and where it is; who wants no moves is told nothing."""
    session = booked(cast.ben_ana, at(9, 16))
    letters()
    deed(1)
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "session_id": session.pk}
    hours: dict[str, Any] = {"starts_at": at(11, 16), "ends_at": at(11, 16) + HOUR}
    revise(**who, **hours, changes={"meeting_link": LINK})
    (letter,) = letters()
    assert "Held at another place" not in words(letter)
    line = f"Physics with Ben, now at {LINK} (it was on Monday 9 November, 16:00)"
    assert line in words(letter)
    deed(2)
    update_guardian(
        requester=Requester(cast.owner, NOW), guardian_id=maria.pk, changes={"notices": ["planned"]}
    )
    edit(**who, changes={"meeting_link": "https://meet.example/other"})
    assert letters() == []


def test_a_link_of_what_is_over_or_cancelled_is_not_told(cast: Cast, maria: Guardian) -> None:
    off, over = booked(cast.ben_ana, at(9, 16)), booked(cast.ben_ana, at(1, 16))
    cancel(requester=Requester(None, NOW), session_id=off.pk)
    letters()
    deed(1)
    for one in (off, over):
        edit(
            requester=Requester(cast.owner, NOW), session_id=one.pk, changes={"meeting_link": LINK}
        )
    assert letters() == []


def test_nobody_is_told_what_they_did_not_choose(cast: Cast, maria: Guardian) -> None:
    """By the guardian's own choice, and by the business's."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "guardian_id": maria.pk}
    update_guardian(**who, changes={"notices": ["moved"]})
    session = booked(cast.ben_ana, at(9, 16))
    assert not Notice.objects.exists()
    update_guardian(**who, changes={"notices": ["planned", "cancelled"]})
    change_notices(requester=Requester(cast.owner, NOW), is_on=True, kinds=["planned"])
    cancel(requester=Requester(None, NOW), session_id=session.pk)
    assert not Notice.objects.exists()


def test_what_is_undone_is_not_told(cast: Cast, maria: Guardian) -> None:
    """A deed that was rolled back leaves no letter; one beside it does."""
    with transaction.atomic():
        booked(cast.ben_ana, at(9, 16))
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    booked(cast.ben_ana, at(10, 16))
    (letter,) = letters()
    assert "9 November" not in letter.body


def test_what_was_is_not_told(cast: Cast, maria: Guardian) -> None:
    """A lesson that is recorded after it was held."""
    booked(cast.ben_ana, at(1, 16))
    assert Notice.objects.exists()
    assert letters() == []
    assert Notice.objects.get().sent_at


def refusing(names: list[Any], error: Exception) -> Callable[[EmailMultiAlternatives], int]:
    """Return how a mail server says no; it notes the names of what it was given."""

    def send(message: EmailMultiAlternatives) -> int:
        names.append(message.message()["Message-ID"])
        raise error

    return send


def test_a_refused_address_is_marked(
    cast: Cast, maria: Guardian, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody writes to it again until it is changed."""
    error = SMTPRecipientsRefused({"maria@home.example": (550, b"no such user")})
    monkeypatch.setattr(EmailMultiAlternatives, "send", refusing([], error))
    booked(cast.ben_ana, at(9, 16))
    let_be_due()
    assert send_waiting(NOW) == 0
    maria.refresh_from_db()
    assert maria.email_refused_at == NOW
    assert Notice.objects.get().failure == sending.REFUSED
    deed(1)
    booked(cast.ben_ana, at(10, 16))
    assert Notice.objects.count() == 1


def test_another_try_has_the_same_name(
    cast: Cast, maria: Guardian, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while; and not without end."""
    booked(cast.ben_ana, at(9, 16))
    let_be_due()
    names: list[Any] = []
    away = refusing(names, SMTPServerDisconnected("away"))
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", away)
        assert send_waiting(NOW) == send_waiting(NOW) == 0
        assert len(names) == 1
        send_waiting(NOW + timedelta(minutes=3))
    assert names == [sending.message_id(Notice.objects.get())] * 2
    send_waiting(NOW + timedelta(days=1))
    assert mail.outbox[-1].message()["Message-ID"] == names[0]
    Notice.objects.update(sent_at=None, tries=sending.MOST_TRIES - 1)
    monkeypatch.setattr(EmailMultiAlternatives, "send", away)
    send_waiting(NOW + timedelta(days=2))
    assert Notice.objects.get().failure == sending.GIVEN_UP


def test_reminders_and_summaries_are_made_once(cast: Cast, maria: Guardian) -> None:
    """From four on the day before; on Sundays of the week that comes, to whom wants them."""
    booked(cast.ben_ana, at(3, 16))
    booked(cast.ben_cleo, at(9, 16))
    Notice.objects.all().delete()
    assert make_beforehand(at(2, 15)) == 0
    assert make_beforehand(at(2, 16)) == 1
    assert make_beforehand(at(2, 17)) == 0
    (letter,) = letters()
    assert letter.subject == "Reminder: lessons of Ana"
    assert "- Tuesday 3 November, 16:00 to 17:00, Physics with Ben" in letter.body
    update_guardian(
        requester=Requester(None, NOW), guardian_id=maria.pk, changes={"notices": ["summary"]}
    )
    assert make_beforehand(at(8, 17)) == 1
    (letter,) = letters()
    assert letter.subject == "The week ahead: lessons of Cleo"


@pytest.mark.parametrize(
    ("zone", "sunday"),
    [
        ("Europe/Helsinki", at(25, 14, month=10)),
        ("Europe/Helsinki", at(28, 13, month=3, year=2027)),
        ("Europe/London", at(25, 16, month=10)),
        ("Europe/London", at(28, 15, month=3, year=2027)),
        ("America/New_York", at(1, 21)),
        ("America/New_York", at(14, 20, month=3, year=2027)),
    ],
)
def test_four_is_on_the_wall_when_clocks_change(
    cast: Cast, maria: Guardian, settings: Any, zone: str, sunday: datetime
) -> None:
    """Clocks change on Sundays, the day of summaries: not three, nor five."""
    settings.TIME_ZONE = zone
    booked(cast.ben_ana, sunday + 20 * HOUR)
    Notice.objects.all().delete()
    assert make_beforehand(sunday - HOUR / 60) == 0
    assert make_beforehand(sunday) == 1
    assert make_beforehand(sunday + HOUR) == 0


def test_a_reminder_of_what_was_cancelled_meanwhile_is_not_sent(
    cast: Cast, maria: Guardian
) -> None:
    session = booked(cast.ben_ana, at(3, 16))
    Notice.objects.all().delete()
    make_beforehand(at(2, 16))
    Session.objects.filter(pk=session.pk).update(status="cancelled")
    assert letters() == []


def test_letters_go_with_the_guardian_and_after_a_month(cast: Cast, maria: Guardian) -> None:
    """And of an erased child nothing is told any more."""
    booked(cast.ben_ana, at(9, 16))
    booked(cast.ben_cleo, at(10, 16))
    erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    (letter,) = letters()
    assert "Ana" not in f"{letter.body} {letter.subject}"
    assert forget_old_notices(NOW + timedelta(days=30)) == 0
    assert forget_old_notices(NOW + timedelta(days=32)) == 1
    booked(cast.ben_cleo, at(11, 16))
    assert Notice.objects.exists()
    remove_guardian(requester=Requester(cast.owner, NOW), guardian_id=maria.pk)
    assert not Notice.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.language)
@pytest.mark.parametrize("kind", Notice.Kind.values)
def test_owners_can_read_each_text_beforehand(kind: str, language: Words) -> None:
    letter = example(kind, language)
    assert "Ana" in letter.subject
    assert ("Dev Shah," if kind == "diary" else "Maria Ruiz,") in letter.text
    assert "Ben Okafor" in letter.html
