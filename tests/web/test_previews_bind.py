"""Each page of a wide change does what it showed, or shows what would happen now."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from tandem.lessons.models import Session
from tandem.lessons.transfers import transfer
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast, at, booked, link
from tests.web.reading import words
from tests.web.sending import fields, sent

ON = "2026-11-16"


def _undoable(cast: Cast) -> str:
    transfer(
        requester=Requester(None, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=date(2026, 11, 16),
    )
    return reverse("undo_transfer", args=[link(cast.dev, cast.ana).pk])


PAGES: dict[str, Callable[[Cast], tuple[str, dict[str, str]]]] = {
    "end": lambda cast: (f"/relationships/{cast.ben_ana.pk}/end", {"on": ON}),
    "transfer": lambda cast: (
        f"/relationships/{cast.ben_ana.pk}/transfer",
        {"to_tutor_id": cast.dev.pk, "on": ON, "future_sessions": "move"},
    ),
    "hand over": lambda cast: (
        f"/tutors/{cast.ben.pk}/transfer",
        {"to_tutor_id": cast.dev.pk, "on": ON, "future_sessions": "move"},
    ),
    "erase": lambda cast: (f"/students/{cast.ana.pk}/erase", {}),
    "undo": lambda cast: (_undoable(cast), {}),
}


@pytest.mark.parametrize("kind", PAGES)
def test_what_changed_since_the_look_is_looked_at_again(
    oona: Client, cast: Cast, kind: str
) -> None:
    """A session was moved meanwhile: nothing is done, the page shows it, and then it is done."""
    row = booked(cast.ben_ana, at(17, 16))
    path, asked = PAGES[kind](cast)
    form = fields(oona.get(path, asked))
    assert form["plan"]
    Session.objects.filter(pk=row.pk).update(
        starts_at=at(17, 18), ends_at=at(17, 19), title="Later"
    )
    before = [list(model.objects.order_by("pk").values()) for model in (TutorStudent, Session)]
    refused = sent(oona, path, form)
    assert refused.status_code == 409
    assert "Something has changed since you looked, so nothing was done." in words(refused)
    assert re.search(r"What differs: .*(a lesson has|the sessions have) changed", words(refused))
    assert [
        list(model.objects.order_by("pk").values()) for model in (TutorStudent, Session)
    ] == before
    done = sent(oona, path, fields(refused))
    assert done.status_code == 200
    assert "Something has changed" not in words(done)
    assert Session.objects.filter(pk=row.pk, starts_at=at(17, 18), tutor=cast.ben).exists() == (
        kind in {"end", "undo"}
    )


def test_a_form_without_what_was_looked_at_does_nothing(oona: Client, cast: Cast) -> None:
    """Whoever took the field out of the page has not looked."""
    path, _ = PAGES["erase"](cast)
    form = fields(oona.get(path))
    assert sent(oona, path, {**form, "plan": ""}).status_code == 409
    assert sent(oona, path, {**form, "plan": "AAAA"}).status_code == 422
    assert Student.objects.filter(pk=cast.ana.pk).exists()
