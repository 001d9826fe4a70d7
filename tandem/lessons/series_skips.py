"""What is kept of a group's lesson that is removed: whose it was, and of which date of the rule.

Who was left out of a date from the beginning has neither a lesson there nor such a line.
"""

from collections.abc import Sequence
from datetime import date

from tandem.lessons.history import What, removal, write
from tandem.lessons.models import Session, SessionEvent, SessionSeries
from tandem.lessons.series_rules import dates_of, stored_rule
from tandem.people.requester import Requester


def write_removals(sessions: Sequence[Session], requester: Requester) -> None:
    """Write the lines of sessions (locked) that go."""
    of_groups = {one.series_id for one in sessions if one.group and one.series_id}
    series = SessionSeries.objects.in_bulk(of_groups) if of_groups else {}
    lines = [removal(one, requester=requester) for one in sessions]
    for event, one in zip(lines, sessions, strict=True):
        row = series.get(one.series_id or "")
        if row is not None and one.series_date is not None:
            event.details |= {"group": row.group, "number": _number(row, one.series_date)}
    write(lines)


def who_had_it(group: Sequence[SessionSeries], day: date) -> list[SessionSeries]:
    """Return those of a group's series that have, or had, a lesson for a date, in their order."""
    rows = Session.objects.filter(series__in=group, series_date=day)
    there = {*rows.values_list("series", flat=True)}
    students = [one.tutor_student.student_id for one in group]
    removed = SessionEvent.objects.filter(
        student_id__in=students, what=What.REMOVED, details__group=group[0].group
    )
    gone = {*removed.values_list("student_id", "details__number")}
    return [
        one
        for one in group
        if one.pk in there or (one.tutor_student.student_id, _number(one, day)) in gone
    ]


def _number(series: SessionSeries, day: date) -> int:
    """Return which of its rule's dates a date is; it stays so where the weekday becomes another."""
    return sum(1 for _one in dates_of(stored_rule(series.rule), series.first_date, day))
