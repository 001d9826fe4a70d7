"""Reports: what came of sessions on any days, whose sums agree whatever they are counted by."""

from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.insights.outcomes import NOTHING, OutcomeLine, OutcomesReport, outcomes_report
from tandem.insights.reports import By, hours_report
from tandem.kit.errors import InvalidError
from tandem.lessons.actions import cancel, complete, no_show, reinstate
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.models import Session
from tandem.people.models import Account
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tests.cast import DECEMBER, NOW, Cast, an_account, at, booked, user
from tests.insights.test_reports import NOVEMBER, many

SYSTEM, LATER = Requester(None, NOW), Requester(None, DECEMBER)


def november(account: Account, by: By = By.TUTOR, **narrowed: str) -> OutcomesReport:
    """Return what somebody reads of November."""
    first, last = NOVEMBER
    return outcomes_report(viewer_of(account), first_day=first, last_day=last, by=by, **narrowed)


def numbers(report: OutcomesReport) -> dict[str, list[int]]:
    """Return held, missed, and cancelled by family, tutor, business and nobody known, by name."""
    return {line.name: [*line[2:]] for line in report.lines}


def called_off(cast: Cast, day: int, by: str) -> Session:
    """Return a session of Ben and Ana that was cancelled for somebody."""
    session = booked(cast.ben_ana, at(day, 16))
    wanted = Cancelling(by) if by else None
    return cancel(requester=SYSTEM, session_id=session.pk, cancelling=wanted)


@pytest.fixture
def _recorded(cast: Cast) -> None:
    for link, day in ((cast.ben_ana, 3), (cast.ben_cleo, 4), (cast.cara_ana, 5)):
        complete(requester=LATER, session_id=booked(link, at(day, 16)).pk)
    no_show(requester=LATER, session_id=booked(cast.cara_ana, at(6, 16)).pk)
    for day, by in ((9, "family"), (10, "family"), (11, "tutor"), (12, "business"), (13, "")):
        called_off(cast, day, by)
    booked(cast.ben_ana, at(30, 16))


@pytest.mark.usefixtures("_recorded")
def test_each_session_counts_for_what_came_of_it(cast: Cast) -> None:
    """Held, missed, and cancelled by whom; one that is still planned does not count."""
    report = november(cast.owner)
    assert numbers(report) == {"Ben": [2, 0, 2, 1, 1, 1], "Cara": [1, 1, 0, 0, 0, 0]}
    assert report.total == OutcomeLine(None, "", 3, 1, 2, 1, 1, 1)
    assert (report.total.recorded, report.total.cancelled) == (9, 5)
    assert numbers(november(cast.owner, By.STUDENT)) == {
        "Ana Ruiz": [2, 1, 2, 1, 1, 1],
        "Cleo Hart": [1, 0, 0, 0, 0, 0],
    }
    assert numbers(november(cast.owner, By.SUBJECT)) == {
        "Maths": [2, 1, 0, 0, 0, 0],
        "Physics": [1, 0, 2, 1, 1, 1],
    }


@pytest.mark.usefixtures("_recorded")
def test_a_tutor_reads_of_what_they_taught_alone(cast: Cast) -> None:
    """Nothing of a colleague's, and who is neither owner nor tutor reads nothing."""
    assert numbers(november(user(cast.cara))) == {"Cara": [1, 1, 0, 0, 0, 0]}
    assert november(user(cast.dev)).total == NOTHING
    assert november(an_account("nobody@tandem.example")).lines == []


@pytest.mark.usefixtures("_recorded")
def test_it_is_narrowed_as_the_hours_are(cast: Cast) -> None:
    """To a tutor, a student, a subject."""
    assert november(cast.owner, tutor_id=cast.cara.pk).total.recorded == 2
    assert november(cast.owner, student_id=cast.cleo.pk).total.recorded == 1
    assert november(cast.owner, subject="physics").total.recorded == 6


def test_who_called_it_off_last_counts(cast: Cast) -> None:
    """It was planned again in between: once for the business, not for the family as well."""
    session = called_off(cast, 9, "family")
    reinstate(requester=SYSTEM, session_id=session.pk)
    cancel(requester=SYSTEM, session_id=session.pk, cancelling=Cancelling("business"))
    assert numbers(november(cast.owner)) == {"Ben": [0, 0, 0, 0, 1, 0]}


def test_what_came_over_cancelled_is_by_nobody_known(cast: Cast) -> None:
    """An import writes no history."""
    session = booked(cast.ben_ana, at(3, 16))
    Session.objects.filter(pk=session.pk).update(status="cancelled")
    assert numbers(november(cast.owner)) == {"Ben": [0, 0, 0, 0, 0, 1]}


def test_days_that_make_no_range_are_refused(cast: Cast) -> None:
    """As for hours."""
    first, last = NOVEMBER
    with pytest.raises(InvalidError, match="before the first"):
        outcomes_report(viewer_of(cast.owner), first_day=last, last_day=first, by=By.TUTOR)


@pytest.mark.parametrize("seed", range(2))
def test_it_agrees_with_the_hours_and_costs_one_statement(cast: Cast, seed: int) -> None:
    """Held, missed and cancelled of 140 tutors, line by line, whatever they are counted by."""
    Session.objects.bulk_create(many(cast, Random(seed)))
    first, last = NOVEMBER
    viewer = viewer_of(cast.owner)
    for by in By:
        with CaptureQueriesContext(connection) as asked:
            outcomes = outcomes_report(viewer, first_day=first, last_day=last, by=by)
        hours = hours_report(viewer, first_day=first, last_day=last, by=by)
        assert len(asked) == 1
        assert [(one.id, one.held, one.no_shows, one.cancelled) for one in outcomes.lines] == [
            (one.id, one.sessions, one.no_shows, one.cancelled) for one in hours.lines
        ]
