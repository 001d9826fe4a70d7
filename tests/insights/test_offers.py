"""What could become of lessons in hours that are no longer free: who covers, when instead."""

from datetime import date, time

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.insights.cover import sessions_to_cover
from tandem.insights.matching import Hours
from tandem.insights.offers import Offers, offers_for
from tandem.lessons.availability import set_availability
from tandem.lessons.models import Closure
from tandem.lessons.time_off import add_time_off
from tandem.lessons.time_rules import Weekly
from tandem.people.queries import viewer_of
from tests.cast import NOW, Cast, at, booked, user

ABSENT = Hours(at(17, 0), at(18, 0))


def offered(cast: Cast, *, as_ben: bool = False) -> dict[str, Offers]:
    """Return the offers for Ben's lessons on the seventeenth."""
    viewer = viewer_of(user(cast.ben) if as_ben else cast.owner, now=NOW)
    rows = list(sessions_to_cover(viewer, tutor_id=cast.ben.pk, hours=ABSENT))
    return offers_for(viewer, rows, gone=ABSENT, now=NOW)


def test_the_same_time_on_another_day_comes_first(cast: Cast) -> None:
    """The nearest; not where either has a lesson, is away, or where the business is closed."""
    session = booked(cast.ben_ana, at(17, 16))
    booked(cast.cara_ana, at(18, 16, 30))
    booked(cast.ben_cleo, at(16, 15, 30))
    add_time_off(actor=None, now=NOW, tutor_id=cast.ben.pk, starts_at=at(19, 0), ends_at=at(20, 0))
    Closure.objects.create(name="Fair", starts_on=date(2026, 11, 15), ends_on=date(2026, 11, 16))
    found = offered(cast)[session.pk]
    days = [(one.starts_at.day, one.starts_at.hour) for one in found.hours]
    assert days == [(20, 16), (14, 16), (21, 16), (13, 16)]
    assert found.move == found.hours[0]


def test_a_stated_week_is_kept_to_and_offers_other_times(cast: Cast) -> None:
    """What fits at another time comes after the usual one; what is too short is no offer."""
    session = booked(cast.ben_ana, at(17, 16))
    spans = [Weekly(3, time(15, 30), time(18)), Weekly(4, time(10), time(10, 30))]
    set_availability(actor=None, now=NOW, tutor_id=cast.ben.pk, spans=spans)
    starts = [one.starts_at for one in offered(cast)[session.pk].hours]
    assert starts[:2] == [at(19, 16), at(12, 16)]
    assert at(19, 15, 30) in starts
    assert all(one.weekday() == 3 for one in starts)


def test_an_hour_stays_at_its_time_over_a_clock_change(cast: Cast) -> None:
    """New York's, where Ben is; a day that lies behind is none."""
    cast.ben.time_zone = "America/New_York"
    cast.ben.save()
    session = booked(cast.ben_ana, at(3, 15))
    viewer = viewer_of(cast.owner, now=NOW)
    gone = Hours(at(3, 0), at(4, 0))
    rows = list(sessions_to_cover(viewer, tutor_id=cast.ben.pk, hours=gone))
    found = offers_for(viewer, rows, gone=gone, now=NOW)[session.pk]
    assert found.hours[0].starts_at == at(4, 15)
    assert all(one.starts_at > NOW for one in found.hours)


def test_together_no_two_are_given_the_same(cast: Cast) -> None:
    """Neither one tutor at one time nor one hour; each alone is offered all."""
    one, two = booked(cast.ben_ana, at(17, 16)), booked(cast.ben_cleo, at(17, 17))
    set_availability(
        actor=None, now=NOW, tutor_id=cast.ben.pk, spans=[Weekly(3, time(16), time(17))]
    )
    found = offered(cast)
    assert found[one.pk].move != found[two.pk].move
    assert (found[one.pk].cover, found[two.pk].cover) == (cast.cara.pk, "")


def test_a_tutor_is_not_told_who_could_cover(cast: Cast) -> None:
    """But when it could be instead."""
    session = booked(cast.ben_ana, at(17, 16))
    found = offered(cast, as_ben=True)[session.pk]
    assert (found.covers, bool(found.hours)) == ((), True)


def test_many_lessons_ask_no_more_than_one(cast: Cast) -> None:
    """A fixed number of queries."""
    counts = []
    for hour in (9, 11, 13):
        booked(cast.ben_ana, at(17, hour))
        with CaptureQueriesContext(connection) as captured:
            assert len(offered(cast)) == (hour - 7) // 2
        counts.append(len(captured))
    assert len({*counts}) == 1
