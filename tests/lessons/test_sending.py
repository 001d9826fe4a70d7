"""Letters on their way: bad addresses, bad letters, servers that hang, guardians who go."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction

from tandem.lessons import sending
from tandem.lessons.outbox import Notice
from tandem.lessons.sending import forget_old_notices, send_waiting, waiting_notices
from tandem.people.models import Guardian, Student
from tests.cast import NOW, Cast, at, booked
from tests.lessons.post import a_guardian, let_be_due, letters
from tests.once import gathered


def another(cast: Cast, email: str) -> Guardian:
    """Return one more guardian of Ana's, however the address came to be there."""
    made = Guardian.objects.create(
        full_name="Old", email=email, notices=["planned"], created_at=NOW
    )
    made.children.create(student=cast.ana)
    return made


@pytest.mark.parametrize(
    "email",
    ["mum@x.example, dad@x.example", "none", "a@b.example\nBcc: c@d.example", "ü@x.example"],
)
def test_what_is_no_address_stops_nobody(cast: Cast, email: str) -> None:
    """As an older application may have it: it is marked, and the others get their letters."""
    old = another(cast, email)
    a_guardian(cast)
    booked(cast.ben_ana, at(9, 16))
    assert [one.to for one in letters()] == [["maria@home.example"]]
    old.refresh_from_db()
    assert old.email_refused_at == NOW
    assert Notice.objects.get(guardian=old).failure == sending.REFUSED


def test_a_letter_that_cannot_be_written_stops_nobody(cast: Cast) -> None:
    """Here for want of a zone: it is tried again, the others go out."""
    Student.objects.filter(pk=cast.cleo.pk).update(time_zone="Mars/Olympus")
    old = another(cast, "old@home.example")
    old.children.update(student=cast.cleo)
    a_guardian(cast)
    old.children.create(student=cast.ana)
    maria = Guardian.objects.get(email="maria@home.example")
    maria.children.filter(student=cast.cleo).delete()
    booked(cast.ben_ana, at(9, 16))
    booked(cast.ben_cleo, at(10, 16))
    assert [one.to for one in letters()] == [["maria@home.example"]]
    assert Notice.objects.get(guardian=old).tries == 1


def test_letters_do_not_keep_the_worker_from_its_other_work(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow mail server gets some, and the rest the next time."""
    a_guardian(cast)
    another(cast, "old@home.example")
    booked(cast.ben_ana, at(9, 16))
    let_be_due()
    monkeypatch.setattr(sending, "AT_MOST_SECONDS", 0.0)
    assert send_waiting(NOW) == 1
    assert send_waiting(NOW) == 1
    assert send_waiting(NOW) == 0


@pytest.fixture
def shared_cast(transactional_db: None) -> Cast:
    """The cast, written so that other connections see them."""
    return gathered()


@contextmanager
def other_connection() -> Iterator[psycopg.Connection]:
    """Another program, which waits a second at most."""
    with psycopg.connect(**connection.get_connection_params() | {"context": None}) as line:
        line.execute("SET lock_timeout = '1s'")
        yield line


GO = "DELETE FROM people_guardian WHERE id = %s"


@pytest.mark.django_db(transaction=True)
def test_a_guardian_who_goes_in_that_moment_makes_no_write_fail(shared_cast: Cast) -> None:
    """Neither does the write wait for them, and nothing is left of the letter."""
    cast, maria = shared_cast, a_guardian(shared_cast)
    with other_connection() as line:
        line.execute(GO, [maria.pk])
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
            booked(cast.ben_ana, at(9, 16))
        line.commit()
    assert Notice.objects.count() == 1
    assert waiting_notices().count() == 0
    assert letters() == []
    forget_old_notices(NOW)
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_guardian_can_go_while_a_letter_is_handed_over(
    shared_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the mail server takes; and nobody else hands the same letter over meanwhile."""
    cast, maria = shared_cast, a_guardian(shared_cast)
    booked(cast.ben_ana, at(9, 16))
    let_be_due()
    told: list[str] = []

    def send(letter: EmailMultiAlternatives) -> int:
        told.extend(letter.to)
        with other_connection() as line:
            row = line.execute(sending.TAKE, [Notice.objects.get().pk]).fetchone()
            assert row == (False,)
            line.execute(GO, [maria.pk])
            line.commit()
        return 1

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    assert send_waiting(NOW) == 1
    assert told == ["maria@home.example"]
    assert not Notice.objects.exists()
    assert send_waiting(NOW + timedelta(days=1)) == 0
