"""What needs me? The overview, and the rows that need attention."""

import re
from datetime import timedelta
from html import unescape

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.lessons.actions import complete
from tandem.lessons.models import Session, TimeOff
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.requests import request
from tandem.upgrade.models import UnlinkedLegacyRow
from tests.cast import DECEMBER, NOW, Cast, at, booked, user
from tests.web.reading import read, words
from tests.web.sending import fields, sent

MOST_QUERIES = 8


def faulty(cast: Cast, number: int = 1) -> None:
    """Make sessions that overlap, as an import leaves them."""
    Session.objects.bulk_create(
        Session(
            tutor_student=cast.ben_ana,
            tutor=cast.ben,
            student=cast.ana,
            starts_at=at(1, 16, month=10),
            ends_at=at(1, 17, month=10),
            status="completed",
            legacy_fault="overlap",
        )
        for _ in range(number)
    )


def unlinked() -> None:
    """Make a session whose student is gone."""
    UnlinkedLegacyRow.objects.create(
        source_table="Session",
        source_id="s1",
        row={"startTime": "soon", "notes": "Kept <whole>", "title": None},
        reason="no_student",
    )


def test_a_quiet_day_says_so(oona: Client, cast: Cast) -> None:
    """Nothing waits and nothing is on."""
    booked(cast.ben_ana, at(20, 16))
    seen = read(oona, "/")
    assert "Mon 2 Nov 2026" in seen
    assert "Nothing is waiting for you." in seen
    assert "No sessions today." in seen
    assert "Students taught now 2 Active relationships 3" in seen


def test_a_tutors_numbers_are_the_tutors_own(ben: Client) -> None:
    """Cara teaches a student of Ben's too; her relationship is not counted among his."""
    assert "Students taught now 2 Active relationships 2" in read(ben, "/")


def test_numbers_of_the_week_and_the_month(oona: Client, cast: Cast) -> None:
    """By status, against the month before, hours by tutor and subject, and week by week."""
    for moment in (at(2, 7), at(20, 16, month=10), at(21, 16, month=10)):
        held = booked(cast.ben_ana, moment, moment + timedelta(minutes=90))
        complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    booked(cast.cara_ana, at(5, 16))
    seen = read(oona, "/")
    assert "Scheduled 1 1 Completed 1 1 Cancelled 0 0 No show 0 0" in seen
    assert "Sessions held 1 2 −1 Hours taught 1.5 3 −1.5 Students added 2 0 +2" in seen
    assert "Hours taught this month Tutor Subject Sessions Hours Ben Physics 1 1.5" in seen
    assert "Mon 19 Oct 2026 2 Mon 26 Oct 2026 0 Mon 2 Nov 2026 2" in seen


def test_a_tutor_reads_own_hours_only(cast: Cast, ben: Client) -> None:
    """What Cara taught is not in Ben's numbers."""
    held = booked(cast.cara_ana, at(2, 7))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk)
    booked(cast.ben_ana, at(20, 16))
    seen = read(ben, "/")
    assert "Completed 0 0" in seen
    assert "Hours taught this month" not in seen


