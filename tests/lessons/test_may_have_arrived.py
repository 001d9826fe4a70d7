"""A letter that may have arrived, and nobody knows: what changed since is told all the same."""

from smtplib import SMTPDataError, SMTPServerDisconnected

import pytest
from django.core.mail import EmailMultiAlternatives

from tandem.lessons.actions import cancel, reschedule
from tandem.lessons.models import Session
from tandem.lessons.outbox import Notice
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, booked
from tests.lessons.post import a_guardian, deed, letters, words

PLANNED = "Planned: - Monday 9 November, 16:00 to 17:00, Physics with Ben"
CANCELLED = "Cancelled: - Monday 9 November, 16:00 to 17:00, Physics with Ben"


@pytest.fixture
def session(cast: Cast) -> Session:
    """A lesson of which Maria is to be told."""
    a_guardian(cast)
    return booked(cast.ben_ana, at(9, 16))


def tried(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let the mail server break off, or refuse, in the middle of a letter."""

    def fails(*_: object) -> int:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", fails)
        assert letters() == []
    Notice.objects.update(tries=0)
    deed(Notice.objects.count())


GONE = SMTPServerDisconnected("The line is dead.")
LATER = SMTPDataError(451, b"Come again later.")


def calls_off(cast: Cast, session: Session) -> None:
    cancel(requester=Requester(cast.owner, NOW), session_id=session.pk)


def test_it_goes_again_as_it_was(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing has changed since, and however often."""
    for _ in range(2):
        tried(monkeypatch, GONE)
    (letter,) = letters()
    assert PLANNED in words(letter)
    assert letters() == []


def test_what_was_cancelled_since_is_told(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has read that it is planned would come. However often the mail server breaks off."""
    tried(monkeypatch, GONE)
    calls_off(cast, session)
    for _ in range(2):
        tried(monkeypatch, GONE)
    (letter,) = letters()
    assert CANCELLED in words(letter)
    assert letters() == []
    assert not Notice.objects.filter(sent_at=None, guardian__isnull=False).exists()


def test_what_was_moved_since_is_told_from_where_it_may_be_known(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried(monkeypatch, GONE)
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=session.pk,
        starts_at=at(10, 16),
        ends_at=at(10, 16) + HOUR,
    )
    (letter,) = letters()
    said = words(letter)
    assert "- Tuesday 10 November, 16:00 to 17:00, Physics with Ben (it was on Monday 9" in said
    assert letters() == []


def test_what_the_mail_server_refused_has_not_arrived(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So of what was planned and cancelled before any letter went out nothing is told."""
    tried(monkeypatch, LATER)
    calls_off(cast, session)
    assert letters() == []
    assert not Notice.objects.filter(sent_at=None, guardian__isnull=False).exists()


def test_what_is_refused_after_it_may_have_arrived_may_have_arrived(
    cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried(monkeypatch, GONE)
    tried(monkeypatch, LATER)
    calls_off(cast, session)
    (letter,) = letters()
    assert CANCELLED in words(letter)
