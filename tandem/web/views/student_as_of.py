"""One student as of a day that is over or still to come: read, and changed by nobody."""

from datetime import date, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from tandem.insights.lists import relationships_of_students
from tandem.insights.rows import RelationshipRow
from tandem.kit.language import gettext as _
from tandem.kit.named_sql import run_read
from tandem.kit.time import day_starts
from tandem.lessons.queries import SessionFilter, sessions
from tandem.people.queries import Viewer, visible_student
from tandem.web.forms.lists import StudentDay
from tandem.web.lines import SessionLine, SessionShown, relationship_line, row_of
from tandem.web.reader import PageRequest

A_DAY = timedelta(days=1)
MOST_SESSIONS = 50
"""More than anybody has on one day."""


def student_as_of(
    request: PageRequest, student_id: str, day: date, form: StudentDay
) -> HttpResponse:
    """Who teaches a student on ``day``, what each may do then, and the sessions of that day."""
    viewer = request.reader.viewer
    found = visible_student(viewer, student_id)
    links = run_read(relationships_of_students(viewer, [student_id], as_of=day))[student_id]
    context = {
        "student": found,
        "day": day,
        "form": form,
        "relationships": [([relationship_line(one, viewer)], _may(one)) for one in links],
        "lines": _lessons_of(viewer, student_id, day, SessionShown(request.reader.now)),
    }
    return render(request, "students/as_of.html", context)


def _may(row: RelationshipRow) -> str:
    """Return what a tutor may do by a relationship that holds, in a sentence."""
    if row.kind == "cover" and row.end_date is not None:
        return _("Sees the name and the lessons that were taken over, and no more.")
    if row.status == "paused":
        return _(
            "May change the record and is told how to reach the family; plans no lessons while it "
            "is paused."
        )
    return _("May change the record, plan and record lessons, and is told how to reach the family.")


def _lessons_of(
    viewer: Viewer, student_id: str, day: date, shown: SessionShown
) -> list[SessionLine]:
    """Return what begins on that day where the business is, with whom; what is seen of it."""
    begins, ends = (day_starts(one, settings.TIME_ZONE) for one in (day, day + A_DAY))
    wanted = SessionFilter(student_id=student_id, starts_from=begins, starts_before=ends)
    rows = sessions(viewer, wanted)[:MOST_SESSIONS]
    return [shown.line(row_of(one, names="tutor")) for one in rows]
