"""/api/series"""

from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.paging import SERIES, page
from tandem.api.preconditions import Resource
from tandem.api.responses import (
    CREATED,
    LOOKED_AT,
    answer,
    listed,
    resource,
)
from tandem.api.routes.series_answers import (
    edit_out,
    plan_out,
    series_out,
    session_out,
    skipped_out,
    stop_out,
)
from tandem.api.schemas.parts import WideWrite
from tandem.api.schemas.series import (
    DeleteSeries,
    EditSeries,
    JoinSeries,
    NewSeries,
    OneDate,
    RestoredAnswer,
    SeriesAnswer,
    SeriesEditAnswer,
    SeriesList,
    SeriesPage,
    SeriesPlanAnswer,
    SeriesStopAnswer,
    SkipDate,
    SkipPreview,
    StopSeries,
)
from tandem.kit.fingerprints import merged
from tandem.kit.time import local_date
from tandem.lessons import group_joining as joining
from tandem.lessons import group_series as groups
from tandem.lessons import series as planning
from tandem.lessons import series_edits as editing
from tandem.lessons import series_exceptions as exceptions
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.queries import (
    date_of_session,
    one_series,
    sessions_of_series,
    taught_together,
    visible_series,
)
from tandem.lessons.seen import hold_series
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.surroundings import warnings_of
from tandem.people.queries import Viewer

router = Router(tags=["Series"], by_alias=True)


@router.get("", response=SeriesList, summary="List series")
def list_series(request: ApiRequest, filters: Query[SeriesPage]) -> HttpResponse:
    """Everybody's for an owner, a tutor's own for a tutor."""
    rows = visible_series(
        request.auth.viewer,
        tutor_student_id=filters.tutor_student_id,
        tutor_id=filters.tutor_id,
        student_id=filters.student_id,
        group=filters.group_id,
    )
    shown, onward = page(rows, SERIES, filters)
    return listed(request, SeriesList(series=[series_out(one) for one in shown], next=onward))


@router.post(
    "",
    response={LOOKED_AT: SeriesPlanAnswer, CREATED: SeriesPlanAnswer},
    summary="Plan lessons that come back",
)
def add_series(request: ApiRequest, payload: NewSeries) -> HttpResponse:
    """All dates or none: a conflict (409, `clashes`) holds every date and what is against it.

    With `dryRun` nothing is planned, and the answer is 200 with every conflict.
    """
    deed: dict[str, Any] = {
        "requester": request.auth,
        "wanted": _wanted(payload),
        "leave_out": payload.leave_out,
    }
    if payload.dry_run:
        plan = planning.preview_series(**deed)
        return answer(plan_out(plan, request.auth.now, payload))
    plan = planning.plan_series(**deed, expect=payload.expected())
    response = answer(plan_out(plan, request.auth.now, payload), CREATED)
    response["Location"] = f"/api/series/{plan.series.pk}"
    return response


@router.get("/{series_id}", response=SeriesAnswer, summary="Read a series")
def read_series(request: ApiRequest, series_id: str) -> HttpResponse:
    """With every session of it that the caller may see."""
    return resource(request, _answer(request.auth.viewer, series_id))


@router.patch("/{series_id}", response=SeriesEditAnswer, summary="Change lessons still to come")
def edit_series(request: ApiRequest, series_id: str, payload: EditSeries) -> HttpResponse:
    """All or none: a conflict (409, `clashes`) holds every date and what is against it.

    What was held, called off, moved by hand or has begun is never touched.
    """
    deed: dict[str, Any] = {
        **_by(request, series_id),
        "edit": _edit(request.auth.viewer, series_id, payload),
        "leave_out": payload.leave_out,
    }
    preview, edit = EDITS[payload.whole_group]
    if payload.dry_run:
        return answer(edit_out(preview(**deed), payload))
    return answer(edit_out(edit(**deed, expect=payload.expected()), payload))


@router.delete("/{series_id}", response=SeriesStopAnswer, summary="Delete lessons still to come")
def delete_series(
    request: ApiRequest, series_id: str, filters: Query[DeleteSeries]
) -> HttpResponse:
    """As stopping it today, or from the date of a session on: what was changed by hand stays.

    The series stays for what was held in it. With `scope=this` the one date is skipped.
    """
    by, viewer = _by(request, series_id), request.auth.viewer
    day = date_of_session(viewer, series_id, filters.session_id) if filters.session_id else None
    if filters.scope == "this" and day is not None:
        return answer(_one_deleted(request, series_id, day, filters))
    on = day or local_date(request.auth.now, one_series(viewer, series_id).time_zone)
    preview, stop = STOPS[filters.whole_group]
    if filters.dry_run:
        return answer(stop_out(preview(**by, on=on), filters))
    return answer(stop_out(stop(**by, on=on, expect=filters.expected()), filters))


@router.post("/{series_id}/skip", response=SeriesAnswer | SkipPreview, summary="Skip one date")
def skip_date(request: ApiRequest, series_id: str, payload: SkipDate) -> HttpResponse:
    """It has no lesson, is not planned again by itself, and can be restored.

    With `cancelledBy` the lesson stays, as one that is cancelled. `dryRun` tells what would happen.
    """
    why = payload.cancelling()
    deed = {**_by(request, series_id), "day": payload.date, "cancelling": why}
    preview, skip = SKIPS[payload.whole_group]
    if payload.dry_run:
        plans = preview(**deed)
        return answer(_skip_out(plans if payload.whole_group else [plans], why, payload))
    skip(**deed, expect=payload.expected())
    return resource(request, _answer(request.auth.viewer, series_id))


