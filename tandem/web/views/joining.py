"""Letting a further student take part in weekly lessons, or in one lesson."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words, local_date
from tandem.lessons.group_joining import join_lesson, join_series, preview_join
from tandem.lessons.group_records import held_with
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.queries import one_series, taught_together, visible_session
from tandem.lessons.series_conflicts import date_of
from tandem.people.models import Tutor
from tandem.relationships.models import TutorStudent
from tandem.web.forms.series import JoinSeriesSheet, JoinSheet
from tandem.web.previews import bind_preview, plan_of, stands_in_the_way, with_subjects
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import day, named
from tandem.web.views.action_page import act, student_trail
from tandem.web.views.calendar_moves import moment_said
from tandem.web.views.relationships import to_change
from tandem.web.views.series_changes import trail_of_series
from tandem.web.views.session_forms import others_of
from tandem.web.warning_words import outside_hours, warned


@form_page
def join(request: PageRequest, series_id: str) -> HttpResponse:
    """Add a student to weekly lessons, after a look at theirs."""
    row = one_series(request.reader.viewer, series_id)
    link = to_change(request, row.tutor_student_id)
    group = taught_together(request.reader.viewer, row)
    others = _some(who_may_join_series(request, row, group), link)
    initial = {"since": local_date(request.reader.now, row.time_zone)}
    form = bind_preview(request, JoinSeriesSheet, "since", initial=initial, others=others)

    def deed(typed: dict[str, Any]) -> dict[str, Any]:
        return {
            "requester": request.reader,
            "series_id": series_id,
            "tutor_student_id": typed["who"],
            "since": typed["since"],
            "leave_out": None if typed["skip_conflicts"] else (),
        }

    done = submit(
        request,
        form,
        lambda typed: join_series(**deed(typed), expect=typed["plan"]),
        to=lambda plan: reverse("series", args=[plan.series.pk]),
        success_message=lambda plan: warned(_joined_words(plan.sessions), plan.sessions),
        deed=lambda plan: plan.deed,
    )
    if done:
        return done
    plan = plan_of(form, lambda typed: preview_join(**deed(typed)))
    with_subjects(plan.sessions if plan else ())
    return act(
        request,
        form,
        heading=_("Who joins {tutor}’s lessons?").format(tutor=row.tutor_student.tutor),
        button=_("Add them"),
        trail=trail_of_series(row),
        intro=[_("They have a lesson wherever the others have one to come, at its hours.")],
        template="series/join.html",
        plan=plan,
        clashes=stands_in_the_way(form, plan.conflicts if plan else ()),
        is_empty=plan is not None and not plan.sessions,
        outside=outside_hours((one, one.tutor_id) for one in plan.sessions) if plan else [],
        mark=fingerprint(plan.shown) if plan else "",
    )


def _joined_words(lessons: Sequence[Session]) -> str:
    """Return who takes part in weekly lessons now, and from which day on."""
    first = min(lessons, key=lambda one: one.starts_at)
    return _("{student} takes part from {day} on.").format(
        student=named(first.student), day=day_in_words(date_of(first))
    )


@form_page
def join_one(request: PageRequest, session_id: str) -> HttpResponse:
    """Add a student to one lesson."""
    viewer = request.reader.viewer
    row = visible_session(viewer, session_id)
    link = to_change(request, row.tutor_student_id)
    found = who_may_join(request, row, held_with(viewer, session_id))
    form = bind_form(request, JoinSheet, others=_some(found, link))
    done = submit(
        request,
        form,
        lambda typed: join_lesson(
            requester=request.reader, session_id=session_id, tutor_student_id=typed["who"]
        ),
        to=lambda _done: reverse("session", args=[session_id]),
        success_message=lambda made: warned(
            _("{student} takes part: {hours}.").format(
                student=named(made.student), hours=moment_said(request, made)
            ),
            [made],
        ),
    )
    return done or act(
        request,
        form,
        heading=_("Who joins this lesson?"),
        button=_("Add them"),
        trail=[
            *student_trail(row.student),
            (reverse("session", args=[session_id]), day(row.starts_at)),
        ],
        intro=[_("They get a lesson of their own at these hours, in the same group.")],
    )


def who_may_join_series(
    request: PageRequest, row: SessionSeries, group: Sequence[SessionSeries]
) -> list[tuple[str, str]]:
    """Return who else could take part in weekly lessons of a ``group``; for who may change them.

    Who left may come back; whoever takes part already is none of them.
    """
    going_on = {one.tutor_student.student_id for one in group if one.ends_on == row.ends_on}
    return others_of(request, row.tutor_student, without=going_on)


def who_may_join(
    request: PageRequest, row: Session, group: Sequence[Session]
) -> list[tuple[str, str]]:
    """Return who else could take part in one lesson; for who may change it."""
    return others_of(request, row, without={one.student_id for one in group})


def nobody_else(tutor: Tutor) -> str:
    """Return the sentence that nobody could join a tutor's lessons."""
    return _("{tutor} teaches nobody else who could join these lessons.").format(tutor=tutor)


def _some(found: list[tuple[str, str]], link: TutorStudent) -> list[tuple[str, str]]:
    if not found:
        raise ConflictError("nobody_to_join", nobody_else(link.tutor))
    return found
