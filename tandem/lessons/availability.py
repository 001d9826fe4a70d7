"""When a tutor is free every week, and when away. Written by an owner or the tutor."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tandem.kit.errors import NotFoundError
from tandem.kit.transactions import one_transaction
from tandem.lessons import time_rules
from tandem.lessons.models import Availability, TimeOff
from tandem.people.models import Account, Tutor
from tandem.people.queries import viewer_of, visible_tutor
from tandem.people.rules import check_tutor_editor
from tandem.relationships.steps import lock_tutors


@one_transaction({})
def set_availability(
    *, actor: Account | None, now: datetime, tutor_id: str, spans: Sequence[time_rules.Weekly]
) -> Tutor:
    """Make ``spans`` the whole week of a tutor, on the clock where they are.

    InvalidError names each wrong span as ``spans.0``: one that is reversed or overlaps another.
    """
    del now
    time_rules.check_week(spans)
    tutor = _own(actor, tutor_id)
    Availability.objects.filter(tutor=tutor).delete()
    Availability.objects.bulk_create(
        [
            Availability(tutor=tutor, weekday=one.weekday, starts=one.starts, ends=one.ends)
            for one in spans
        ]
    )
    tutor.save(update_fields=["updated_at"])
    return tutor


@one_transaction({})
def add_time_off(
    *,
    actor: Account | None,
    now: datetime,
    tutor_id: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
) -> TimeOff:
    """Record that a tutor is away from one moment up to, not at, another. Sessions stay."""
    del now
    time_rules.check_time_off(starts_at, ends_at)
    tutor = _own(actor, tutor_id)
    return TimeOff.objects.create(
        tutor=tutor,
        starts_at=starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
        reason=reason.strip(),
    )


@one_transaction({})
def remove_time_off(
    *, actor: Account | None, now: datetime, tutor_id: str, time_off_id: str
) -> None:
    """Take time off back. What was covered stays covered."""
    del now
    tutor = _own(actor, tutor_id)
    row = TimeOff.objects.filter(pk=time_off_id, tutor=tutor).first()
    if row is None:
        raise NotFoundError("time off", time_off_id)
    row.delete()


def _own(actor: Account | None, tutor_id: str) -> Tutor:
    """Lock a tutor whose time the actor may write."""
    viewer = viewer_of(actor)
    tutor = visible_tutor(viewer, tutor_id)
    check_tutor_editor(is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id)
    return lock_tutors(tutor_id)[tutor_id]
