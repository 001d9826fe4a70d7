"""Rows of every table, in the order of the tables' columns, made one at a time."""

import re
from collections.abc import Iterator
from random import Random
from uuid import UUID

from tandem.sample import people, prose
from tandem.sample.plan import Calendar, Pupil
from tandem.sample.values import (
    DAY,
    HOUR,
    MINUTE,
    Form,
    Row,
    cuid,
    iso_zulu,
    link_token,
    random_text,
)

YEARS = (*(f"Year {year}" for year in range(5, 14)), "Adult")
YEAR_WEIGHTS = (3, 8, 6, 6, 10, 16, 24, 12, 14, 1)
STATUSES = ("active", "trialing", "past_due", "canceled")
STATUS_WEIGHTS = (80, 8, 4, 8)

Forms = tuple[Form, Form, Form, Form]


class Rows:
    """The clean rows of one sample. Each table draws from a stream of chance of its own."""

    def __init__(
        self, *, seed: int, tutors: int, pupils: list[Pupil], calendar: Calendar, forms: Forms
    ) -> None:
        self._seed = seed
        self._pupils = pupils
        self._calendar = calendar
        self._forms = forms
        self._opened = self._first_days(tutors)
        self.tutor_ids = self._tutor_ids()

    def _chance(self, stream: str) -> Random:
        return Random(f"{self._seed} {stream}")  # noqa: S311 - the same for the same seed is the aim

    def _first_days(self, tutors: int) -> list[int]:
        """Return when each tutor joined: some weeks before their first student did."""
        rng = self._chance("joined")
        firsts = [self._calendar.begin_of_today] * tutors
        for pupil in self._pupils:
            firsts[pupil.tutor] = min(firsts[pupil.tutor], pupil.created)
        return [first - 5 * DAY - int(rng.random() * 90 * DAY) for first in firsts]

    def _tutor_ids(self) -> list[str]:
        rng = self._chance("tutor ids")
        return [
            cuid(opened, number, rng.getrandbits(40)) for number, opened in enumerate(self._opened)
        ]

    def tutors_and_subscriptions(self) -> Iterator[tuple[Row, Row | None]]:
        """Yield each tutor with their subscription; about one in eight has none."""
        rng = self._chance("tutors")
        taken: set[str] = set()
        for number, opened in enumerate(self._opened):
            customer = random_text(rng, "cus_", 14) if rng.random() < 7 / 8 else None
            yield (
                self._tutor(rng, number, customer, people.tutor_address(rng, taken)),
                self._subscription(rng, number, customer, opened + HOUR) if customer else None,
            )

    def _tutor(self, rng: Random, number: int, customer: str | None, email: str) -> Row:
        opened = self._opened[number]
        subject = random_text(rng, "user_2", 26)
        changed = self._later(rng, opened)
        made, written = self._form(rng), self._form(rng)
        return (self.tutor_ids[number], subject, email, customer, made(opened), written(changed))

    def _subscription(self, rng: Random, number: int, customer: str, made: int) -> Row:
        status = rng.choices(STATUSES, STATUS_WEIGHTS)[0]
        today = self._calendar.begin_of_today
        days = int(rng.random() * 30 * DAY)
        ends = today - days if status == "canceled" else today + days
        return (
            cuid(made, number, rng.getrandbits(40)),
            self.tutor_ids[number],
            status,
            customer,
            random_text(rng, "sub_1", 23),
            self._form(rng)(ends),
            self._form(rng)(made),
            self._form(rng)(self._later(rng, made)),
        )

    def students(self) -> Iterator[Row]:
        """Yield every student; one in the middle has a name of 180 characters."""
        rng = self._chance("students")
        long_named = len(self._pupils) // 2
        for number, pupil in enumerate(self._pupils):
            name = people.LONG_NAME if number == long_named else people.full_name(rng)
            yield self._student(rng, pupil, name)

    def _student(self, rng: Random, pupil: Pupil, name: str) -> Row:
        return (
            pupil.id,
            self.tutor_ids[pupil.tutor],
            name,
            prose.spelled(rng, pupil.subject),
            rng.choices(YEARS, YEAR_WEIGHTS)[0],
            int(pupil.active),
            people.parent_address(rng, name) if rng.random() < 5 / 6 else None,
            link_token(rng),
            self._form(rng)(pupil.created),
            self._form(rng)(self._later(rng, pupil.created)),
        )

    def sessions(self) -> Iterator[Row]:
        """Yield every session, week by week as the old application wrote them.

        That is also what keeps this fast: ids grow with time, so the primary key's index grows
        at its end. Only the students are held in memory.
        """
        rng = self._chance("sessions")
        pools = prose.pools(self._chance("prose"))
        due: list[list[Pupil]] = [[] for _ in self._calendar.mondays]
        for pupil in self._pupils:
            if pupil.first <= pupil.last:
                due[pupil.first].append(pupil)
        number = 0
        for week, lessons in enumerate(due):
            for pupil in lessons:
                yield self._session(rng, pupil, week, number, pools[pupil.subject])
                number += 1
                if week < pupil.last:
                    due[week + pupil.step].append(pupil)
            due[week] = []

    def _session(
        self,
        rng: Random,
        pupil: Pupil,
        week: int,
        number: int,
        pool: tuple[prose.Texts, prose.Texts],
    ) -> Row:
        forms = self._forms
        bits, noise = rng.getrandbits(64), rng.getrandbits(40)
        today = self._calendar.begin_of_today
        start = self._calendar.start(week, pupil.weekday, pupil.begin)
        end = start + pupil.length
        made = min(start, today) - HOUR - (bits & 0x1FFFFFFF)  # up to six days earlier
        past = start < today
        notes, homework = pool if past else ((None,), (None,))
        return (
            cuid(made, number, noise),
            pupil.id,
            forms[bits >> 30 & 3](start),
            forms[bits >> 32 & 3](end),
            notes[(bits >> 34 & 1023) % len(notes)],
            homework[(bits >> 44 & 1023) % len(homework)],
            forms[bits >> 54 & 3](made),
            forms[bits >> 56 & 3](end + MINUTE + (noise & 0x1FFFFF) if past else made),
        )

    def _form(self, rng: Random) -> Form:
        return self._forms[rng.getrandbits(2)]

    def _later(self, rng: Random, moment: int) -> int:
        """Return a moment between ``moment`` and today, to the odd millisecond."""
        return moment + int(rng.random() * max(self._calendar.begin_of_today - moment, DAY))

    def migrations(self) -> Iterator[Row]:
        """Yield the two migrations that made these tables, a day before the first tutor came."""
        rng = self._chance("migrations")
        day = min(self._opened, default=self._calendar.begin_of_today) - DAY
        for hour, name in enumerate(("init", "parent_links")):
            began = day + hour * HOUR
            stamp = re.sub(r"\D", "", iso_zulu(began))[:14]
            identity = str(UUID(int=rng.getrandbits(128), version=4))
            checksum = f"{rng.getrandbits(256):064x}"
            yield (identity, checksum, began + 87, f"{stamp}_{name}", None, None, began, 1)
