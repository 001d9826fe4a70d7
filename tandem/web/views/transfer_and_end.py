"""Ending and transferring a relationship: first what would happen, then the deed."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from tandem.insights.relationships import can_move_end
from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.lessons import end_relationship, transfer_plans, transfers
from tandem.people.local_dates import today
from tandem.people.rules import check_owner
from tandem.relationships.choices import heirs_of
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.rules import check_status
from tandem.web.forms.relationships import EndSheet, TransferSheet
from tandem.web.previews import bind_preview, plan_of, with_subjects
from tandem.web.reader import PageRequest
from tandem.web.submission import form_page, submit
from tandem.web.views.action_page import act
from tandem.web.views.relationships import question, to_change, trail_of
from tandem.web.views.suggestions import tutors_of
from tandem.web.warning_words import outside_hours, pair_named, told_of_day, warned


@form_page
def end(request: PageRequest, relationship_id: str) -> HttpResponse:
    row = _open(request, relationship_id, may_move_end=True)
    form = bind_preview(request, EndSheet, "on", heirs=_heirs(request, row))

    def arguments(given: dict[str, Any]) -> dict[str, Any]:
        chosen = {"on": given["on"], "next_primary": given.get("next_primary") or None}
        return {"requester": request.reader, "tutor_student_id": relationship_id, **chosen}

    done = submit(
        request,
        form,
        lambda given: end_relationship.end(
            **arguments(given),
            reason=given["reason"],
            future_sessions="cancel",
            expect=given["plan"],
        ),
        to=lambda _ending: _after(row),
        deed=lambda ending: ending.deed if request.reader.viewer.is_owner else "",
        success_message=lambda ending: _ended_words(request, row, ending.old.ended_on),
    )
    if done:
        return done
    plan = plan_of(form, lambda given: end_relationship.preview_end(**arguments(given)))
    with_subjects(plan.cancelled if plan else ())
    return act(
        request,
        form,
        heading=question(_("When does {tutor} stop teaching {student}?"), row),
        button=_("End it"),
        trail=trail_of(row),
        template="relationships/end.html",
        plan=plan,
        mark=fingerprint(plan.shown) if plan else "",
    )


def _ended_words(request: PageRequest, row: TutorStudent, on: date | None) -> str:
    """Return what is said of an end; where an owner may undo it, the deed's sentence names both."""
    told = told_of_day(
        on,
        today(row.tutor, request.reader.now),
        now=_("The relationship is ended."),
        ahead=_("The relationship ends on {day}."),
    )
    return told if request.reader.viewer.is_owner else f"{told} {pair_named(row)}"


def _open(
    request: PageRequest, relationship_id: str, *, may_move_end: bool = False
) -> TutorStudent:
    """Return an open relationship; no form is shown that could only be refused."""
    row = to_change(request, relationship_id)
    day = today(row.tutor, request.reader.now)
    if not (row.is_open or (may_move_end and can_move_end(row, day))):
        if state_of(row).ends_after(day):
            check_status("end" if may_move_end else "transfer", state_of(row), day)
        raise ConflictError(
            "not_open",
            _(
                "This relationship is {final_status}, so there is nothing to end or hand over."
            ).format(final_status=_(state_of(row).final_status)),
        )
    return row


@form_page
def transfer(request: PageRequest, relationship_id: str) -> HttpResponse:
    viewer = request.reader.viewer
    row = _open(request, relationship_id)
    check_owner(is_owner=viewer.is_owner, doing=_("move a student"))
    others = tutors_of(viewer, without=row.tutor_id)
    form = bind_preview(request, TransferSheet, "to_tutor_id", tutors=others)

    def arguments(given: dict[str, Any]) -> dict[str, Any]:
        names = ("to_tutor_id", "on", "future_sessions")
        chosen = {name: given[name] for name in names} | {"subject": given["subject"] or None}
        about = {"student_id": row.student_id, "tutor_student_id": relationship_id}
        return {"requester": request.reader, **about, **chosen}

    done = submit(
        request,
        form,
        lambda given: transfers.transfer(**arguments(given), expect=given["plan"]),
        to=lambda _done: _after(row),
        success_message=lambda done: warned(
            told_of_day(
                done.new.started_on,
                today(row.tutor, request.reader.now),
                now=_("The student is transferred. {undone}"),
                ahead=_("The transfer on {day} is set. {undone}"),
                undone=_("It can be undone until the new tutor has taught."),
            ),
            done.moved,
        ),
        deed=lambda done: done.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda given: transfers.preview_transfer(**arguments(given)))
    with_subjects([*plan.moved, *plan.cancelled] if plan else ())
    return act(
        request,
        form,
        heading=question(_("Who takes {student} over from {tutor}?"), row),
        button=_("Transfer"),
        trail=trail_of(row),
        template="relationships/transfer.html",
        plan=plan,
        outside=outside_hours(transfer_plans.held_then([plan])) if plan else [],
        mark=fingerprint(plan.shown) if plan else "",
    )


def _after(row: TutorStudent) -> str:
    """Return the page of the student, which then offers the parents a link that ``row`` lacks."""
    return f"{reverse('student', args=[row.student_id])}?{urlencode({'left': row.pk})}"


def _heirs(request: PageRequest, row: TutorStudent) -> list[tuple[str, str]]:
    """Return who could be primary after ``row``, for an owner to choose from."""
    if not (request.reader.viewer.is_owner and row.is_primary):
        return []
    return [
        (other.pk, f"{other.tutor}, {other.subject or _('any subject')}")
        for other in heirs_of(request.reader.viewer, row)
    ]
