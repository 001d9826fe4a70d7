"""Recording a lesson of several students on one page."""

from collections.abc import Collection

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.lessons.group_records import held_with, lock_held_with, record_group
from tandem.lessons.models import Session
from tandem.web.changed_meanwhile import Sessions
from tandem.web.forms.group import GroupSheet
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import day
from tandem.web.views.action_page import act, student_trail
from tandem.web.views.calendar_moves import hours_said


@form_page
def record(request: PageRequest, session_id: str) -> HttpResponse:
    """Say of each student whether they came, and what was done."""
    viewer = request.reader.viewer
    rows = held_with(viewer, session_id)
    row = next(one for one in rows if one.pk == session_id)
    form = bind_form(request, GroupSheet, row=_seen(rows), rows=rows)
    here = reverse("session", args=[session_id])
    done = submit(
        request,
        form,
        lambda _given: record_group(
            requester=request.reader, session_id=session_id, records=form.records()
        ),
        to=lambda _done: here,
        success_message=(
            f"{_('It is recorded, for each student.')} "
            f"{hours_said(request, row, *(one for one in rows if one.pk != session_id))}"
        ),
        seen=lambda: _seen(lock_held_with(viewer, session_id)),
    )
    return done or act(
        request,
        form,
        heading=_("How did it go?"),
        button=_("Record it"),
        trail=[*student_trail(row.student), (here, day(row.starts_at))],
        template="sessions/group.html",
    )


def _seen(rows: Collection[Session]) -> Sessions:
    return Sessions([one.pk for one in rows], max(one.updated_at for one in rows))
