"""When a tutor is free every week. Written by an owner or the tutor."""

from collections.abc import Sequence

from django.db.models import QuerySet

from tandem.kit.transactions import one_transaction
from tandem.kit.weekly import Weekly
from tandem.lessons import time_rules
from tandem.lessons.models import Availability
from tandem.lessons.time_off import lock_own_tutor
from tandem.people.models import Tutor
from tandem.people.requester import Requester


@one_transaction({})
def set_availability(*, requester: Requester, tutor_id: str, spans: Sequence[Weekly]) -> Tutor:
    """Make ``spans`` the whole week of a tutor, on the clock where they are.

    InvalidError names each wrong span as ``spans.0``: one that is reversed or overlaps another.
    """
    time_rules.check_week(spans)
    tutor = lock_own_tutor(requester, tutor_id)
    Availability.objects.filter(tutor=tutor).delete()
    Availability.objects.bulk_create(
        [
            Availability(tutor=tutor, weekday=one.weekday, starts=one.starts, ends=one.ends)
            for one in spans
        ]
    )
    tutor.save(update_fields=["updated_at"])
    return tutor


def availability_of(tutor_id: str) -> QuerySet[Availability]:
    """Return when a tutor is free every week, from Monday on."""
    return Availability.objects.filter(tutor=tutor_id).order_by("weekday", "starts")
