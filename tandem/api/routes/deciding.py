"""What the routes of time off and closures say alike: decisions about sessions, and offers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tandem.api.render import planned_out, touched_session_out
from tandem.api.schemas.touched import (
    CoverOfferOut,
    DecidedSessionOut,
    DecidingWrite,
    HoursOfferOut,
    InTheWayOut,
)
from tandem.insights.offers import Offers
from tandem.lessons.models import Session
from tandem.lessons.reassign import Clash
from tandem.lessons.touched import Decision, TouchedPlan
from tandem.people.queries import Viewer
from tandem.people.rules import check_owner

TAKES_OFFERS = frozenset({"cover", "move"})
"""What is decided about all by the best offer for each."""


def decided(
    viewer: Viewer,
    payload: DecidingWrite,
    do: str,
    sessions: Sequence[Session],
    offers: Mapping[str, Offers],
) -> dict[str, Any]:
    """Return the decisions of a request, as the actions take them."""
    named = [one.decision() for one in payload.decisions]
    if do == "cover":
        check_owner(is_owner=viewer.is_owner, doing="let another tutor cover")
    if do not in TAKES_OFFERS:
        return {"default": do, "decisions": named}
    about = {one.session_id for one in named}
    others = [one for one in sessions if one.pk not in about]
    taken = (best_of(one, do, offers.get(one.pk, Offers())) for one in others)
    return {"decisions": [*named, *(one for one in taken if one)]}


def best_of(session: Session, do: str, offers: Offers) -> Decision | None:
    """Return the best offer for a session as a decision; None where there is none."""
    if do == "cover" and offers.cover:
        return Decision(session.pk, "cover", tutor_id=offers.cover)
    if do == "move" and (span := offers.move):
        return Decision(session.pk, "move", starts_at=span.starts_at, ends_at=span.ends_at)
    return None


def decided_out(
    plan: TouchedPlan, day: date, offers: Mapping[str, Offers], *, dry_run: bool
) -> list[DecidedSessionOut]:
    """Return what becomes of each session; ``day`` is the one on which it is looked at."""
    covers = {one.session.pk: one for one in plan.covers}
    moves = {one.session.pk: one for one in plan.moves}
    found = []
    for session in plan.sessions:
        cover, move = covers.get(session.pk), moves.get(session.pk)
        offered = offers.get(session.pk, Offers()) if dry_run else Offers()
        found.append(
            DecidedSessionOut(
                **touched_session_out(session).model_dump(),
                do=plan.does(session),
                tutor_student=planned_out(cover.link, day, saved=not (dry_run and cover.is_new))
                if cover
                else None,
                new_start_time=move.starts_at if move else None,
                new_end_time=move.ends_at if move else None,
                clashes=_clashes(plan, session),
                covers=[
                    CoverOfferOut(
                        tutor_id=one.facts.id, full_name=one.facts.name, reasons=[*one.reasons]
                    )
                    for one in offered.covers
                ],
                hours=[
                    HoursOfferOut(start_time=one.starts_at, end_time=one.ends_at)
                    for one in offered.hours
                ],
            )
        )
    return found


def _clashes(plan: TouchedPlan, session: Session) -> list[InTheWayOut]:
    return [clash_out(one) for one in plan.clashes if one.session.pk == session.pk]


def clash_out(clash: Clash) -> InTheWayOut:
    """Return why a session cannot be as asked: the session in its way, if one is, and the word."""
    there = clash.busy_with
    return InTheWayOut(session_id=there.pk if there else None, reason=clash.reason)
