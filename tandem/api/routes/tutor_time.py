"""/api/tutors/{id}/availability and /time-off"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.http import HttpResponse
from ninja import Router

from tandem.api.access import ApiRequest
from tandem.api.render import touched_session_out
from tandem.api.responses import (
    CREATED,
    LOOKED_AT,
    Payload,
    answer,
    no_content,
    resource,
    with_warnings,
)
from tandem.api.routes.deciding import TAKES_OFFERS, clash_out, decided, decided_out
from tandem.api.schemas.parts import WideWrite
from tandem.api.schemas.time import (
    AvailabilityAnswer,
    AvailabilityIn,
    EndedTimeOffAnswer,
    EndTimeOff,
    GivenBackOut,
    NewTimeOff,
    SpanOut,
    TimeOffAnswer,
    TimeOffList,
    TimeOffOut,
)
from tandem.insights.cover import sessions_to_cover, time_off_ahead
from tandem.insights.matching import Hours
from tandem.insights.offers import Offers, offers_for
from tandem.kit.time import day_starts, zone_or_business
from tandem.kit.weekly import Weekly, end_from_words, end_in_words
from tandem.lessons.availability import availability_of, set_availability
from tandem.lessons.end_absence import EndedAbsence, end_absence, preview_end_absence
from tandem.lessons.models import TimeOff
from tandem.lessons.steps import in_order
from tandem.lessons.surroundings import warnings_held_by
from tandem.lessons.time_off import Absence, add_time_off, preview_time_off, remove_time_off
from tandem.lessons.time_rules import check_time_off
from tandem.lessons.touched import still_ahead
from tandem.people.models import Tutor
from tandem.people.queries import Viewer, visible_tutor
from tandem.people.rules import check_tutor_editor

router = Router(tags=["Time"], by_alias=True)


@router.get("/{tutor_id}/availability", response=AvailabilityAnswer, summary="Read when free")
def read_availability(request: ApiRequest, tutor_id: str) -> HttpResponse:
    """For an owner and the tutor."""
    return resource(request, _week(_own(request, tutor_id)))


@router.put("/{tutor_id}/availability", response=AvailabilityAnswer, summary="Say when free")
def put_availability(request: ApiRequest, tutor_id: str, payload: AvailabilityIn) -> HttpResponse:
    """By an owner or the tutor. What is sent is the whole week."""
    spans = [
        Weekly(one.weekday, time.fromisoformat(one.starts), end_from_words(one.ends))
        for one in payload.spans
    ]
    auth = request.auth
    tutor = set_availability(requester=auth, tutor_id=tutor_id, spans=spans)
    return resource(request, _week(tutor))


@router.get("/{tutor_id}/time-off", response=TimeOffList, summary="List time off")
def list_time_off(request: ApiRequest, tutor_id: str) -> HttpResponse:
    """For an owner and the tutor: what is not over yet."""
    _own(request, tutor_id)
    rows = time_off_ahead(tutor_id=tutor_id, now=request.auth.now)
    return resource(request, TimeOffList(time_off=[_off_out(row) for row in rows]))


@router.post(
    "/{tutor_id}/time-off",
    response={LOOKED_AT: TimeOffAnswer, CREATED: TimeOffAnswer},
    summary="Add time off",
)
def post_time_off(request: ApiRequest, tutor_id: str, payload: NewTimeOff) -> HttpResponse:
    """By an owner or the tutor. Dates are whole days where the tutor is, up to, not on, `to`.

    Sessions in it stay unless `sessions` or `decisions` say otherwise: all or nothing, with one
    deed to undo. Cover is an owner's to decide. With `dryRun` nothing is changed, each session
    names who could cover it and when it could be instead, and the answer is 200.
    """
    auth = request.auth
    zone = zone_or_business(_own(request, tutor_id).time_zone)
    hours = Hours(_moment(payload.from_, zone), _moment(payload.to, zone))
    check_time_off(hours.starts_at, hours.ends_at)
    touched, offers = [], {}
    if payload.dry_run or payload.sessions in TAKES_OFFERS:
        there = sessions_to_cover(auth.viewer, tutor_id=tutor_id, hours=hours)
        touched = list(still_ahead(there, now=auth.now))
        offers = offers_for(auth.viewer, touched, gone=hours, now=auth.now)
    wanted: dict[str, Any] = {
        "requester": auth,
        "tutor_id": tutor_id,
        "starts_at": hours.starts_at,
        "ends_at": hours.ends_at,
        "reason": payload.reason,
        **decided(auth.viewer, payload, payload.sessions, touched, offers),
    }
    if payload.dry_run:
        return answer(_absence_out(preview_time_off(**wanted), auth.viewer, offers, payload))
    done = add_time_off(**wanted, expect=payload.expected())
    return answer(_absence_out(done, auth.viewer, {}, payload), CREATED)


@router.post(
    "/{tutor_id}/time-off/{time_off_id}/end", response=EndedTimeOffAnswer, summary="End it early"
)
def post_end(
    request: ApiRequest, tutor_id: str, time_off_id: str, payload: EndTimeOff
) -> HttpResponse:
    """By an owner, or by the tutor with `sessions: keep`. One deed, to be undone at one go.

    What others cover in the hours that fall away, and has not begun, goes back to the tutor. What
    cannot stays covered, with why in `clashes`.
    """
    auth = request.auth
    wanted: dict[str, Any] = {
        "requester": auth,
        "tutor_id": tutor_id,
        "time_off_id": time_off_id,
        "ends_at": _moment(payload.to, zone_or_business(_own(request, tutor_id).time_zone)),
        "gives_back": payload.sessions == "give_back",
        "keep": payload.keep,
    }
    if payload.dry_run:
        return answer(_ended_out(preview_end_absence(**wanted), payload))
    return answer(_ended_out(end_absence(**wanted, expect=payload.expected()), payload))


@router.delete("/{tutor_id}/time-off/{time_off_id}", response={204: None}, summary="Take it back")
def delete_time_off(request: ApiRequest, tutor_id: str, time_off_id: str) -> HttpResponse:
    """By an owner or the tutor. What was covered stays covered; `end` gives it back."""
    auth = request.auth
    remove_time_off(requester=auth, tutor_id=tutor_id, time_off_id=time_off_id)
    return no_content()


def _own(request: ApiRequest, tutor_id: str) -> Tutor:
    """Return a tutor whose time the caller may know."""
    viewer = request.auth.viewer
    tutor = visible_tutor(viewer, tutor_id)
    check_tutor_editor(is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id)
    return tutor


def _week(tutor: Tutor) -> AvailabilityAnswer:
    return AvailabilityAnswer(
        time_zone=zone_or_business(tutor.time_zone),
        spans=[
            SpanOut(weekday=one.weekday, starts=f"{one.starts:%H:%M}", ends=end_in_words(one.ends))
            for one in availability_of(tutor.pk)
        ],
    )


def _absence_out(
    done: Absence, viewer: Viewer, offers: Mapping[str, Offers], asked: WideWrite
) -> Payload:
    shown = TimeOffAnswer(
        time_off=_off_out(done.time_off, saved=not asked.dry_run),
        sessions=decided_out(done.touched, viewer.day, offers, dry_run=asked.dry_run),
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(done.shown),
        deed_id=done.deed or None,
    )
    return with_warnings(shown, warnings_held_by(done.touched.held_then))


def _ended_out(done: EndedAbsence, asked: WideWrite) -> Payload:
    clashes = {one.session.pk: clash_out(one) for one in done.left}
    stays = [*done.kept, *(one.session for one in done.left)]
    sessions = sorted([*done.sessions, *stays], key=in_order)
    shown = EndedTimeOffAnswer(
        time_off=None if done.is_removed else _off_out(done.time_off),
        sessions=[
            GivenBackOut(
                **touched_session_out(one).model_dump(),
                do="give_back" if (link := done.giving_back.links.get(one.pk)) else "keep",
                tutor_student_id=link.pk if link else None,
                clashes=[clashes[one.pk]] if one.pk in clashes else [],
            )
            for one in sessions
        ],
        removed_tutor_student_ids=[row.pk for row in done.giving_back.emptied],
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(done.shown),
        deed_id=done.deed or None,
    )
    return with_warnings(shown, warnings_held_by(done.giving_back.held_then))


def _off_out(row: TimeOff, *, saved: bool = True) -> TimeOffOut:
    return TimeOffOut(
        id=row.pk if saved else None, from_=row.starts_at, to=row.ends_at, reason=row.reason
    )


def _moment(given: date | datetime, zone: str) -> datetime:
    return given if isinstance(given, datetime) else day_starts(given, zone)
