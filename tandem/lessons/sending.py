"""Sending the letters that wait: each at least once, under one name on every try.

Whoever hands a letter over holds its name (an advisory lock) until it is noted as sent; no row is
locked meanwhile, so that nobody waits for a mail server who removes a guardian or erases a student.
Who dies before the note leaves the letter waiting; it then goes out again with the same Message-ID,
by which mail programs know that it is the same. It may have arrived by then, and that is known too:
what has changed since is told against what it said.
"""

import logging
import time as clock
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from tandem.lessons.diary_letters import diary_letter_of, hand_out_diaries
from tandem.lessons.letters import Letter, letter_of
from tandem.lessons.outbox import Notice
from tandem.lessons.untold import as_known, note_told, untold
from tandem.people.business import freshen
from tandem.people.models import Guardian, Tutor
from tandem.people.rules import is_address

LOG = logging.getLogger(__name__)
TAKE = "SELECT pg_try_advisory_xact_lock(hashtext('tandem letters'), hashtext(%s))"
AT_ONCE = 200
AT_MOST_SECONDS = 10.0
"""Then the worker does its other work before the next letters."""
MOST_TRIES = 12
LONGEST_WAIT = timedelta(hours=6)
KEPT_FOR = timedelta(days=31)
FOR_GOOD = range(500, 600)
"""What a mail server says of an address for which it will never take anything."""
HAS_A_READER = Q(Exists(Guardian.objects.filter(pk=OuterRef("guardian_id")))) | Q(
    Exists(Tutor.objects.filter(pk=OuterRef("tutor_id")))
)
FOR_ALL = Q(guardian=None, tutor=None)
"""Of what was changed in diaries, until it is handed out."""
REFUSED, GIVEN_UP = "refused", "given up"
SENT, GO_ON, AWAY = "sent", "go on", "away"
"""What became of a letter: ``AWAY`` is that the mail server cannot be reached for any."""


def send_waiting(now: datetime) -> int:
    """Send letters that are due, for some seconds or until the server is away; return how many."""
    hand_out_diaries()
    freshen()
    until = clock.monotonic() + AT_MOST_SECONDS
    due = waiting_notices().filter(next_try_at__lte=now).values_list("pk", flat=True)
    sent = 0
    for notice_id in list(due[:AT_ONCE]):
        outcome = _tried(notice_id, now)
        sent += outcome == SENT
        if outcome == AWAY or clock.monotonic() >= until:
            break
    return sent


def forget_old_notices(now: datetime) -> int:
    """Delete letters that went out, or never will, after a month; return how many.

    And at once those to guardians who went in the moment in which the letter was made.
    """
    done = Q(sent_at__lt=now - KEPT_FOR) | ~Q(failure="") & Q(made_at__lt=now - KEPT_FOR)
    return Notice.objects.filter(done | ~(HAS_A_READER | FOR_ALL)).delete()[0]


def waiting_notices() -> QuerySet[Notice]:
    """Return the letters that were neither sent nor given up, the oldest first."""
    rows = Notice.objects.filter(HAS_A_READER, sent_at=None, failure="")
    return rows.order_by("next_try_at", "id")


def failed_notices() -> QuerySet[Notice]:
    """Return the letters that nobody tries again, with their readers, the newest first."""
    rows = (
        Notice.objects.filter(HAS_A_READER).exclude(failure="").select_related("guardian", "tutor")
    )
    return rows.order_by("-made_at", "-id")


def message_id(notice: Notice) -> str:
    """Return the name of a letter, the same on every try."""
    return f"<{notice.pk}@{urlsplit(settings.BASE_URL).hostname or 'tandem.invalid'}>"


def address_of(notice: Notice) -> str | None:
    """Return where a letter goes; None where it goes nowhere any more."""
    if notice.tutor is not None:
        return notice.tutor.email if notice.tutor.active else None
    reader = notice.guardian
    return reader.email if reader and reader.email_refused_at is None else None


def _tried(notice_id: str, now: datetime) -> str:
    """Try one letter, unless somebody else does, or did, at this moment.

    That it may have arrived is committed before it is handed over: nobody knows more of it who dies
    then, or whose line breaks.
    """
    with transaction.atomic():
        begun = _begun(notice_id, now)
    if begun is None:
        return GO_ON
    with transaction.atomic():
        notice = _taken(notice_id, now)
        if notice is None:
            return GO_ON
        email = address_of(notice)
        if email is None:
            return _done(notice, sent_at=now)
        is_one = is_address(email)
        return _handed_over(notice, begun, email, now) if is_one else _refused(notice, now)


