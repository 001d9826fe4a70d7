"""What somebody typed stays text: in pages, in searches, in headers, in formats."""

import html

import pytest
from django.test import Client

from tandem.people.models import Student
from tests.api.client import Caller, refusal, said
from tests.cast import Cast
from tests.web.reading import read

MARKUP = "<img src=x onerror=alert(1)>\"'><b>Ana</b>"
FORMAT = "{0.__class__} {name} %s %(id)s {{ 7|add:7 }} {% now 'Y' %}"


@pytest.fixture
def oona(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.owner)
    return client


def renamed(cast: Cast, name: str) -> None:
    said(Caller(cast.owner).patch(f"students/{cast.ana.pk}", {"fullName": name}))


def pages_of(cast: Cast, oona: Client) -> dict[str, str]:
    """Return every page that says the student's name, by its address."""
    name = {"q": Student.objects.get(pk=cast.ana.pk).full_name[:12]}
    paths = ("/", "/students", "/sessions", f"/students/{cast.ana.pk}", f"/tutors/{cast.ben.pk}")
    pages = {path: oona.get(path).content.decode() for path in paths}
    pages["search"] = oona.get("/students", name).content.decode()
    parent = f"/parent/{cast.ana.parent_link_token}"
    return {**pages, parent: Client().get(parent).content.decode()}


def test_a_name_is_no_markup(cast: Cast, oona: Client) -> None:
    """It is escaped wherever it is shown; in JSON it is a text."""
    renamed(cast, MARKUP)
    pages = pages_of(cast, oona)
    assert html.escape("<img src=x") in pages[f"/students/{cast.ana.pk}"]
    for path, page in pages.items():
        assert "<img src=x" not in page, path
        assert "<b>Ana</b>" not in page, path
    shown = said(Caller(cast.owner).get(f"students/{cast.ana.pk}"))
    assert shown["student"]["fullName"] == MARKUP


def test_a_name_is_no_format(cast: Cast, oona: Client) -> None:
    """Braces and percent signs stand as they were typed."""
    renamed(cast, FORMAT)
    assert FORMAT in read(oona, f"/students/{cast.ana.pk}")
    for path, page in pages_of(cast, oona).items():
        assert "class 'str'" not in page, path


@pytest.mark.parametrize("typed", ["' OR 1=1 --", "x'); DROP TABLE people_student; --", "%", "_"])
def test_a_search_is_no_sql(cast: Cast, typed: str) -> None:
    """It finds whom it is in the name of, and nobody else."""
    owner = Caller(cast.owner)
    assert said(owner.get("students", q=typed))["students"] == []
    renamed(cast, f"Ana {typed} Ruiz")
    assert [one["id"] for one in said(owner.get("students", q=typed))["students"]] == [cast.ana.pk]


@pytest.mark.parametrize("number", ["9" * 30, "-1", "1e9", "0x10", "2147483648"])
def test_a_number_out_of_range_is_refused(cast: Cast, oona: Client, number: str) -> None:
    """In a query, in a body, in an address."""
    refusal(Caller(cast.owner).get("students", limit=number), 422, "invalid")
    body = {"capacity": int(number) if number.lstrip("-").isdigit() else number}
    problem = refusal(Caller(cast.owner).patch(f"tutors/{cast.ben.pk}", body), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["capacity"]
    assert oona.get(f"/account/devices/{number}/end").status_code == 404


@pytest.mark.parametrize("name", ['a"; filename="evil.html', "../../evil", "ü\u2028x"])
def test_a_downloads_name_breaks_no_header(cast: Cast, oona: Client, name: str) -> None:
    """It is made of the kind and the day, never of what somebody typed."""
    renamed(cast, name)
    file = oona.get(f"/students/{cast.ana.pk}/export/file")
    if file.status_code == 302:
        pytest.fail("the session is fresh, so nothing has to be asked again")
    assert "evil" not in file["Content-Disposition"]
    assert str(file["Content-Disposition"]).startswith('attachment; filename="student-')


@pytest.mark.parametrize("field", ["isOwner", "parentLinkToken", "id", "createdAt"])
def test_a_field_that_nobody_asked_for_is_refused(cast: Cast, field: str) -> None:
    """Nothing is set beside what an operation is for; the rest of the body is not taken either."""
    owner = Caller(cast.owner)
    body = {"year": "12", field: "x"}
    problem = refusal(owner.patch(f"students/{cast.ana.pk}", body), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == [field]
    student = Student.objects.get(pk=cast.ana.pk)
    assert (student.year, student.parent_link_token) == ("10", cast.ana.parent_link_token)
