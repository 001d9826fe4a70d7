"""Which date it is where somebody is."""

from datetime import date, datetime

from tandem.kit.time import business_day, local_date, zone_or_business
from tandem.people.models import Tutor


def first_day(tutor: Tutor, now: datetime) -> date:
    """Return the day on which a pairing begins that says none.

    It is today both where the tutor is and in the business's zone: the earlier of the two, so that
    it has begun for everybody.
    """
    return min(today(tutor, now), business_day(now))


def today(tutor: Tutor, now: datetime) -> date:
    """Return the date where the tutor is."""
    return local_date(now, zone_or_business(tutor.time_zone))