@dataclass(frozen=True)
class Begun:
    """A try that has begun; ``handed_over_at`` is when an earlier one may have arrived."""

    handed_over_at: datetime | None


def _begun(notice_id: str, now: datetime) -> Begun | None:
    """Note what a letter tells, and that it may arrive from now on."""
    notice = _taken(notice_id, now)
    if notice is None:
        return None
    about = untold(notice)
    telling = as_known(notice, about)
    note_told(notice, {*about} - {*telling}, now)
    Notice.objects.filter(pk=notice.pk).update(about=telling, handed_over_at=now)
    return Begun(notice.handed_over_at)


def _taken(notice_id: str, now: datetime) -> Notice | None:
    """Return a letter that is due, unless somebody else has it, or another one to its reader.

    What a letter told is taken from the reader's others, so they go out one after another.
    """
    readers = Notice.objects.filter(pk=notice_id).values_list("guardian_id", "tutor_id")
    names = [notice_id, *(one for reader in readers for one in reader if one)]
    if not all(map(_is_mine, names)):
        return None
    # Read once it is taken: whoever had it before has noted what became of it.
    due = waiting_notices().filter(pk=notice_id, next_try_at__lte=now)
    return due.select_related("guardian", "tutor").first()


def _is_mine(name: str) -> bool:
    """Take a name until the transaction ends, unless somebody else has it."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [name])
        return bool(cursor.fetchone() == (True,))


def _handed_over(notice: Notice, begun: Begun, email: str, now: datetime) -> str:
    try:
        outcome = _write_and_send(notice, email, now)
    except SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        _has_not_arrived(notice, begun)
        is_for_good = all(code in FOR_GOOD for code in codes)
        return _refused(notice, now) if is_for_good else _later(notice, now)
    except (OSError, SMTPException) as error:
        LOG.warning("notice_not_sent", extra={"kind": type(error.__cause__ or error).__name__})
        if isinstance(error, NOT_TAKEN):
            _has_not_arrived(notice, begun)
        _later(notice, now)
        return AWAY
    except DatabaseError:
        raise
    except Exception:  # whatever is the matter with one letter, the others go out
        LOG.exception("notice_not_written", extra={"notice": notice.pk})
        _has_not_arrived(notice, begun)
        return _later(notice, now)
    note_told(notice, notice.about, now)
    _done(notice, sent_at=now)
    return outcome


def _write_and_send(notice: Notice, email: str, now: datetime) -> str:
    letter = letter_of(notice, now) if notice.tutor is None else diary_letter_of(notice, now)
    if letter is None:
        return GO_ON
    _hand_over(notice, letter, email)
    return SENT


def _has_not_arrived(notice: Notice, begun: Begun) -> None:
    """Note that this try came to nothing for sure; an earlier one may have come to something."""
    Notice.objects.filter(pk=notice.pk).update(handed_over_at=begun.handed_over_at)


def _refused(notice: Notice, now: datetime) -> str:
    """Mark the address, unless it was changed meanwhile, so that nobody writes to it again."""
    if notice.guardian is not None:
        rows = Guardian.objects.filter(pk=notice.guardian_id, email=notice.guardian.email)
        rows.update(email_refused_at=now)
    return _done(notice, failure=REFUSED)


def _done(notice: Notice, **fields: object) -> str:
    Notice.objects.filter(pk=notice.pk).update(**fields)
    return GO_ON


def _later(notice: Notice, now: datetime) -> str:
    """Try again after a while that doubles; give up in the end."""
    tries = notice.tries + 1
    wait = min(timedelta(minutes=2**tries), LONGEST_WAIT)
    failure = GIVEN_UP if tries >= MOST_TRIES else ""
    return _done(notice, tries=tries, next_try_at=now + wait, failure=failure)


def _hand_over(notice: Notice, letter: Letter, to: str) -> None:
    headers = {"Message-ID": message_id(notice), "Auto-Submitted": "auto-generated"}
    line = _open_line()
    try:
        mail = EmailMultiAlternatives(
            letter.subject, letter.text, None, [to], headers=headers, connection=line
        )
        mail.attach_alternative(letter.html, "text/html")
        mail.send()
    finally:
        line.close()


class NoLineError(SMTPException):
    """The mail server cannot be spoken to, so it was given nothing."""


NOT_TAKEN = (NoLineError, SMTPResponseException)
"""After these a letter has not arrived; after another break nobody knows."""


def _open_line() -> BaseEmailBackend:
    line: BaseEmailBackend = get_connection()
    try:
        line.open()
    except (OSError, SMTPException) as error:
        raise NoLineError from error
    return line
