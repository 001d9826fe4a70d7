"""Rows that break a rule, at least one of each kind, put beside the clean ones.

They have tutors and students of their own, so that a sample with faults holds every row of the
clean sample of the same seed, and each fault is known by the ids of the rows that show it.
"""

from datetime import date
from random import Random

from tandem.sample.values import (
    DAY,
    HOUR,
    MINUTE,
    Form,
    Row,
    cuid,
    link_token,
    midnight,
    random_text,
)

FAULTS = (
    "duplicate_email",
    "blank_name",
    "dangling_tutor",
    "unreadable_date",
    "nul_character",
    "bad_utf8",
    "ends_before_start",
    "too_long",
    "overlap",
    "orphan_session",
    "orphan_subscription",
)

TEXT_FROM_BYTES = (
    """UPDATE "Student" SET "fullName" = CAST("fullName" AS TEXT)
       WHERE typeof("fullName") = 'blob'""",
    """UPDATE "Session" SET "notes" = CAST("notes" AS TEXT) WHERE typeof("notes") = 'blob'""",
)
"""Run after the rows are in: only so can text that is not UTF-8 be written."""

Text = str | bytes


class FaultyRows:
    """The faulty rows by table, and the ids of those that show each fault.

    Where a fault lies between two rows (``duplicate_email``, ``overlap``) both are named, one
    after the other. The student of ``dangling_tutor`` has a session, sound in itself.
    """

    def __init__(self, *, rng: Random, today: date, forms: tuple[Form, ...]) -> None:
        self._rng = rng
        self._today = midnight(today)
        self._forms = forms
        self._count = 0
        self.tables: dict[str, list[Row]] = {
            "Tutor": [],
            "Subscription": [],
            "Student": [],
            "Session": [],
        }
        self.ids: dict[str, list[str]] = {fault: [] for fault in FAULTS}
        self._add_tutors_and_students()
        self._add_sessions()

    def _add_tutors_and_students(self) -> None:
        """Those of whom one can tell who is meant come first; nobody learns without a name now."""
        self.tutor = self._tutor("wanda.novotna@example.org", "duplicate_email")
        self._tutor("Wanda.Novotna@Example.org", "duplicate_email")
        self._subscription(self._id(), "orphan_subscription")
        nobodys = self._student("Tariq Hassan", "dangling_tutor", tutor=self._id())
        self._session(nobodys, self._at(-3, 9))
        self._student("Yasmin Haddad", "unreadable_date", created="yesterday")
        self._student("Nina\0Keller", "nul_character")
        self._student(b"Zo\xeb Lambert", "bad_utf8")
        self._student("   ", "blank_name", active=False)

    def _add_sessions(self) -> None:
        """All at hours of their own on the faulty tutor's days, but for those meant to overlap."""
        one, other = self._student("Olga Berg"), self._student("Otto Brandt")
        for day in (7, -14):
            self._session(one, self._at(day, 16), fault="overlap")
            self._session(other, self._at(day, 16), fault="overlap")
        self._session(one, self._at(9, 10), fault="overlap")
        self._session(one, self._at(9, 10) + HOUR // 2, fault="overlap")
        self._session(one, self._at(-30, 10), fault="too_long", length=DAY + MINUTE)
        self._session(one, self._at(-20, 16), fault="ends_before_start", length=-HOUR)
        self._session(one, self._at(-21, 16), fault="ends_before_start", length=0)
        self._session(self._id(), self._at(-5, 12), fault="orphan_session")
        for start in ("2026-02-31T10:00:00.000Z", "soon"):
            self._session(other, self._at(-40, 10), fault="unreadable_date", shown=start)
        self._session(other, self._at(-42, 10), fault="nul_character", notes="Vectors\0Q1-4")
        self._session(other, self._at(-43, 10), fault="bad_utf8", notes=b"Caf\xe9 role play")

    def _at(self, days: int, hour: int) -> int:
        return self._today + days * DAY + hour * HOUR

    def _id(self) -> str:
        self._count += 1
        return cuid(self._at(-400, 9) + self._count, self._count, self._rng.getrandbits(40))

    def _stamp(self, moment: int) -> int | str:
        return self._forms[self._rng.getrandbits(2)](moment)

    def _made(self, days: int = -400) -> tuple[int | str, int | str]:
        """Return createdAt and updatedAt."""
        moment = self._at(days, 9) + self._rng.randrange(DAY)
        return self._stamp(moment), self._stamp(moment + HOUR)

    def _add(self, table: str, row: Row, fault: str | None) -> str:
        self.tables[table].append(row)
        identity = str(row[0])
        if fault:
            self.ids[fault].append(identity)
        return identity

    def _tutor(self, email: str, fault: str | None = None) -> str:
        subject = random_text(self._rng, "user_2", 26)
        return self._add("Tutor", (self._id(), subject, email, None, *self._made()), fault)

    def _subscription(self, tutor: str, fault: str) -> str:
        customer = random_text(self._rng, "cus_", 14)
        sub = random_text(self._rng, "sub_1", 23)
        ends = self._stamp(self._at(11, 0))
        row = (self._id(), tutor, "active", customer, sub, ends, *self._made())
        return self._add("Subscription", row, fault)

    def _student(
        self,
        name: Text,
        fault: str | None = None,
        *,
        tutor: str | None = None,
        created: str | None = None,
        active: bool = True,
    ) -> str:
        made, changed = self._made()
        token = link_token(self._rng)
        about = (
            tutor or self.tutor,
            name,
            "Maths",
            "Year 10",
            int(active),
            "pat.parent@example.com",
            token,
        )
        return self._add("Student", (self._id(), *about, created or made, changed), fault)

    def _session(
        self,
        student: str,
        start: int,
        *,
        fault: str | None = None,
        length: int = HOUR,
        shown: str | None = None,
        notes: Text | None = None,
    ) -> str:
        begins = shown or self._stamp(start)
        ends = self._stamp(start + length)
        row = (self._id(), student, begins, ends, notes, None, *self._made(-60))
        return self._add("Session", row, fault)
