"""No page asks the database more than eight times, however it is filled."""

from datetime import date, time

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.kit.weekly import Weekly
from tandem.lessons.availability import set_availability
from tandem.lessons.models import Session, TimeOff
from tandem.lessons.transfers import transfer
from tandem.people.actions import set_subjects
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.people.tokens import create_token
from tandem.relationships.requests import request
from tandem.upgrade.models import UnlinkedLegacyRow
from tests.cast import NOW, Cast, at, booked, user
from tests.web.reading import read

MOST_QUERIES = 8


def too_many(client: Client, paths: list[str]) -> dict[str, int]:
    """Return the pages that ask more often, and how often."""
    found = {}
    for path in paths:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200, path
        if len(captured) > MOST_QUERIES:
            found[path] = len(captured)
    return found


def test_pages_and_forms_ask_little(oona: Client, dev: Client, cast: Cast) -> None:
    """Every page that an owner reads, but for previews, and a request as who was asked sees it."""
    session = booked(cast.ben_ana, at(9, 16))
    Session.objects.filter(pk=booked(cast.ben_ana, at(10, 16)).pk).update(legacy_fault="overlap")
    faulty = Session.objects.get(legacy_fault="overlap")
    row = UnlinkedLegacyRow.objects.create(
        source_table="Session", source_id="s1", row={"studentId": cast.ana.pk}, reason="no_student"
    )
    for number in range(12):
        create_token(account=user(cast.ben if number % 2 else cast.cara), now=NOW, name="Report")
    asked = request(
        requester=Requester(user(cast.ben), NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk
    )
    booked(cast.cara_ana, at(20, 16))
    away = TimeOff.objects.create(tutor=cast.cara, starts_at=at(19, 0), ends_at=at(22, 0))
    ana, ben, link = cast.ana.pk, cast.ben.pk, cast.ben_ana.pk
    paths = [
        *("/", "/students", "/students/new", "/tutors", "/tutors/new", "/attention", "/sessions"),
        *("/calendar", f"/calendar?tutor={ben}", "/calendar?view=month", f"/sessions/{session.pk}"),
        *("/calendar/plan", f"/calendar?view=day&tutor={ben}"),
        *(f"/students/{ana}{query}" for query in ("", "?as_of=2026-11-09")),
        *(
            f"/students/{ana}/{page}"
            for page in ("edit", "pair", "ask", "link", "mail", "sessions")
        ),
        f"/relationships/{link}",
        *(f"/relationships/{link}/{page}" for page in ("subject", "pause", "end", "transfer")),
        *(f"/relationships/{link}/{page}" for page in ("notes", "sessions/new")),
        *(f"/sessions/{session.pk}/{verb}" for verb in ("complete", "edit", "move", "cancel")),
        *(f"/tutors/{ben}", f"/tutors/{cast.cara.pk}/time-off/{away.pk}/cover"),
        *(f"/tutors/{ben}/{page}" for page in ("edit", "subjects", "invite", "transfer")),
        *("/account", "/account/tokens/new", "/account/address", "/accounts"),
        *(f"/accounts/{user(cast.ben).pk}/{page}" for page in ("close", "reopen", "address")),
        f"/attention/sessions/{faulty.pk}",
        *(f"/attention/unlinked/{row.pk}?q=ana", f"/attention/unlinked/of/{ana}"),
    ]
    assert too_many(oona, paths) == {}
    assert too_many(dev, ["/", f"/relationships/{asked.pk}", f"/students/{ana}"]) == {}


def test_a_tutors_own_page_asks_little_with_all_that_can_stand_there(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """Subjects, a week, absences ahead with lessons in them, and whom students went to."""
    owner = Requester(cast.owner, NOW)
    taught = [Taught("Physics"), Taught("Maths", "expert")]
    set_subjects(requester=owner, tutor_id=cast.ben.pk, subjects=taught)
    spans = [Weekly(day, time(9), time(18)) for day in range(5)]
    set_availability(requester=owner, tutor_id=cast.ben.pk, spans=spans)
    booked(cast.ben_ana, at(20, 16))
    transfer(
        requester=owner,
        student_id=cast.cleo.pk,
        to_tutor_id=cast.dev.pk,
        on=date(2026, 11, 9),
    )
    for day in (19, 26):
        TimeOff.objects.create(tutor=cast.ben, starts_at=at(day, 0), ends_at=at(day + 3, 0))
    pages = [f"/tutors/{cast.ben.pk}{asked}" for asked in ("", "?which=past")]
    for client in (oona, ben):
        assert too_many(client, pages) == {}
        seen = read(client, pages[0])
        assert "1 lesson in it: Fri 20 Nov 2026, 16:00, Ana Ruiz" in seen
        assert "No lessons in it." in seen
        assert "Ben will hand over to" in seen


def test_previews_ask_as_often_for_many_sessions_as_for_few(oona: Client, cast: Cast) -> None:
    """They lock what they look at, so they ask more, but no more for more rows."""
    transfer = f"to_tutor_id={cast.dev.pk}&on=2026-11-03&future_sessions=move"
    paths = [
        f"/relationships/{cast.ben_ana.pk}/end?on=2026-11-03",
        f"/relationships/{cast.ben_ana.pk}/transfer?{transfer}",
        f"/tutors/{cast.ben.pk}/transfer?{transfer}",
    ]

    def queries() -> list[int]:
        numbers = []
        for path in paths:
            with CaptureQueriesContext(connection) as captured:
                assert oona.get(path).status_code == 200
            numbers.append(len(captured))
        return numbers

    booked(cast.ben_ana, at(9, 16))
    few = queries()
    for day in range(10, 25):
        booked(cast.ben_ana, at(day, 16))
    assert queries() == few
