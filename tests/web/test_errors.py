"""When something goes wrong: calm pages that say what happened and what to do."""

import pytest
from django.test import Client, RequestFactory

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError, TandemError, invalid
from tandem.web.errors import csrf_failed, refused
from tests.cast import Cast
from tests.web.reading import words


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (NotFoundError("student", "ana"), 404, "There is nothing here"),
        (ForbiddenError("Only an owner can do that."), 403, "Only an owner can do that."),
        (ConflictError("busy", "Ben is busy then."), 409, "Ben is busy then."),
        (invalid("q", "That is too long."), 422, "That is too long."),
    ],
)
def test_each_refusal_has_its_status(error: TandemError, status: int, said: str) -> None:
    """One map from the domain's refusals to pages; what was not found is not named."""
    answer = refused(RequestFactory().get("/"), error)
    assert answer.status_code == status
    assert said in words(answer)
    assert "ana" not in words(answer).split()


def test_a_page_that_is_not_there(db: None) -> None:
    """Ours, with a way on."""
    answer = Client().get("/nowhere")
    assert answer.status_code == 404
    assert "Go to the start page" in words(answer)


@pytest.mark.parametrize(
    "path", ["/students/%00", "/parent/%00", "/students?q=%00", "/tutors/a%00b"]
)
def test_a_nul_in_an_address_breaks_nothing(oona: Client, path: str) -> None:
    """The database cannot hold one, so nothing is there."""
    assert oona.get(path).status_code == 404


def test_a_form_without_its_proof_is_refused(cast: Cast) -> None:
    """The page says that nothing changed and what to do."""
    answer = Client(enforce_csrf_checks=True).post("/accounts/logout/")
    assert answer.status_code == 403
    assert "Please send that again" in words(answer)
    assert "Nothing was changed" in words(csrf_failed(RequestFactory().post("/")))


def test_a_fault_of_ours_is_owned(
    oona: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view that breaks gives a page that needs neither database nor request."""
    oona.raise_request_exception = False
    monkeypatch.setattr("tandem.web.views.home.counted", None)
    answer = oona.get("/")
    assert answer.status_code == 500
    assert "The fault is ours" in words(answer)


@pytest.mark.parametrize(
    "name", ["tandem/tandem.css", "tandem/tandem.js", "django_htmx/htmx-2.min.js"]
)
def test_static_files_come_from_the_package(db: None, name: str) -> None:
    """With DEBUG off and no collection step, from the site itself."""
    answer = Client().get(f"/static/{name}")
    assert answer.status_code == 200
    assert "max-age" in answer["Cache-Control"]
