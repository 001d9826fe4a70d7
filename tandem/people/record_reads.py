"""Who read a student's record: one line for each account, student and day.

Noted in memory when a request has been answered, and written together a moment later by a thread
of the process, without waiting for the disk: reading costs nobody a write. Who teaches the student
on the day where they are leaves no line; that is decided when the lines are written.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from tandem.kit.named_sql import NamedStatements
from tandem.kit.time import business_day
from tandem.people.days import teaches_on
from tandem.people.models import RecordRead
from tandem.people.queries import Viewer, visible_student
from tandem.people.rules import check_owner

NOTE = NamedStatements(Path(__file__).with_name("record_reads.sql")).compose(
    "note_read", teaches=teaches_on("link")
)
KEPT_FOR = timedelta(days=365)
MOST_REMEMBERED = 10_000
"""So many reads are remembered in a process; then it begins anew, and asks the database again."""
DOING = "see who read a record"


class Reading(NamedTuple):
    """Who read whose record on which date of the business, and on which where they are."""

    account_id: str
    student_id: str
    day: date
    reader_day: date


class NotedReads:
    """The reads that this process knows of, and those of them that are not written yet."""

    def __init__(self) -> None:
        self._known: set[Reading] = set()
        self._waiting: dict[Reading, datetime] = {}
        self._lock = Lock()

    def note(
        self, account_id: str, student_id: str, now: datetime, reader_day: date | None = None
    ) -> None:
        """Note a read; one that is known already costs no more than looking.

        ``reader_day`` is the date where the reader is: that of the business, unless said.
        """
        day = business_day(now)
        reading = Reading(account_id, student_id, day, reader_day or day)
        with self._lock:
            if reading in self._known:
                return
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known.add(reading)
            self._waiting[reading] = now

    def write(self) -> None:
        """Write what waits, all in one transaction; where that fails, it goes on waiting."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            _write(waiting.items())
        except BaseException:
            with self._lock:
                self._waiting = waiting | self._waiting
            raise


noted = NotedReads()


def reads_of_student(viewer: Viewer, student_id: str) -> QuerySet[RecordRead]:
    """Return who read a student's record on which day, in no order, for owners.

    NotFoundError where there is no student to see; ForbiddenError for who is no owner.
    """
    student = visible_student(viewer, student_id)
    check_owner(is_owner=viewer.is_owner, doing=DOING)
    return RecordRead.objects.filter(student=student).select_related("account__tutor").order_by()


def forget_old_reads(now: datetime) -> None:
    """Drop the lines that are older than ``KEPT_FOR``."""
    RecordRead.objects.filter(at__lt=now - KEPT_FOR).delete()


def _write(waiting: Iterable[tuple[Reading, datetime]]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "account_id": reading.account_id,
            "student_id": reading.student_id,
            "day": reading.day,
            "viewer_day": reading.reader_day,
            "read_at": at,
        }
        for reading, at in waiting
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.executemany(NOTE, rows)
