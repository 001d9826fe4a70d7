"""Sending the letters that wait: each at least once, under one name on every try.

A row is held while its letter is handed over, and noted as sent in the same transaction. Who dies
between the two leaves it waiting; the letter then goes out again with the same Message-ID, by which
mail programs know that it is the same.
"""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q, QuerySet

from tandem.lessons.notices import Letter, letter_of
from tandem.lessons.outbox import Notice
from tandem.people.models import Guardian

LOG = logging.getLogger(__name__)
AT_ONCE = 200
MOST_TRIES = 12
LONGEST_WAIT = timedelta(hours=6)
KEPT_FOR = timedelta(days=31)
FOR_GOOD = range(500, 600)
"""What a mail server says of an address for which it will never take anything."""
REFUSED, GIVEN_UP = "refused", "given up"


def send_waiting(now: datetime) -> int:
    """Send the letters that are due, until the mail server is away; return how many went out."""
    sent = 0
    for _ in range(AT_ONCE):
        with transaction.atomic():
            notice = _waiting(now).first()
            if notice is None:
                break
            went_on, was_sent = _sent(notice, now)
            sent += was_sent
        if not went_on:
            break
    return sent


def forget_old_notices(now: datetime) -> int:
    """Delete letters that went out, or never will, after a month; return how many."""
    done = Q(sent_at__lt=now - KEPT_FOR) | ~Q(failure="") & Q(made_at__lt=now - KEPT_FOR)
    return Notice.objects.filter(done).delete()[0]


def waiting_notices() -> QuerySet[Notice]:
    """Return the letters that were neither sent nor given up, the oldest first."""
    return Notice.objects.filter(sent_at=None, failure="").order_by("next_try_at", "id")


def failed_notices() -> QuerySet[Notice]:
    """Return the letters that nobody tries again, with their guardians, the newest first."""
    rows = Notice.objects.exclude(failure="").select_related("guardian")
    return rows.order_by("-made_at", "-id")


def message_id(notice: Notice) -> str:
    """Return the name of a letter, the same on every try."""
    return f"<{notice.pk}@{urlsplit(settings.BASE_URL).hostname or 'tandem.invalid'}>"


def _waiting(now: datetime) -> QuerySet[Notice]:
    due = waiting_notices().filter(next_try_at__lte=now)
    return due.select_related("guardian").select_for_update(of=("self",), skip_locked=True)


def _sent(notice: Notice, now: datetime) -> tuple[bool, bool]:
    """Try one letter; return whether to go on with others, and whether it went out."""
    guardian = notice.guardian
    letter = None
    if guardian.email and guardian.email_refused_at is None:
        letter = letter_of(notice)
    if letter is None:
        return _done(notice, sent_at=now), False
    try:
        _hand_over(notice, letter, guardian.email or "")
    except SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        if all(code in FOR_GOOD for code in codes):
            rows = Guardian.objects.filter(pk=guardian.pk, email=guardian.email)
            rows.update(email_refused_at=now)
            return _done(notice, failure=REFUSED), False
        return _later(notice, now), False
    except (OSError, SMTPException) as error:
        LOG.warning("notice_not_sent", extra={"kind": type(error).__name__})
        _later(notice, now)
        return False, False
    return _done(notice, sent_at=now), True


def _done(notice: Notice, **fields: object) -> bool:
    Notice.objects.filter(pk=notice.pk).update(**fields)
    return True


def _later(notice: Notice, now: datetime) -> bool:
    """Try again after a while that doubles; give up in the end."""
    tries = notice.tries + 1
    wait = min(timedelta(minutes=2**tries), LONGEST_WAIT)
    failure = GIVEN_UP if tries >= MOST_TRIES else ""
    return _done(notice, tries=tries, next_try_at=now + wait, failure=failure)


def _hand_over(notice: Notice, letter: Letter, to: str) -> None:
    mail = EmailMultiAlternatives(
        letter.subject, letter.text, None, [to], headers={"Message-ID": message_id(notice)}
    )
    mail.attach_alternative(letter.html, "text/html")
    mail.send()