@router.post("/{series_id}/restore", response=RestoredAnswer, summary="Restore one date")
def restore_date(request: ApiRequest, series_id: str, payload: OneDate) -> HttpResponse:
    """As the series has it, whether it was skipped, called off or moved.

    Lessons in each other's places, as after a swap, all go back to their own dates.
    """
    deed = {**_by(request, series_id), "day": payload.date}
    if payload.whole_group:
        lessons = groups.restore_group_date(**deed)
    else:
        lessons = exceptions.restore_date(**deed)
    warnings = warnings_of(lessons)
    return resource(request, _answer(request.auth.viewer, series_id), warnings=warnings)


@router.post("/{series_id}/stop", response=SeriesStopAnswer, summary="Stop a series")
def stop_series(request: ApiRequest, series_id: str, payload: StopSeries) -> HttpResponse:
    """What follows it from that date on is removed; what was changed by hand stays."""
    deed = {**_by(request, series_id), "on": payload.date}
    preview, stop = STOPS[payload.whole_group]
    if payload.dry_run:
        return answer(stop_out(preview(**deed), payload))
    return answer(stop_out(stop(**deed, expect=payload.expected()), payload))


@router.post(
    "/{series_id}/join",
    response={LOOKED_AT: SeriesPlanAnswer, CREATED: SeriesPlanAnswer},
    summary="Let a student join a group",
)
def join_series(request: ApiRequest, series_id: str, payload: JoinSeries) -> HttpResponse:
    """Another student of its tutor, from a date on, wherever the others have a lesson to come.

    The lessons of one student become a group by it. Who leaves has their own series stopped.
    """
    deed = {
        **_by(request, series_id),
        "tutor_student_id": payload.tutor_student_id,
        "since": payload.since,
        "leave_out": payload.leave_out,
    }
    if payload.dry_run:
        return answer(plan_out(joining.preview_join(**deed), request.auth.now, payload))
    plan = joining.join_series(**deed, expect=payload.expected())
    response = answer(plan_out(plan, request.auth.now, payload), CREATED)
    response["Location"] = f"/api/series/{plan.series.pk}"
    return response


Deeds = tuple[Callable[..., Any], Callable[..., Any]]
EDITS: dict[bool, Deeds] = {
    False: (editing.preview_series_edit, editing.edit_series),
    True: (groups.preview_group_edit, groups.edit_group),
}
STOPS: dict[bool, Deeds] = {
    False: (exceptions.preview_stop, exceptions.stop_series),
    True: (groups.preview_group_stop, groups.stop_group),
}
SKIPS: dict[bool, Deeds] = {
    False: (exceptions.preview_skip, exceptions.skip_date),
    True: (groups.preview_group_skip, groups.skip_group_date),
}
"""Whether it is for the whole group -> the look at it, and the deed."""


def _by(request: ApiRequest, series_id: str) -> dict[str, Any]:
    auth = request.auth
    return {"requester": auth, "series_id": series_id}


def _edit(viewer: Viewer, series_id: str, payload: EditSeries) -> SeriesEdit:
    texts = [name for name in planning.TEXTS if name in payload.model_fields_set]
    start = payload.start_time
    return SeriesEdit(
        scope=payload.scope,
        since=date_of_session(viewer, series_id, payload.session_id)
        if payload.session_id
        else None,
        on=payload.to_date,
        weekday=payload.weekday,
        wall_time=time.fromisoformat(start) if start else None,
        minutes=payload.minutes,
        texts={name: getattr(payload, name) for name in texts},
    )


def _skip_out(
    plans: Sequence[exceptions.SkipPlan], why: Cancelling | None, asked: WideWrite
) -> SkipPreview:
    first, *others = [skipped_out(plan, why) for plan in plans]
    return SkipPreview(
        session=first.session,
        becomes=first.becomes,
        cancellation=first.cancellation,
        group=others,
        dry_run=True,
        expect=asked.fingerprint_of(merged(plan.shown for plan in plans)),
    )


def _one_deleted(
    request: ApiRequest, series_id: str, day: date, filters: DeleteSeries
) -> SeriesStopAnswer:
    deed: dict[str, Any] = {**_by(request, series_id), "day": day}
    preview, skip = SKIPS[filters.whole_group]
    done = preview(**deed) if filters.dry_run else skip(**deed, expect=filters.expected())
    plans = done if filters.whole_group else [done]
    return SeriesStopAnswer(
        series=series_out(one_series(request.auth.viewer, series_id)),
        sessions=[session_out(plan.session) for plan in plans],
        stays=[],
        dry_run=filters.dry_run,
        expect=filters.fingerprint_of(merged(plan.shown for plan in plans)),
        deed_id=None,
    )


def _wanted(payload: NewSeries) -> planning.NewSeries:
    return planning.NewSeries(
        tutor_student_id=payload.tutor_student_ids[0],
        together=tuple(payload.tutor_student_ids[1:]),
        absent=[(one.tutor_student_id, one.date) for one in payload.leave_out_of],
        rule=payload.rule,
        first_date=payload.first_date,
        wall_time=time.fromisoformat(payload.start_time),
        minutes=payload.minutes,
        time_zone=payload.time_zone or "",
        texts={name: getattr(payload, name) for name in planning.TEXTS},
    )


def _answer(viewer: Viewer, series_id: str) -> SeriesAnswer:
    series = one_series(viewer, series_id)
    rows = sessions_of_series(viewer, series)
    others = [one for one in taught_together(viewer, series) if one.pk != series.pk]
    return SeriesAnswer(
        series=series_out(series),
        sessions=[session_out(one) for one in rows],
        group=[series_out(one) for one in others],
    )


RESOURCE = Resource(
    hold=lambda request, pk, tutors: hold_series(request.auth.viewer, pk, tutors),
    current=lambda request, pk: [_answer(request.auth.viewer, pk)],
)
