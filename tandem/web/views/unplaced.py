"""Old rows that fit nowhere: whose they are, or that they are left as they are. Owners only."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.errors import NotFoundError
from tandem.kit.language import gettext as _
from tandem.people.rules import check_owner
from tandem.upgrade.legacy.shapes import PARENT, SESSION, SUBSCRIPTION
from tandem.upgrade.models import UnlinkedLegacyRow
from tandem.upgrade.unplaced.placing import (
    leave,
    one_unplaced,
    place_parent,
    place_subscription,
    take_up,
)
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.forms.repairs import PlaceParentSheet, PlacePlanSheet
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import named
from tandem.web.views import repairs
from tandem.web.views.action_page import act
from tandem.web.views.suggestions import students_of, tutors_of

LIST = "unlinked"


@form_page
def place(request: PageRequest, row_id: str) -> HttpResponse:
    """Lead to the question that a row of this kind asks."""
    row = unlinked(request, row_id)
    if row.source_table == PARENT.name:
        return _parent(request, row)
    if row.source_table == SUBSCRIPTION.name:
        return _plan(request, row)
    if row.source_table == SESSION.name:
        return repairs.place(request, row)
    raise NotFoundError("place", row_id)


@form_page
def decide(request: PageRequest, row_id: str) -> HttpResponse:
    """Leave a row as it is, or take that decision back."""
    row = unlinked(request, row_id)
    is_left = row.decided_at is not None
    form = bind_form(request, ConfirmForm)
    action: Any = take_up if is_left else leave
    done = submit(
        request,
        form,
        lambda _given: action(requester=request.reader, row_id=row_id),
        to=lambda _row: repairs.back(LIST),
        success_message=_("It waits for a decision again.") if is_left else _("It stays as it is."),
    )
    return done or act(
        request,
        form,
        heading=_("Take it up again?") if is_left else _("Leave it as it is?"),
        button=_("Take it up again") if is_left else _("Leave it"),
        trail=repairs.trail(LIST),
        template="repairs/leave.html",
        row=row,
    )


def unlinked(request: PageRequest, row_id: str) -> UnlinkedLegacyRow:
    """Return the row, or raise NotFoundError; ForbiddenError for all but owners."""
    check_owner(is_owner=request.reader.viewer.is_owner, doing=_("decide about an old row"))
    return one_unplaced(row_id)


def _parent(request: PageRequest, row: UnlinkedLegacyRow) -> HttpResponse:
    form = bind_form(request, PlaceParentSheet, students=students_of(request.reader.viewer))
    done = submit(
        request,
        form,
        lambda given: place_parent(requester=request.reader, row_id=row.pk, **given),
        to=lambda parent: reverse("student", args=[parent.student_id]),
        success_message=lambda parent: (
            f"{_('The parent belongs to this student now.')} {named(parent.student)}."
        ),
    )
    return done or act(
        request,
        form,
        heading=_("Whose parent is this?"),
        button=_("Put it there"),
        trail=repairs.trail(LIST),
        template="repairs/place_parent.html",
        row=row,
    )


def _plan(request: PageRequest, row: UnlinkedLegacyRow) -> HttpResponse:
    tutors = tutors_of(request.reader.viewer, active=False)
    known = row.reason != "unreadable_date"
    form = bind_form(
        request,
        PlacePlanSheet,
        initial={"tutor_id": row.row.get("tutorId")},
        tutors=tutors,
        end_is_known=known,
    )
    done = submit(
        request,
        form,
        lambda given: place_subscription(
            requester=request.reader,
            row_id=row.pk,
            tutor_id=given["tutor_id"],
            current_period_end=_end_of(given.get("paid_until")),
        ),
        to=lambda plan: reverse("tutor", args=[plan.tutor_id]),
        success_message=lambda plan: (
            f"{_('The payment plan belongs to this tutor now.')} {plan.tutor}."
        ),
    )
    return done or act(
        request,
        form,
        heading=_("Whose payment plan is this?"),
        button=_("Put it there"),
        trail=repairs.trail(LIST),
        template="repairs/place_plan.html",
        row=row,
    )


def _end_of(day: Any) -> datetime | None:
    """Return the end of a day, in UTC: the older application kept moments."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1) if day else None
