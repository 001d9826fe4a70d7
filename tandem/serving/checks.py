"""Whether this installation is in order: each check says what it found and what to do.

``/readyz`` asks the few that a request depends on, ``tandem doctor`` all of them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader

from tandem.kit import time
from tandem.serving.finding import Finding
from tandem.serving.models import Heartbeat

WORKER = "worker"
BEATS_MISSED = 3


Check = Callable[[], Finding]


def database() -> Finding:
    """Look whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError, psycopg.Error) as error:
        return away(error)
    return Finding("database", ok=True, sentence="The database answers.")


def away(error: Exception) -> Finding:
    """Return what is said of a database that did not answer."""
    return Finding(
        "database",
        ok=False,
        sentence=f"The database does not answer ({type(error).__name__}).",
        remedy="Start it, or look at DATABASE_URL.",
    )


def migrations() -> Finding:
    """Look whether the tables are those that this version of Tandem needs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        missing = sorted(needed_migrations() - {*cursor.fetchall()})
    if missing:
        names = ", ".join(f"{app} {name}" for app, name in missing)
        return Finding(
            "migrations",
            ok=False,
            sentence=f"The database lacks {len(missing)} migration(s): {names}.",
            remedy="Stop Tandem and start it again: `tandem serve` applies them first.",
        )
    return Finding("migrations", ok=True, sentence="The tables are up to date.")


@cache
def needed_migrations() -> frozenset[tuple[str, str]]:
    """Return every migration that this version brings."""
    return frozenset(MigrationLoader(None).disk_migrations)


def worker(now: datetime | None = None) -> Finding:
    """Look whether the worker has said of late that it is at work."""
    beat = Heartbeat.objects.filter(name=WORKER).first()
    oldest = (now or time.utc_now()) - BEATS_MISSED * timedelta(seconds=settings.HEARTBEAT_SECONDS)
    if beat is not None and beat.beat_at >= oldest:
        but = ", but could not plan all weekly lessons ahead" if beat.not_planned else ""
        return Finding("worker", ok=True, sentence=f"The worker is at work{but}.")
    since = f"since {time.business_clock(beat.beat_at)}" if beat else "yet"
    return Finding(
        "worker",
        ok=False,
        sentence=f"The worker has not been heard of {since}.",
        remedy="Start `tandem worker`, or `tandem serve` without --no-worker.",
    )


def weekly_lessons() -> Finding:
    """Look whether the worker could plan all series ahead when it last did."""
    failed = Heartbeat.objects.filter(name=WORKER).exclude(not_planned=[])
    for ids in failed.values_list("not_planned", flat=True):
        return Finding(
            "weekly-lessons",
            ok=False,
            sentence=f"{len(ids)} series could not be planned ahead: {', '.join(ids[:5])}"
            f"{' and more' if ids[5:] else ''}. The others were.",
            remedy="See why in the worker's log (`series not planned on`), or run "
            "`tandem series top-up`.",
        )
    return Finding("weekly-lessons", ok=True, sentence="Weekly lessons are planned ahead.")


def answers(*checks: Check) -> list[Finding]:
    """Return what the checks find; without a database, or tables in it, the others cannot look."""
    first = database()
    if not first.ok:
        return [first]
    return [first, *(check() for check in checks)] if _has_tables() else [first, _nothing_yet()]


def _has_tables() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        return bool(cursor.fetchone() == (True,))


def _nothing_yet() -> Finding:
    return Finding(
        "migrations",
        ok=False,
        sentence="The database holds none of Tandem's tables yet.",
        remedy="Start `tandem serve`: it makes them first.",
    )
