"""What goes on beside the requests: sweeping what is too old, and saying that somebody does."""

import os
import signal
import threading
import time as clock
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError, ProgrammingError, connection

from tandem.api.idempotency import KEPT_FOR
from tandem.api.models import KeptAnswer
from tandem.kit import time
from tandem.kit.transactions import database_is_away
from tandem.lessons.deeds import forget_how_to_undo
from tandem.lessons.notices import make_beforehand
from tandem.lessons.sending import forget_old_notices, send_waiting
from tandem.lessons.series_horizon import top_up
from tandem.people.limits import FORGET_AFTER
from tandem.people.link_sealing import seal_waiting_links
from tandem.people.models import RequestCount
from tandem.people.record_reads import forget_old_reads
from tandem.people.weak_links import forget_strong_links
from tandem.serving.checks import WORKER, migrations
from tandem.serving.models import Heartbeat
from tandem.serving.own_server import OwnServer
from tandem.upgrade.live.shown_days import turn_days
from tandem.web.models import KEPT_FOR as FORMS_KEPT_FOR
from tandem.web.models import SentForm

SWEEP_EVERY = timedelta(minutes=10)
LATELY = timedelta(minutes=1)
BETWEEN_LOOKS = 1.0
"""Seconds between two looks for the tables, while there are none."""
log = structlog.get_logger()


class Task(Protocol):
    """Something to be done from time to time."""

    __name__: str

    def __call__(self, now: datetime, /) -> None: ...


def run() -> None:
    """Work until the process is told to stop, or whoever started it is gone.

    A database that is away is waited for, and so are tables that are not there yet.
    """
    stopped, parent, own_server = threading.Event(), os.getppid(), OwnServer()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    swept_at, are_there = float("-inf"), False
    while not stopped.is_set() and os.getppid() == parent:
        own_server.look()
        if not (are_there := are_there or _tables_are_there()):
            stopped.wait(BETWEEN_LOOKS)
            continue
        if clock.monotonic() - swept_at >= SWEEP_EVERY.total_seconds() and _done(sweep):
            swept_at = clock.monotonic()
            _done(plan_ahead)
            _done(remind)
        _done(beat)
        _done(judge_links)
        _done(seal_links)
        _done(tell_families)
        _done(turn_days)
        _done(beat)  # a mail server may have kept it for a while
        stopped.wait(settings.HEARTBEAT_SECONDS)


def _tables_are_there() -> bool:
    """Look whether `tandem serve`, which is started beside it, has made the tables by now."""
    try:
        found = migrations()
    except ProgrammingError:  # there is not even the list of what was made
        log.info("waiting for the tables")
    except (DatabaseError, InterfaceError):
        log.warning("database unavailable", task="start")
    else:
        if found.ok:
            return True
        log.info("waiting for the tables", why=found.sentence)
    connection.close()
    return False


def beat(now: datetime, /) -> None:
    """Say that the worker is at work."""
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"beat_at": now})


def judge_links(now: datetime, /) -> None:
    """Look at the parents' links that came or changed lately; ``sweep`` looks at all of them."""
    forget_strong_links(now - LATELY)


def seal_links(_now: datetime, /) -> None:
    """Seal the parents' links that came by plain SQL, or before links were sealed at all."""
    if sealed := seal_waiting_links():
        log.info("links sealed", number=sealed)


def remind(now: datetime, /) -> None:
    """Make the letters that remind of tomorrow, and tell of the next week, where they are due."""
    if made := make_beforehand(now):
        log.info("reminders made", number=made)


def tell_families(now: datetime, /) -> None:
    """Send the letters that wait."""
    if sent := send_waiting(now):
        log.info("notices sent", number=sent)


def sweep(now: datetime, /) -> None:
    """Drop sessions that have ended; counts, answers, forms and letters that nobody asks for again.

    Also who read a record longer ago than that is kept, how deeds of long ago would be undone; and
    from the list of links to be looked at those that are strong.
    """
    Session.objects.filter(expire_date__lt=now).delete()
    RequestCount.objects.filter(window_start__lt=now - FORGET_AFTER).delete()
    KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    SentForm.objects.filter(sent_at__lt=now - FORMS_KEPT_FOR).delete()
    forget_old_reads(now)
    forget_old_notices(now)
    forget_how_to_undo(now)
    forget_strong_links()


def plan_ahead(now: datetime, /) -> None:
    """Plan lessons that come back without an end up to their horizon; note which could not be."""
    done = top_up(now=now)
    for one in done:
        if one.error:
            log.error("series not planned on", series=one.series_id, exc_info=one.error)
        else:
            log.info(
                "series planned on",
                series=one.series_id,
                planned=len(one.sessions),
                left_out=sorted({str(conflict.date) for conflict in one.conflicts}),
            )
    failed = {"not_planned": [one.series_id for one in done if one.error]}
    Heartbeat.objects.update_or_create(
        name=WORKER, defaults=failed, create_defaults={**failed, "beat_at": now}
    )


def _done(task: Task) -> bool:
    try:
        task(time.utc_now())
    except (DatabaseError, InterfaceError) as error:
        if database_is_away(error):  # where in Tandem that was noticed tells nobody anything
            log.warning("database unavailable", task=task.__name__)
        else:
            log.warning("task failed", task=task.__name__, exc_info=error)
        connection.close()
        return False
    return True
