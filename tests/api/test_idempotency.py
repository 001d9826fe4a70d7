"""Idempotency-Key: what is sent twice happens once, and a crash separates nothing."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from tandem.api.models import KeptAnswer
from tandem.people.models import Account, Student
from tests.api.client import Caller, refusal, said
from tests.api.conftest import Clock
from tests.cast import NOW, Cast
from tests.once import gathered
from tests.together import together

KEY = {"Idempotency-Key": "a1"}


def enrolment(name: str = "Eva") -> dict[str, Any]:
    """Return the body of a new student."""
    return {"fullName": name, "subject": "Latin"}


def test_the_first_answer_is_repeated(cast: Cast, dev: Caller) -> None:
    """The same body and key make one student; the second answer is the first, and says so."""
    first, second = (dev.post("students", enrolment(), KEY) for _ in range(2))
    assert said(first, 201) == said(second, 201)
    assert (first["ETag"], first["Location"]) == (second["ETag"], second["Location"])
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Student.objects.filter(full_name="Eva").count() == 1


def test_a_key_stands_for_one_request(cast: Cast, dev: Caller, owner: Caller) -> None:
    """With another body or path it is refused; another account has keys of its own."""
    said(dev.post("students", enrolment(), KEY), 201)
    refusal(dev.post("students", enrolment("Flo"), KEY), 422, "invalid")
    refusal(dev.patch(f"students/{cast.ana.pk}", {"year": "9"}, KEY), 422, "invalid")
    said(owner.post("students", enrolment("Flo") | {"tutorId": cast.dev.pk}, KEY), 201)


def test_a_kept_answer_holds_no_link(cast: Cast, dev: Caller) -> None:
    """The parents' link in it is sealed, and stands in the answer that is repeated."""
    token = said(dev.post("students", enrolment(), KEY), 201)["student"]["parentLinkToken"]
    kept = KeptAnswer.objects.get()
    assert token not in kept.body
    assert '"parentLinkToken":"aes-siv:' in kept.body
    again = said(dev.post("students", enrolment(), KEY), 201)["student"]
    assert again["parentLinkToken"] == token


def test_a_refusal_is_repeated_too(cast: Cast, owner: Caller) -> None:
    """A conflict stays a conflict under its key."""
    body = {"tutorId": cast.ben.pk, "studentId": cast.ana.pk, "subject": "Physics"}
    refusal(owner.post("tutor-students", body, KEY), 409, "conflict")
    repeated = owner.post("tutor-students", body, KEY)
    refusal(repeated, 409, "conflict")
    assert repeated["Idempotent-Replayed"] == "true"


def test_what_could_not_be_read_may_be_put_right(cast: Cast, dev: Caller) -> None:
    """A slip in the body uses no key up; nor does a key that is too long do anything."""
    refusal(dev.post("students", {"fulName": "Eva"}, KEY), 422, "invalid")
    refusal(dev.post("students", {"fullName": " "}, KEY), 422, "invalid")
    said(dev.post("students", enrolment(), KEY), 201)
    refusal(dev.post("students", enrolment(), {"Idempotency-Key": "k" * 256}), 422, "invalid")
    assert Student.objects.filter(full_name="Eva").count() == 1


def test_a_precondition_that_fails_uses_no_key_up(cast: Cast, owner: Caller) -> None:
    """After reading again, the same key carries the change."""
    path = f"students/{cast.ana.pk}"
    stale = {**KEY, "If-Match": '"old"'}
    refusal(owner.patch(path, {"year": "11"}, stale), 412, "changed")
    fresh = {**KEY, "If-Match": owner.get(path)["ETag"]}
    said(owner.patch(path, {"year": "11"}, fresh))


def test_a_key_is_forgotten_after_a_day(cast: Cast, dev: Caller, clock: Clock) -> None:
    """Within 24 hours it is repeated, after them it is a new request; other keys stay."""
    said(dev.post("students", enrolment(), KEY), 201)
    said(dev.post("students", enrolment(), {"Idempotency-Key": "another"}), 201)
    clock.now = NOW + timedelta(hours=24)
    assert dev.post("students", enrolment(), KEY)["Idempotent-Replayed"] == "true"
    clock.now = NOW + timedelta(hours=24, seconds=1)
    assert "Idempotent-Replayed" not in dev.post("students", enrolment(), KEY)
    kept = {row.key: row.created_at for row in KeptAnswer.objects.all()}
    assert kept == {KEY["Idempotency-Key"]: clock.now, "another": NOW}


def test_an_erased_person_is_in_no_kept_answer(cast: Cast, owner: Caller) -> None:
    """Answers that name Ana go with her; Cleo's stays."""
    for student in (cast.ana, cast.cleo):
        key = {"Idempotency-Key": student.pk}
        said(owner.patch(f"students/{student.pk}", {"year": "9"}, key))
    said(owner.post(f"students/{cast.ana.pk}/erase"))
    assert [row.key for row in KeptAnswer.objects.all()] == [cast.cleo.pk]


@pytest.mark.django_db(transaction=True)
def test_two_that_come_at_once_happen_once(transactional_db: None) -> None:
    """Five at the same moment: one student, one answer five times over."""
    cast = gathered()
    owner = Caller(cast.owner)
    body = enrolment() | {"tutorId": cast.dev.pk}
    answers = together(*[partial(owner.post, "students", body, KEY)] * 5)
    assert len({said(one, 201)["student"]["id"] for one in answers}) == 1
    assert Student.objects.filter(full_name="Eva").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_its_action_are_one(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash while the answer is kept takes the student along; then the key is free again."""
    cast = gathered()
    owner = Caller(cast.owner)
    owner.client.raise_request_exception = False  # what a crash answers is seen from outside
    body = enrolment() | {"tutorId": cast.dev.pk}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE api_keptanswer ADD CONSTRAINT crash CHECK (status <> 201)")
    try:
        refusal(owner.post("students", body, KEY), 500, "internal")
        assert not Student.objects.filter(full_name="Eva").exists()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE api_keptanswer DROP CONSTRAINT crash")
    said(owner.post("students", body, KEY), 201)


def test_an_answer_is_not_told_again_after_access_ended(
    cast: Cast, dev: Caller, owner: Caller, clock: Clock
) -> None:
    """Who teaches on hears it; who does no longer hears that it was done, and no more."""
    made = said(dev.post("students", enrolment(), KEY), 201)["student"]
    other = {"Idempotency-Key": "b2"}
    said(dev.post("students", enrolment("Flo"), other), 201)
    link = made["tutorStudents"][0]["id"]
    said(owner.post(f"tutor-students/{link}/end", {}))
    clock.now = NOW + timedelta(hours=20)
    problem = refusal(dev.post("students", enrolment(), KEY), 403, "forbidden")
    assert "This was done" in problem["detail"]
    assert made["parentLinkToken"] not in str(problem)
    assert said(dev.post("students", enrolment("Flo"), other), 201)["student"]["fullName"] == "Flo"
    assert Student.objects.filter(full_name="Eva").count() == 1


def test_an_owners_answer_is_not_told_to_who_is_none_any_more(cast: Cast, owner: Caller) -> None:
    """Whatever key of the same account asks."""
    body = {"fullName": "Eva", "tutorId": cast.dev.pk}
    said(owner.post("students", body, KEY), 201)
    said(owner.post("students", body, KEY), 201)
    Account.objects.filter(pk=cast.owner.pk).update(is_owner=False)
    refusal(owner.post("students", body, KEY), 403, "forbidden")
