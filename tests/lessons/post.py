"""Families who are told by mail: a guardian, the switch, and the letters that went out."""

from datetime import datetime
from typing import Any

from django.core import mail
from django.core.mail import EmailMultiAlternatives

from tandem.lessons.notices import change_notices
from tandem.lessons.outbox import Notice, every_notice
from tandem.lessons.sending import send_waiting
from tandem.people.guardians import create_guardian
from tandem.people.models import Guardian
from tandem.people.requester import Requester
from tests.cast import NOW, Cast


def switched_on(cast: Cast, *, is_on: bool = True) -> None:
    change_notices(requester=Requester(cast.owner, NOW), is_on=is_on, kinds=every_notice())


def a_guardian(cast: Cast, **fields: Any) -> Guardian:
    """Return Maria, Ana's and Cleo's guardian, while notices are on."""
    switched_on(cast)
    said = {"full_name": "Maria Ruiz", "email": "maria@home.example", **fields}
    made: Guardian = create_guardian(
        requester=Requester(cast.owner, NOW), student_ids=[cast.ana.pk, cast.cleo.pk], fields=said
    )
    return made


def let_be_due() -> None:
    """The database's own clock makes the rows, and a test has a day of its own."""
    Notice.objects.filter(sent_at=None, tries=0).update(next_try_at=NOW)


def letters(now: datetime = NOW, *, domain: str = "home.example") -> list[EmailMultiAlternatives]:
    """Send what waits, and return what went out to a domain: to families, unless said."""
    mail.outbox = []
    let_be_due()
    send_waiting(now)
    sent = [one for one in mail.outbox if isinstance(one, EmailMultiAlternatives)]
    return [one for one in sent if one.to[0].endswith(domain)]


def deed(number: int) -> None:
    """Let what follows be another deed than what went before: a test is one transaction."""
    for notice in Notice.objects.exclude(deed__startswith="deed "):
        Notice.objects.filter(pk=notice.pk).update(deed=f"deed {number}")


def words(letter: EmailMultiAlternatives) -> str:
    """Return what a letter says, on one line."""
    return " ".join(letter.body.split())
