"""Lessons that come back: planned all at once, on the wall's clock, or not at all."""

from collections.abc import Collection
from datetime import date, time
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.series import NewSeries, SeriesPlan, plan_series, preview_series
from tandem.lessons.time_off import add_time_off
from tandem.people.requester import Requester
from tandem.relationships.actions import pause
from tests.cast import NOW, Cast, at, booked, user

MONDAYS = date(2027, 3, 22)


def wanted(cast: Cast, rule: str = "FREQ=WEEKLY;COUNT=4", **more: Any) -> NewSeries:
    """Return Mondays at four in London, over the night on which its clocks go forward."""
    given: dict[str, Any] = {
        "tutor_student_id": cast.ben_ana.pk,
        "rule": rule,
        "first_date": MONDAYS,
        "wall_time": time(16),
        "minutes": 60,
        "time_zone": "Europe/London",
        **more,
    }
    return NewSeries(**given)


def planned(cast: Cast, series: NewSeries, leave_out: Collection[date] | None = ()) -> SeriesPlan:
    return plan_series(requester=Requester(cast.owner, NOW), wanted=series, leave_out=leave_out)


def refused_and_nothing_made(cast: Cast, series: NewSeries, kind: type[Any], words: str) -> Any:
    """Return the refusal, after a look that nothing was made."""
    before = Session.objects.count()
    with pytest.raises(kind, match=words) as refusal:
        planned(cast, series)
    assert Session.objects.count() == before
    assert not SessionSeries.objects.exists()
    return refusal.value


def test_an_hour_stays_where_it_is_on_the_wall(cast: Cast) -> None:
    """16:00 in London is 16:00Z before the clocks go forward, and 15:00Z from then on."""
    done = plan_series(
        requester=Requester(user(cast.ben), NOW), wanted=wanted(cast, texts={"title": "Waves"})
    )
    rows = Session.objects.filter(series=done.series).order_by("starts_at")
    assert [one.starts_at for one in rows] == [
        at(22, 16, month=3, year=2027),
        at(29, 15, month=3, year=2027),
        at(5, 15, month=4, year=2027),
        at(12, 15, month=4, year=2027),
    ]
    assert {(one.title, one.tutor_id, one.student_id) for one in rows} == {
        ("Waves", cast.ben.pk, cast.ana.pk)
    }
    assert rows[0].series_date == MONDAYS


def test_a_series_without_an_end_is_planned_half_a_year_ahead(cast: Cast) -> None:
    """26 weeks from today, or from its first date where that is later."""
    done = planned(cast, wanted(cast, "FREQ=WEEKLY;BYDAY=TU", first_date=date(2026, 11, 3)))
    assert done.series.ends_on is None
    assert [done.sessions[0].series_date, done.sessions[-1].series_date] == [
        date(2026, 11, 3),
        date(2027, 4, 27),
    ]
    assert done.series.planned_until == date(2027, 5, 4)


def test_every_clash_is_named_at_once_and_left_out_only_by_choice(cast: Cast) -> None:
    """A lesson of Ana's, one of Ben's, and a day on which Ben is away: nothing is made."""
    booked(cast.cara_ana, at(22, 16, month=3, year=2027))
    booked(cast.ben_cleo, at(29, 15, 30, month=3, year=2027))
    add_time_off(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(5, 0, month=4, year=2027),
        ends_at=at(6, 0, month=4, year=2027),
    )
    conflict = refused_and_nothing_made(
        cast, wanted(cast), ConflictError, "22 Mar 2027 .*29 Mar 2027 .*5 Apr 2027"
    )
    assert [(one["date"], one["code"]) for one in conflict.details["conflicts"]] == [
        ("2027-03-22", "student_busy"),
        ("2027-03-29", "tutor_busy"),
        ("2027-04-05", "tutor_away"),
    ]
    two = [MONDAYS, date(2027, 3, 29)]
    with pytest.raises(ConflictError, match="Nothing was changed, because of"):
        planned(cast, wanted(cast), two)
    done = planned(cast, wanted(cast), [*two, date(2027, 4, 5)])
    assert [one.series_date for one in done.sessions] == [date(2027, 4, 12)]
    with pytest.raises(InvalidError, match="not a date of this series"):
        planned(cast, wanted(cast), [date(2027, 3, 23)])


def test_all_that_cannot_be_may_be_left_out_unnamed(cast: Cast) -> None:
    """Where nothing is left, nothing is planned."""
    booked(cast.cara_ana, at(22, 16, month=3, year=2027))
    assert len(planned(cast, wanted(cast), None).sessions) == 3
    with pytest.raises(InvalidError, match="no lesson at all"):
        planned(cast, wanted(cast, "FREQ=WEEKLY;COUNT=1"), None)


def test_days_outside_the_relationship_are_named(cast: Cast) -> None:
    """It began on 1 September."""
    early = wanted(cast, "FREQ=WEEKLY;COUNT=2", first_date=date(2026, 8, 25))
    conflict = refused_and_nothing_made(cast, early, ConflictError, "25 Aug 2026")
    codes = [(one["date"], one["code"]) for one in conflict.details["conflicts"]]
    assert codes == [("2026-08-25", "outside_relationship")]


