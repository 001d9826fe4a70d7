"""One student as of a day that is over or still to come: read, and changed by nobody."""

from dataclasses import replace
from datetime import date, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from tandem.insights.lists import relationships_of_students
from tandem.insights.rows import RelationshipRow
from tandem.kit.language import gettext_lazy
from tandem.kit.named_sql import run_read
from tandem.kit.time import business_day, day_starts
from tandem.lessons.queries import SessionFilter, sessions
from tandem.people.queries import Viewer, visible_student
from tandem.web.forms.lists import StudentDay
from tandem.web.lines import (
    RelationshipLine,
    SessionLine,
    SessionShown,
    dates_words,
    relationship_line,
    row_of,
)
from tandem.web.reader import PageRequest

A_DAY = timedelta(days=1)
COVERS = (
    gettext_lazy("Saw the name and the sessions that were taken over, and no more."),
    gettext_lazy("Will see the name and the sessions that were taken over, and no more."),
)
PAUSED = (
    gettext_lazy(
        "Could change the record and was told how to reach the family; planned no sessions while "
        "it was paused."
    ),
    gettext_lazy(
        "Will be able to change the record and is told how to reach the family; will plan no "
        "sessions while it is paused."
    ),
)
TEACHES = (
    gettext_lazy(
        "Could change the record, plan and record sessions, and was told how to reach the family."
    ),
    gettext_lazy(
        "Will be able to change the record, plan and record sessions, and is told how to reach the "
        "family."
    ),
)
"""What a tutor could do on a day that is over, and will be able to on one to come."""
MOST_SESSIONS = 50
"""More than anybody has on one day."""


def student_as_of(
    request: PageRequest, student_id: str, day: date, form: StudentDay
) -> HttpResponse:
    """Who taught or will teach a student on ``day``, what each could or will be able to do, and the
    sessions of that day; of a day before the student was added, that nothing is known.
    """
    viewer = request.reader.viewer
    found = visible_student(viewer, student_id)
    links = run_read(relationships_of_students(viewer, [student_id], as_of=day))[student_id]
    lessons = _lessons_of(viewer, student_id, day, SessionShown(request.reader.now))
    added = business_day(found.created_at)
    context = {
        "student": found,
        "day": day,
        "form": form,
        "is_past": day < viewer.day,
        "relationships": [(_lines(one, viewer), _may(one, day < viewer.day)) for one in links],
        "lines": lessons,
        "added": added if day < min(added, viewer.day) and not links and not lessons else None,
    }
    return render(request, "students/as_of.html", context)


def _lines(row: RelationshipRow, viewer: Viewer) -> list[RelationshipLine]:
    """Return a relationship as it is on the day, with its dates as they are told today."""
    state = row.status
    if row.end_date and row.end_date <= viewer.day:
        state = "ended"
    elif row.start_date > viewer.day:
        state = "planned"
    dates = dates_words(row.start_date, row.end_date, state)
    return [replace(relationship_line(row, viewer), dates=dates)]


def _may(row: RelationshipRow, is_past: bool) -> str:  # noqa: FBT001 - one of two tenses
    """Return what a tutor could do, or will be able to, by a relationship that holds."""
    if row.kind == "cover" and row.end_date is not None:
        did, does = COVERS
    elif row.status == "paused":
        did, does = PAUSED
    else:
        did, does = TEACHES
    return str(did if is_past else does)


def _lessons_of(
    viewer: Viewer, student_id: str, day: date, shown: SessionShown
) -> list[SessionLine]:
    """Return what begins on that day where the business is, with whom; what is seen of it."""
    begins, ends = (day_starts(one, settings.TIME_ZONE) for one in (day, day + A_DAY))
    wanted = SessionFilter(student_id=student_id, starts_from=begins, starts_before=ends)
    rows = sessions(viewer, wanted)[:MOST_SESSIONS]
    return [shown.line(row_of(one, names="tutor")) for one in rows]
