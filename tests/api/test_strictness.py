"""Input that is none, too much, or not what it should be is refused in one voice."""

from typing import Any

import pytest

from tandem.people.models import Student
from tests.api.client import Caller, refusal, said
from tests.cast import Cast

NAMED = '{"fullName": "%s"}'


@pytest.mark.parametrize("body", ["", "{", "not json", "[" * 5000, '{"year": NaN', b"\xff\xfe"])
def test_a_body_that_is_no_json_is_refused(cast: Cast, ben: Caller, body: Any) -> None:
    """Whatever is wrong with it, and nothing is changed."""
    response = ben.patch(f"students/{cast.ana.pk}", body)
    assert response.status_code in {400, 422}
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("body", ["[]", "null", '"Ana"', "7"])
def test_json_that_is_no_object_is_refused(cast: Cast, ben: Caller, body: str) -> None:
    """Lists, texts and numbers are JSON, but no changes."""
    refusal(ben.patch(f"students/{cast.ana.pk}", body), 422, "invalid")


@pytest.mark.parametrize("text", ["a\\u0000b", "a\\ud800b"])
def test_text_that_cannot_be_stored_is_refused(cast: Cast, ben: Caller, text: str) -> None:
    """NUL and half a surrogate pair, by field."""
    problem = refusal(ben.patch(f"students/{cast.ana.pk}", NAMED % text), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["fullName"]


def test_nul_in_an_address_or_a_query_is_refused(cast: Cast, owner: Caller) -> None:
    """Nobody has such an id, and nothing matches such a filter."""
    refusal(owner.get("students/a%00b"), 404, "not-found")
    refusal(owner.get("students", q="a\0b"), 422, "invalid")


def test_a_large_body_is_refused_unread(cast: Cast, ben: Caller) -> None:
    """A megabyte is enough for anybody's notes."""
    path = f"students/{cast.ana.pk}"
    refusal(ben.patch(path, NAMED % ("a" * 1_000_000)), 413, "too-large")
    refusal(ben.patch(path, NAMED % ("a" * 501)), 422, "invalid")


def test_an_id_of_another_table_is_not_found(cast: Cast, owner: Caller) -> None:
    """A student's id is no tutor's, no relationship's and no session's."""
    for kind in ("tutors", "tutor-students", "sessions"):
        refusal(owner.get(f"{kind}/{cast.ana.pk}"), 404, "not-found")


def test_an_address_that_is_none_is_a_problem_too(cast: Cast, owner: Caller) -> None:
    """As JSON, like everything here; and what is not allowed says what is."""
    refusal(owner.get("pupils"), 404, "not-found")
    response = owner.delete("students")
    refusal(response, 405, "method-not-allowed")
    assert response["Allow"] == "GET, POST"


def test_what_can_be_read_can_be_asked_for_its_headers(cast: Cast, owner: Caller) -> None:
    """HEAD answers as GET does, with no body."""
    path = f"/api/students/{cast.ana.pk}"
    headers = owner.client.head(path, headers=owner.headers)
    assert (headers.status_code, headers.content) == (200, b"")
    assert headers["ETag"] == owner.client.get(path, headers=owner.headers)["ETag"]


def test_every_field_that_is_wrong_is_named(cast: Cast, ben: Caller) -> None:
    """Two shapes at once; then two meanings at once."""
    path = f"students/{cast.ana.pk}"
    problem = refusal(ben.patch(path, {"active": "yes", "year": 10}), 422, "invalid")
    assert {one["field"] for one in problem["errors"]} == {"active", "year"}
    body = {"parentEmail": "nobody", "timeZone": "Mars/Base"}
    problem = refusal(ben.patch(path, body), 422, "invalid")
    assert {one["field"] for one in problem["errors"]} == {"parentEmail", "timeZone"}
    assert Student.objects.get(pk=cast.ana.pk).year == "10"


def test_answers_are_not_for_shared_caches(cast: Cast, owner: Caller) -> None:
    """Nor are refusals; and each depends on who asks, a compressed one also on how."""
    for response in (owner.get("students"), owner.get("students/nobody")):
        assert response["Cache-Control"] == "private, no-cache"
        varies = response["Vary"].split(", ")
        assert set(varies) - {"Accept-Encoding"} == {"Authorization", "Cookie"}
    said(owner.get("students"))


@pytest.mark.parametrize("body", ["[]", "null", '"Ana"', "7"])
def test_json_that_is_no_object_is_refused_in_words(cast: Cast, owner: Caller, body: str) -> None:
    """What is sent is a JSON object: no name of ours is in the sentence."""
    for path in ("policies/cancellation", f"students/{cast.ana.pk}"):
        problem = refusal(owner.patch(path, body), 422, "invalid")
        (error,) = problem["errors"]
        assert error == {"field": "body", "message": "Send a JSON object, like {} with its fields."}
