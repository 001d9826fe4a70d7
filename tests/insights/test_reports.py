"""Reports: hours for any days, whose sums agree whatever they are counted by."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.insights.calendar import stated_weeks
from tandem.insights.reports import By, HoursReport, TaughtLine, hours_report
from tandem.kit.errors import InvalidError
from tandem.lessons.actions import cancel, complete, no_show
from tandem.lessons.models import Session
from tandem.people.models import Account, Tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import DECEMBER, TERM, Cast, an_account, at, booked, user

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
DAY = timedelta(days=1)


def november(account: Account, by: By = By.TUTOR) -> HoursReport:
    """Return what somebody reads of November."""
    first, last = NOVEMBER
    return hours_report(viewer_of(account), first_day=first, last_day=last, by=by)


def told(report: HoursReport) -> list[tuple[str, int, float]]:
    """Return names, sessions and hours."""
    return [(line.name, line.sessions, line.hours) for line in report.lines]


def held(link: TutorStudent, starts_at: datetime, minutes: int = 60) -> Session:
    """Return a session that was held."""
    session = booked(link, starts_at, starts_at + timedelta(minutes=minutes))
    return complete(requester=Requester(None, DECEMBER), session_id=session.pk)


def test_what_was_held_is_counted_for_who_held_it(cast: Cast) -> None:
    """By tutor, student and subject; missed and cancelled ones stand beside it."""
    held(cast.ben_ana, at(3, 16))
    held(cast.ben_cleo, at(4, 16), minutes=45)
    held(cast.cara_ana, at(5, 16), minutes=90)
    no_show(requester=Requester(None, DECEMBER), session_id=booked(cast.cara_ana, at(6, 16)).pk)
    cancel(requester=Requester(None, DECEMBER), session_id=booked(cast.cara_ana, at(9, 16)).pk)
    booked(cast.ben_ana, at(30, 16))
    by_tutor = november(cast.owner)
    assert told(by_tutor) == [("Ben", 2, 1.75), ("Cara", 1, 1.5)]
    assert by_tutor.total == TaughtLine(None, "", 3, 195, 1, 1)
    assert told(november(cast.owner, By.STUDENT)) == [("Ana Ruiz", 2, 2.5), ("Cleo Hart", 1, 0.75)]
    assert told(november(cast.owner, By.SUBJECT)) == [("Maths", 2, 2.25), ("Physics", 1, 1.0)]


def test_a_tutor_reads_what_they_taught_alone(cast: Cast) -> None:
    """Not what a colleague taught the same student; a stranger reads nothing."""
    held(cast.ben_ana, at(3, 16))
    held(cast.cara_ana, at(5, 16))
    assert told(november(user(cast.ben), By.STUDENT)) == [("Ana Ruiz", 1, 1.0)]
    assert told(november(user(cast.ben))) == [("Ben", 1, 1.0)]
    assert november(user(cast.dev)).lines == []
    assert november(an_account("nobody@tandem.example")).lines == []


def test_a_day_is_the_businesss(cast: Cast) -> None:
    """Half past eleven in the evening of 30 September, in UTC, is 1 October in London."""
    held(cast.ben_ana, at(30, 23, 30, month=9))
    september, october = date(2026, 9, 30), date(2026, 10, 1)
    assert report(cast, september, september, By.TUTOR).total.sessions == 0
    assert report(cast, october, october, By.TUTOR).total.sessions == 1


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), "before the first"),
        (date(1899, 12, 31), date(2026, 11, 1), "from 1900"),
        (date(2026, 11, 1), date(9999, 12, 31), "to 2200"),
    ],
)
def test_days_that_make_no_range_are_refused(
    cast: Cast, first: date, last: date, words: str
) -> None:
    """In words, beside a single day and all days that there are, which are not."""
    with pytest.raises(InvalidError, match=words):
        hours_report(viewer_of(cast.owner), first_day=first, last_day=last, by=By.TUTOR)
    hours_report(viewer_of(cast.owner), first_day=last_day(), last_day=last_day(), by=By.TUTOR)
    hours_report(
        viewer_of(cast.owner), first_day=date(1900, 1, 1), last_day=last_day(), by=By.TUTOR
    )


def last_day() -> date:
    """Return the last day that a report knows."""
    return date(2200, 12, 31)


def many(cast: Cast, random: Random) -> Iterator[Session]:
    """Yield sessions of 140 tutors, of any outcome; some end before they start."""
    tutors = Tutor.objects.bulk_create(
        Tutor(full_name=f"Tutor {n % 70}", email=f"t{n}@tandem.example") for n in range(140)
    )
    subjects = (cast.ben_ana.subject, cast.cara_ana.subject, None)
    links = TutorStudent.objects.bulk_create(
        TutorStudent(
            tutor=tutor,
            student=random.choice((cast.ana, cast.cleo)),
            subject=random.choice(subjects),
            started_on=TERM,
            status="active",
        )
        for tutor in tutors
    )
    midnight = datetime(2026, 10, 25, tzinfo=UTC)
    for link in links:
        for hour in random.sample(range(24 * 45), 8):
            starts_at = midnight + timedelta(hours=hour)
            took = random.choice((30, 45.5, 60, -60))
            yield Session(
                tutor_student=link,
                tutor=link.tutor,
                student=link.student,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=took),
                status=random.choice(("completed", "completed", "no_show", "cancelled")),
                legacy_fault="ends_before_start" if took < 0 else "",
            )


@pytest.mark.parametrize("seed", range(3))
def test_sums_are_the_sessions_held_by_whatever_and_on_any_days(cast: Cast, seed: int) -> None:
    """140 tutors, each with a line; days that follow one another add up."""
    random = Random(seed)
    rows = Session.objects.bulk_create(many(cast, random))
    first, last = date(2026, 10, 25), date(2026, 12, 9)
    cut = first + random.randrange(1, 40) * DAY
    whole = {by: report(cast, first, last, by) for by in By}
    assert len(whole[By.TUTOR].lines) == 140
    completed = [row for row in rows if row.status == "completed"]
    assert {by: one.total.sessions for by, one in whole.items()} == dict.fromkeys(
        By, len(completed)
    )
    minutes = sum(max(0, round((row.ends_at - row.starts_at).seconds / 60)) for row in completed
                  if row.ends_at > row.starts_at)  # fmt: skip
    assert {one.total.minutes for one in whole.values()} == {minutes}
    for by in By:
        parts = report(cast, first, cut - DAY, by).total, report(cast, cut, last, by).total
        assert [a + b for a, b in zip(parts[0][2:], parts[1][2:], strict=True)] == [
            *whole[by].total[2:]
        ]


def report(cast: Cast, first: date, last: date, by: By) -> HoursReport:
    """Return what the owner reads of these days."""
    return hours_report(viewer_of(cast.owner), first_day=first, last_day=last, by=by)


def test_one_statement_is_enough(cast: Cast) -> None:
    """However many tutors there are."""
    viewer = viewer_of(cast.owner)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        hours_report(viewer, first_day=NOVEMBER[0], last_day=NOVEMBER[1], by=By.TUTOR)
    assert len(asked) == 1


def test_a_report_is_planned_for_its_days(cast: Cast) -> None:
    """However often it was asked for: what is good for a day is slow for a year."""
    for _ in range(12):
        november(cast.owner)
        stated_weeks(viewer_of(cast.owner), ["nobody"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        kept = [row[0] for row in cursor.fetchall()]
    assert [one for one in kept if "lessons_availability" in one]
    assert not [one for one in kept if "no_shows" in one]
