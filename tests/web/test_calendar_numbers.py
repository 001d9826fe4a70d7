"""What a calendar shows and counts, by whatever it is narrowed to, in whatever zone it is read."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tandem.lessons.models import Session
from tandem.people.models import Subject, Tutor
from tests.cast import Cast
from tests.web.test_calendar import html

STATUSES = ("scheduled", "completed", "cancelled", "scheduled")
DAY_OF_MONTH = re.compile(r"<li class=\"(?:outside)?(?: ?today)?\">(.*?)</li>", re.DOTALL)


def planned(cast: Cast, around: date) -> None:
    """Lessons at all hours of nine days, more on some, of two tutors, three subjects at most."""
    start = datetime(around.year, around.month, around.day, tzinfo=UTC) - timedelta(days=4)
    pairs = (cast.ben_ana, cast.ben_cleo, cast.cara_ana)
    rows = []
    for n in range(9 * 48):
        if n % 7 in {1, 4}:
            continue
        pair = pairs[n % 3]
        starts = start + timedelta(minutes=30 * n)
        rows.append(
            Session(
                tutor_student=pair,
                tutor=pair.tutor,
                student=pair.student,
                starts_at=starts,
                ends_at=starts + timedelta(minutes=30),
                status=STATUSES[n % 4],
            )
        )
    Session.objects.bulk_create(rows)


def shown(page: str, view: str) -> int:
    more = sum(int(n) for n in re.findall(r"\+(\d+) more", page))
    blocks = page.count('class="one ') if view == "month" else page.count('class="lesson ')
    return more + blocks


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"])
@pytest.mark.parametrize("day", ["2026-10-25", "2026-11-01", "2027-03-28", "2026-10-04", "2026-04-05"])
def test_numbers(oona: Client, cast: Cast, zone: str, day: str, monkeypatch) -> None:
    on = date.fromisoformat(day)
    planned(cast, on)
    if zone != "Europe/London":
        Tutor.objects.filter(user=cast.owner).update(user=None)
        Tutor.objects.create(full_name="Oona T", email="oona-t@example.org", user=cast.owner, time_zone=zone)
    where = ZoneInfo(zone)
    bad = []
    for narrowed in (
        {}, {"tutor": "Ben"}, {"tutor": "Cara"}, {"student": "cleo"}, {"student": "RUIZ ana"},
        {"subject": "Physics"}, {"status": "cancelled"}, {"status": "any"},
        {"tutor": "ben", "student": "ana", "status": "completed"}, {"status": "any", "subject": "physics"},
    ):
        rows = Session.objects.select_related("tutor", "student", "tutor_student__subject")
        rows = [
            one for one in rows
            if (narrowed.get("status") == "any" or one.status in ([narrowed["status"]] if "status" in narrowed else ["scheduled", "completed"]))
            and ("tutor" not in narrowed or one.tutor.full_name.lower() == narrowed["tutor"].lower())
            and ("student" not in narrowed or all(w in one.student.full_name.lower() for w in narrowed["student"].lower().split()))
            and ("subject" not in narrowed or (one.tutor_student.subject and one.tutor_student.subject.name.lower() == narrowed["subject"].lower()))
        ]
        per_day = Counter(one.starts_at.astimezone(where).date() for one in rows)
        monday = on - timedelta(days=on.weekday())
        page = html(oona, "/calendar", view="day", date=day, **narrowed)
        if shown(page, "day") != per_day[on]:
            bad.append((narrowed, "day", shown(page, "day"), per_day[on]))
        page = html(oona, "/calendar", view="week", date=day, **narrowed)
        want = sum(per_day[monday + timedelta(days=n)] for n in range(7))
        if shown(page, "week") != want:
            bad.append((narrowed, "week", shown(page, "week"), want))
        page = html(oona, "/calendar", view="month", date=day, **narrowed)
        first = on.replace(day=1)
        first -= timedelta(days=first.weekday())
        cells = page.split('<ol class="month-days">')[1].split("</ol>")[0].split("<h2>")[1:]
        for n, cell in enumerate(cells):
            want = per_day[first + timedelta(days=n)]
            number = re.search(r'class="number">(\d+)', cell)
            if shown(cell, "month") != want or (int(number[1]) if number else 0) != want:
                bad.append((narrowed, "month", first + timedelta(days=n), shown(cell, "month"), want))
    assert not bad, bad
