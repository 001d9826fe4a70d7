"""How many lessons a calendar shows and counts: narrowed, in zones off by less than an hour."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tandem.lessons.models import Session
from tandem.people.models import Tutor
from tests.cast import Cast
from tests.web.test_calendar import html

STATUSES = ("scheduled", "completed", "cancelled", "scheduled")
HALF_AN_HOUR = timedelta(minutes=30)
MONTH = '<ol class="month-days">'
NARROWED: tuple[dict[str, str], ...] = (
    {},
    {"tutor": "Ben"},
    {"student": "RUIZ ana"},
    {"subject": "physics"},
    {"status": "cancelled"},
    {"status": "any", "subject": "Physics"},
    {"status": "any", "tutor": "cara", "student": "ana"},
)


def plan(cast: Cast, around: date) -> list[Session]:
    """Plan lessons at most half hours of nine days, of two tutors."""
    start = datetime.combine(around, time(), UTC) - timedelta(days=4)
    pairs = (cast.ben_ana, cast.ben_cleo, cast.cara_ana)
    rows = []
    for number in range(9 * 48):
        pair, starts = pairs[number % 3], start + number * HALF_AN_HOUR
        if number % 7 in {1, 4}:
            continue
        row = Session(tutor_student=pair, tutor=pair.tutor, student=pair.student, starts_at=starts)
        row.ends_at, row.status = starts + HALF_AN_HOUR, STATUSES[number % 4]
        rows.append(row)
    return Session.objects.bulk_create(rows)


def is_asked_for(row: Session, narrowed: Mapping[str, str]) -> bool:
    """Tell by hand what a calendar's filters ask of the database."""
    status, subject = narrowed.get("status"), row.tutor_student.subject
    names = row.student.full_name.lower()
    return (
        (status == "any" or row.status in ([status] if status else ["scheduled", "completed"]))
        and narrowed.get("tutor", "").lower() in row.tutor.full_name.lower()
        and all(word in names for word in narrowed.get("student", "").lower().split())
        and ("subject" not in narrowed or (subject is not None and subject.name == "Physics"))
    )


def shown(page: str) -> int:
    """Return how many lessons a page shows, with those that it says are more."""
    more = sum(int(number) for number in re.findall(r"\+(\d+) more", page))
    return more + page.count('class="lesson ') + page.count('class="one ')


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/London", "2026-10-25"),
        ("Asia/Kathmandu", "2026-11-01"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("Australia/Lord_Howe", "2026-10-04"),
        ("America/St_Johns", "2026-11-01"),
    ],
)
def test_none_is_lost_and_none_is_twice(oona: Client, cast: Cast, zone: str, day: str) -> None:
    """Of a day, a week and each day of a month; most are days on which the clocks change."""
    Tutor.objects.create(full_name="Oona", email="o@example.org", user=cast.owner, time_zone=zone)
    on, rows = date.fromisoformat(day), plan(cast, date.fromisoformat(day))
    week = [on + timedelta(days=n - on.weekday()) for n in range(7)]
    first = on.replace(day=1) - timedelta(days=on.replace(day=1).weekday())
    for narrowed in NARROWED:
        asked = [one for one in rows if is_asked_for(one, narrowed)]
        days = Counter(one.starts_at.astimezone(ZoneInfo(zone)).date() for one in asked)
        seen = {
            view: html(oona, "/calendar", view=view, date=day, **narrowed)
            for view in ("day", "week", "month")
        }
        assert shown(seen["day"]) == days[on], narrowed
        assert shown(seen["week"]) == sum(days[one] for one in week), narrowed
        cells = seen["month"].split(MONTH)[1].split("</ol>")[0].split("<h2>")[1:]
        assert [shown(one) for one in cells] == [
            days[first + timedelta(days=n)] for n in range(len(cells))
        ], narrowed
