"""The days on which a relationship is the primary one go to who takes it over, or has it back."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import dropwhile, islice, zip_longest

from django.db import connection

from tandem.relationships.events import CHOOSE, EventStamp, What, record_all, told_since
from tandem.relationships.history import FOLLOWS
from tandem.relationships.models import PrimaryPeriod, TutorStudent


@dataclass(frozen=True)
class TakeOver:
    """``row`` is the primary one on the days of ``former``, an id, from the moment's date on.

    ``periods`` are those of ``periods_shared``, as they were before.
    """

    row: TutorStudent
    former: str
    periods: Sequence[PrimaryPeriod]
    moment: EventStamp

    @property
    def first_day(self) -> date | None:
        """The first of these days, if any."""
        own = (one.starts_on for one in self.periods if one.tutor_student_id == self.former)
        return next((max(day, self.moment.on) for day in own), None)


PeriodsOfStudents = Mapping[str, Sequence[PrimaryPeriod]]


def periods_of_students(student_ids: Collection[str]) -> PeriodsOfStudents:
    """Return, by student, who is the primary one when, by day; with the relationships."""
    found: dict[str, list[PrimaryPeriod]] = {pk: [] for pk in student_ids}
    periods = PrimaryPeriod.objects.filter(student__in=found).order_by("starts_on")
    for one in periods.select_related("tutor_student"):
        found[one.student_id].append(one)
    return found


def periods_shared(
    rows: Sequence[tuple[TutorStudent, date]], known: PeriodsOfStudents
) -> dict[str, list[PrimaryPeriod]]:
    """Return, by the id of each row, who is the primary one from its day on, by day.

    Nothing where the row never is, and where it has the mark and all of the days: they go with the
    mark. ``known`` are those of its student as they are.
    """
    return {row.pk: _shared(row, day, known[row.student_id]) for row, day in rows}


def take_over_periods(wanted: Sequence[TakeOver]) -> None:
    """Carry these out; they are of different students.

    Who was to be primary on other days is so again. A row with the mark was given it from
    ``first_day`` on, so the first of these days are its own already.
    """
    for turn in zip_longest(*map(_heirs, wanted)):
        heirs = [one for one in turn if one is not None]
        students = [one.student_id for one, _ in heirs]
        days = [moment.on for _, moment in heirs]
        with connection.cursor() as cursor:
            cursor.execute(CHOOSE, [students, [one.pk for one, _ in heirs], days])
        record_all(
            (What.MADE_PRIMARY, one, moment, {**told_since(moment.on), **FOLLOWS})
            for one, moment in heirs
        )


def _heirs(one: TakeOver) -> Iterator[tuple[TutorStudent, EventStamp]]:
    """Return who is to be primary from which day on, in the order of the days."""
    days = dropwhile(lambda period: period.tutor_student_id != one.former, one.periods)
    for period in islice(days, int(one.row.is_primary), None):
        is_former = period.tutor_student_id == one.former
        heir = one.row if is_former else period.tutor_student
        yield heir, replace(one.moment, on=max(period.starts_on, one.moment.on))


def _shared(row: TutorStudent, day: date, periods: Iterable[PrimaryPeriod]) -> list[PrimaryPeriod]:
    ahead = [one for one in periods if one.ends_on is None or one.ends_on > day]
    holders = {one.tutor_student_id for one in ahead}
    return [] if row.pk not in holders or (row.is_primary and len(holders) == 1) else ahead
