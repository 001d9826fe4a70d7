"""What could become of lessons in hours that are no longer free: who covers, when instead."""

from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.insights.cover import sessions_to_cover
from tandem.insights.matching import Hours
from tandem.insights.offers import Offers, offers_for
from tandem.kit.weekly import Weekly
from tandem.lessons.actions import schedule_group
from tandem.lessons.availability import set_availability
from tandem.lessons.models import Closure, Session
from tandem.lessons.time_off import add_time_off
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tests.cast import NOW, TERM, Cast, at, booked, user

ABSENT = Hours(at(17, 0), at(18, 0))


def offered(cast: Cast, *, as_ben: bool = False) -> dict[str, Offers]:
    """Return the offers for Ben's lessons on the seventeenth."""
    viewer = viewer_of(user(cast.ben) if as_ben else cast.owner, now=NOW)
    rows = list(sessions_to_cover(viewer, tutor_id=cast.ben.pk, hours=ABSENT))
    return offers_for(viewer, rows, gone=ABSENT, now=NOW)


def test_the_same_time_on_another_day_comes_first(cast: Cast) -> None:
    """The next; not where either has a lesson or is away, nor where the business is closed."""
    session = booked(cast.ben_ana, at(17, 16))
    booked(cast.cara_ana, at(18, 16, 30))
    booked(cast.ben_cleo, at(16, 15, 30))
    add_time_off(
        requester=Requester(None, NOW), tutor_id=cast.ben.pk, starts_at=at(19, 0), ends_at=at(20, 0)
    )
    Closure.objects.create(name="Fair", starts_on=date(2026, 11, 15), ends_on=date(2026, 11, 16))
    found = offered(cast)[session.pk]
    days = [(one.starts_at.day, one.starts_at.hour) for one in found.hours]
    assert days == [(20, 16), (21, 16), (22, 16), (23, 16)]
    assert found.move == found.hours[0]


def test_a_stated_week_is_kept_to_and_offers_other_times(cast: Cast) -> None:
    """What fits at another time comes after the usual one; what is too short is no offer."""
    session = booked(cast.ben_ana, at(17, 16))
    spans = [Weekly(3, time(15, 30), time(18)), Weekly(4, time(10), time(10, 30))]
    set_availability(requester=Requester(None, NOW), tutor_id=cast.ben.pk, spans=spans)
    starts = [one.starts_at for one in offered(cast)[session.pk].hours]
    assert starts == [at(19, 16), at(26, 16), at(19, 15, 30), at(26, 15, 30)]
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
        requester=Requester(None, NOW), tutor_id=cast.ben.pk, spans=[Weekly(3, time(16), time(17))]
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


def offered_to(cast: Cast, now: datetime) -> dict[str, Offers]:
    """Return the offers for Ben's lessons on the seventeenth, as they are at some moment."""
    viewer = viewer_of(cast.owner, now=now)
    rows = list(sessions_to_cover(viewer, tutor_id=cast.ben.pk, hours=ABSENT))
    return offers_for(viewer, rows, gone=ABSENT, now=now)


def test_nobody_is_sent_to_a_lesson_with_less_than_a_days_notice(cast: Cast) -> None:
    """Earlier hours only where no later ones are, and a day ahead; a nearer lesson not earlier."""
    session = booked(cast.ben_ana, at(17, 16))
    spans = [Weekly(0, time(9), time(23))]
    set_availability(requester=Requester(None, NOW), tutor_id=cast.ben.pk, spans=spans)
    assert offered_to(cast, at(15, 12))[session.pk].hours[0].starts_at == at(23, 16)
    Closure.objects.create(name="Fair", starts_on=date(2026, 11, 18), ends_on=date(2026, 12, 31))
    starts = [one.starts_at for one in offered_to(cast, at(15, 12))[session.pk].hours]
    assert starts == [at(16, 16), at(16, 12)]
    Closure.objects.all().delete()
    near = [one.starts_at for one in offered_to(cast, at(16, 20))[session.pk].hours]
    assert near
    assert min(near) >= at(17, 16)


def a_group(cast: Cast) -> list[Session]:
    """Return a lesson that Ben gives Ana and Cleo together."""
    return schedule_group(
        requester=Requester(None, NOW),
        tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
        starts_at=at(17, 16),
        ends_at=at(17, 17),
    )


def test_a_group_is_offered_what_fits_all_of_it(cast: Cast) -> None:
    """One tutor and one hour for both; what one of them cannot is no offer for either."""
    who: dict[str, Any] = {
        "requester": Requester(None, NOW),
        "subject": "Maths",
        "started_on": TERM,
    }
    pair(**who, student_id=cast.cleo.pk, tutor_id=cast.cara.pk)
    ana, cleo = a_group(cast)
    alone = booked(cast.ben_ana, at(17, 18))
    booked(cast.cara_ana, at(18, 16))
    found = offered(cast)
    assert found[ana.pk].move == found[cleo.pk].move == Hours(at(19, 16), at(19, 17))
    assert found[ana.pk].cover == found[cleo.pk].cover != ""
    assert found[ana.pk].hours == found[cleo.pk].hours
    assert found[alone.pk].move == Hours(at(18, 18), at(18, 19))