def test_a_request_is_accepted_on_the_spot(dev: Client, ben: Client, cast: Cast) -> None:
    """Who was asked has the button; who only sees it reads that it waits."""
    asked = request(
        requester=Requester(user(cast.ben), NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk
    )
    assert "It waits for somebody else’s answer." in read(ben, "/")
    form = fields(dev.get("/"))
    answer = sent(dev, f"/relationships/{asked.pk}/accept", form)
    assert "The request is accepted." in words(answer)
    asked.refresh_from_db()
    assert asked.status == "active"


def test_today_is_the_readers_day(oona: Client, ben: Client, cast: Cast) -> None:
    """From midnight to midnight in the reader's zone, own sessions for a tutor."""
    booked(cast.ben_ana, at(2, 23, 30), at(2, 23, 45))
    booked(cast.cara_ana, at(2, 16))
    booked(cast.cara_ana, at(3, 0, 30))
    owners, bens = read(oona, "/"), read(ben, "/")
    assert "23:30 to 23:45" in owners
    assert "16:00 to 17:00" in owners
    assert "00:30" not in owners
    assert "16:00 to 17:00" not in bens
    cast.ben.time_zone = "Asia/Tokyo"
    cast.ben.save()
    assert "No sessions today" in read(ben, "/")


def test_now_and_next_are_said_in_words(oona: Client, cast: Cast) -> None:
    """What runs, and all that begin next: how long it is until then. Recorded, it is not now."""
    runs = booked(cast.ben_cleo, NOW - timedelta(minutes=10), NOW + timedelta(minutes=20))
    booked(cast.ben_ana, NOW + timedelta(minutes=24, seconds=30))
    booked(cast.cara_ana, NOW + timedelta(hours=5))
    seen = read(oona, "/")
    assert "08:50 to 09:20 Now Cleo Hart" in seen
    assert "09:24 to 10:24 Next, in 25 minutes Ana Ruiz" in seen
    assert seen.count("Next, in") == 1
    assert f'action="/sessions/{runs.pk}/held?from=today"' in oona.get("/").content.decode()
    complete(requester=Requester(None, NOW), session_id=runs.pk)
    assert " Now " not in read(oona, "/")
    Session.objects.filter(starts_at__gt=NOW, tutor=cast.ben).delete()
    assert "14:00 to 15:00 Next, in 5 hours Ana Ruiz" in read(oona, "/")


def test_what_waits_is_told(ben: Client, cast: Cast) -> None:
    """Requests, sessions not recorded, and faults each have a line."""
    booked(cast.ben_ana, at(1, 8))
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    faulty(cast)
    seen = read(ben, "/")
    assert "1 imported row needs attention" in seen
    assert "Who should teach whom? Ana Ruiz Dev Any subject Requested" in seen
    assert "Over, but not recorded yet Sun 1 Nov 2026 08:00 to 09:00" in seen


def test_attention_is_listed_by_kind_in_words(oona: Client, cast: Cast) -> None:
    """Each kind on its own page; rows that fit nowhere are shown whole."""
    faulty(cast)
    unlinked()
    Student.objects.create(full_name=" ", legacy_fault="blank_name")
    Tutor.objects.create(email="BEN@tandem.example", legacy_fault="duplicate_email")
    cast.ben_cleo.legacy_fault = "no_end_date"
    cast.ben_cleo.save()
    first = read(oona, "/attention")
    assert "Students 1 Tutors 1 Who teaches whom 1 Sessions 1 Without a place 1" in first
    assert "Name missing The name is missing." in first
    said = {
        "tutors": "BEN@tandem.example Another tutor has the same e-mail address.",
        "relationships": "It was marked as ended, but no end date was kept.",
        "sessions": "Needs attention: It overlaps another one.",
        "unlinked": "Session “soon” Everything that was kept notes Kept <whole> startTime soon",
    }
    for kind, expected in said.items():
        assert expected in read(oona, "/attention", kind=kind)
    assert oona.get("/attention?kind=ghosts").status_code == 404


def test_a_tutor_sees_own_faults_only(ben: Client, dev: Client, cast: Cast) -> None:
    """A session of Ben's is nothing to Dev, and what fits nowhere is the owner's alone."""
    faulty(cast)
    unlinked()
    assert "It overlaps another one" in read(ben, "/attention", kind="sessions")
    assert "Nothing. Every row" in read(dev, "/attention")
    assert ben.get("/attention?kind=unlinked").status_code == 404


def test_who_is_away_now_or_soon(oona: Client, ben: Client, cast: Cast) -> None:
    """The owner sees everybody who is, a tutor themselves; who is away next month is not told."""
    stays = booked(cast.ben_ana, at(5, 16))
    booked(cast.ben_ana, at(6, 16))
    for tutor, first, last in ((cast.ben, 4, 6), (cast.cara, 2, 3), (cast.dev, 12, 13)):
        starts, ends = at(first, 0), at(last, 0)
        TimeOff.objects.create(tutor=tutor, starts_at=starts, ends_at=ends)
    seen = read(oona, "/").split("Who is away?")[1]
    assert seen.index("Cara") < seen.index("Ben")
    assert "Wed 4 Nov 2026 to Thu 5 Nov 2026, all day 1 session stands then" in seen
    assert "Dev" not in seen.split("Sessions a week")[0]
    link = re.findall(r'href="(/sessions\?[^"]+)"', oona.get("/").content.decode())[0]
    listed = oona.get(unescape(link)).content.decode()
    assert re.findall(r"/sessions/(\w{26})", listed) == [stays.pk]
    assert "Cara" not in read(ben, "/").split("Who is away?")[1].split("Sessions a week")[0]


def test_where_nobody_is_away_nothing_is_said(oona: Client) -> None:
    """An empty heading would have to be read every day."""
    assert "Who is away?" not in read(oona, "/")


def test_more_rows_take_no_more_queries(oona: Client, cast: Cast) -> None:
    """Both pages ask as often for many rows as for few."""

    def queries() -> list[int]:
        numbers = []
        for path in ("/", "/attention", "/attention?kind=sessions"):
            with CaptureQueriesContext(connection) as captured:
                read(oona, path)
            numbers.append(len(captured))
        return numbers

    few = queries()
    faulty(cast, 60)
    booked(cast.ben_ana, at(2, 16))
    booked(cast.cara_ana, at(1, 16))
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    more = queries()
    assert few == more
    assert max(more) <= MOST_QUERIES