def test_a_time_that_clocks_skip_is_named(cast: Cast) -> None:
    """01:30 on 28 March 2027 does not exist in London; nobody gets another hour in silence."""
    night = wanted(cast, first_date=date(2027, 3, 21), wall_time=time(1, 30))
    conflict = refused_and_nothing_made(cast, night, ConflictError, "28 Mar 2027")
    assert conflict.details["conflicts"][0]["code"] == "no_such_time"
    done = planned(cast, night, [date(2027, 3, 28)])
    assert [one.starts_at for one in done.sessions][:2] == [
        at(21, 1, 30, month=3, year=2027),
        at(4, 0, 30, month=4, year=2027),
    ]


def test_lessons_that_run_into_each_other_are_named(cast: Cast) -> None:
    """24 hours each day: on the day of 23 hours the next begins before the end."""
    long = wanted(cast, "FREQ=DAILY;COUNT=3", first_date=date(2027, 3, 27), minutes=24 * 60)
    conflict = refused_and_nothing_made(cast, long, ConflictError, "28 Mar 2027")
    assert conflict.details["conflicts"][0]["code"] == "overlaps_itself"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY;COUNT=10000", "at most 400 lessons"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "gives no date"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "gives no date"),
        ("FREQ=WEEKLY;UNTIL=20270301", "gives no date"),
        ("FREQ=WEEKLY;UNTIL=20991231", "within five years"),
        ("FREQ=YEARLY;COUNT=10", "within five years"),
        ("FREQ=MINUTELY;COUNT=10", "FREQ is DAILY"),
        ("FREQ=WEEKLY;BYHOUR=9;COUNT=3", "BYHOUR cannot be used"),
        ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL is a number"),
        ("FREQ=WEEKLY;COUNT=0", "COUNT is a number"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20270401", "not both"),
        ("FREQ=WEEKLY;UNTIL=20270231", "does not exist"),
        ("FREQ=WEEKLY;BYDAY=XX", "no rule of RFC 5545"),
        ("FREQ=WEEKLY;FREQ=DAILY", "given once"),
        ("every Tuesday", "Write one rule"),
        ("FREQ=WEEKLY\nDTSTART:20270101", "Write one rule"),
        ("", "FREQ is DAILY"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_words(cast: Cast, rule: str, words: str) -> None:
    """Nothing half made."""
    refused_and_nothing_made(cast, wanted(cast, rule), InvalidError, words)


def test_a_zone_that_is_none_and_a_length_that_is_none_are_refused(cast: Cast) -> None:
    """In words."""
    mars = wanted(cast, time_zone="Mars/Olympus")
    refused_and_nothing_made(cast, mars, InvalidError, "not a time zone")
    refused_and_nothing_made(cast, wanted(cast, minutes=0), InvalidError, "from 1 minute")
    refused_and_nothing_made(cast, wanted(cast, minutes=1441), InvalidError, "24 hours")


@pytest.mark.parametrize("first", [date.min, date(1899, 12, 31), date(2032, 1, 1), date.max])
def test_a_first_date_that_no_rule_can_be_counted_from_is_refused(cast: Cast, first: date) -> None:
    """Rather than being an error of the calendar's."""
    series = wanted(cast, "FREQ=WEEKLY", first_date=first)
    refused_and_nothing_made(cast, series, InvalidError, "within five years")


def test_only_those_may_plan_who_may_plan_one_lesson(cast: Cast) -> None:
    """Not Dev, who has never taught Ana; not Cara, who sees it; not where it is paused."""
    with pytest.raises(NotFoundError):
        plan_series(requester=Requester(user(cast.dev), NOW), wanted=wanted(cast))
    with pytest.raises(ForbiddenError):
        plan_series(requester=Requester(user(cast.cara), NOW), wanted=wanted(cast))
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)
    refused_and_nothing_made(cast, wanted(cast), ConflictError, "paused")


def test_what_was_looked_at_is_what_is_planned(cast: Cast) -> None:
    """What comes into the way meanwhile is refused, also where clashes are left out."""
    seen = preview_series(requester=Requester(cast.owner, NOW), wanted=wanted(cast))
    assert not SessionSeries.objects.exists()
    mark = fingerprint(seen.shown)
    there = booked(cast.cara_ana, at(22, 16, month=3, year=2027))
    deed: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "wanted": wanted(cast)}
    with pytest.raises(ConflictError) as conflict:
        plan_series(**deed, leave_out=None, expect=mark)
    assert conflict.value.reason == "changed_since_preview"
    assert not SessionSeries.objects.exists()
    there.delete()
    assert len(plan_series(**deed, expect=mark).sessions) == 4


@pytest.mark.parametrize(
    ("rule", "last"),
    [
        ("FREQ=WEEKLY;UNTIL=20270405", date(2027, 4, 5)),
        ("RRULE:FREQ=WEEKLY;UNTIL=20270405T150000Z", date(2027, 4, 5)),
        ("FREQ=WEEKLY;UNTIL=20270405T145959Z", date(2027, 3, 29)),
        ("freq=monthly;byday=4mo;count=2", date(2027, 4, 26)),
    ],
)
def test_rules_end_as_the_standard_has_it(cast: Cast, rule: str, last: date) -> None:
    """A last day is in it; a last moment is one in UTC."""
    assert planned(cast, wanted(cast, rule)).sessions[-1].series_date == last
