"""Somebody who was erased is nowhere: no text of any table holds the name, nor an address."""

from datetime import date

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session as SignedIn
from django.db import connection
from django.test import Client

from tandem.lessons import erasure
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.time_off import add_time_off
from tandem.lessons.transfers import transfer
from tandem.people.actions import update_student, update_tutor
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, said
from tests.cast import NOW, Cast, at, booked, user
from tests.web.sending import send

NAME = "Quillfeather"
COLUMNS = """SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = current_schema()
  AND data_type IN ('text', 'character varying', 'jsonb', 'json')"""


def places_of(word: str) -> set[str]:
    """Return the columns, as table.column, that hold a word in any row."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text ILIKE %s)',
                [f"%{word}%"],
            )
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


@pytest.fixture
def busy(cast: Cast, oona: Client) -> Cast:
    """A tutor and a student of that name, whom everything was done to that leaves words."""
    owner = cast.owner
    dev = f"dev@{NAME}.example"
    update_tutor(
        requester=Requester(owner, NOW), tutor_id=cast.dev.pk,
        changes={"full_name": f"Dev {NAME}", "email": dev, "phone": f"tel:{NAME}"},
    )  # fmt: skip
    account = user(cast.dev)
    account.email, account.full_name = f"me@{NAME}.example", f"Dev {NAME}"
    account.save()
    update_student(
        requester=Requester(owner, NOW), student_id=cast.ana.pk,
        changes={"full_name": f"Ana {NAME}", "parent_email": f"home@{NAME}.example"},
    )  # fmt: skip
    session = booked(cast.ben_ana, at(17, 16))
    cover(requester=Requester(owner, NOW), session_id=session.pk, tutor_id=cast.dev.pk)
    covered_back = booked(cast.cara_ana, at(18, 16))
    cover(requester=Requester(owner, NOW), session_id=covered_back.pk, tutor_id=cast.dev.pk)
    transfer(
        requester=Requester(owner, NOW),
        student_id=cast.cleo.pk,
        to_tutor_id=cast.dev.pk,
        on=date(2026, 11, 2),
    )
    own = booked(TutorStudent.objects.get(tutor=cast.dev, student=cast.cleo), at(19, 16))
    cover(requester=Requester(owner, NOW), session_id=own.pk, tutor_id=cast.cara.pk)
    add_time_off(
        requester=Requester(owner, NOW),
        tutor_id=cast.dev.pk,
        starts_at=at(20, 9),
        ends_at=at(21, 9),
    )
    caller = Caller(owner)
    for number, path in enumerate((f"tutors/{cast.dev.pk}", f"students/{cast.ana.pk}")):
        said(
            caller.patch(
                path, {"phone": None} if not number else {"year": "9"}, {"Idempotency-Key": path}
            )
        )
    Client().force_login(account)
    return cast


def test_an_erased_tutor_is_nowhere(busy: Cast, oona: Client) -> None:
    """On a page; nor may they go on where they were signed in."""
    assert len(places_of(NAME)) > 5
    taught = TutorStudent.objects.filter(tutor=busy.dev, status__in=("active", "paused"))
    for link in taught.filter(ended_on=None):
        end(requester=Requester(busy.owner, NOW), tutor_student_id=link.pk)
    erasure.erase_student(requester=Requester(busy.owner, NOW), student_id=busy.ana.pk)
    send(oona, f"/tutors/{busy.dev.pk}/erase", sure="on")
    busy.dev.refresh_from_db()
    assert busy.dev.full_name == "Erased tutor"
    assert places_of(NAME) == set()
    signed_in = [row.get_decoded().get(SESSION_KEY) for row in SignedIn.objects.all()]
    assert signed_in == [busy.owner.pk]


def test_an_erased_student_is_nowhere(busy: Cast, oona: Client) -> None:
    """On a page; what the API answered of them, and kept to answer again, goes too."""
    update_tutor(
        requester=Requester(busy.owner, NOW), tutor_id=busy.dev.pk, changes={"full_name": "Dev"}
    )
    send(oona, f"/students/{busy.ana.pk}/erase", sure="on")
    assert {place for place in places_of(NAME) if "student" in place} == set()
    assert places_of(f"Ana {NAME}") == places_of(f"home@{NAME}") == set()
