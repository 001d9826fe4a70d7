"""Who changed what of people, over the API: for owners, a page at a time, newest first."""

import pytest

from tandem.people.record_reads import NotedReads
from tests.api.client import Caller, refusal, said
from tests.api.test_matrix import older_parent
from tests.cast import NOW, Cast, user


def test_an_owner_reads_who_changed_what(cast: Cast, owner: Caller, ben: Caller) -> None:
    """With from and to; of a key only that it changed."""
    path = f"students/{cast.ana.pk}"
    said(ben.patch(path, {"phone": "1"}))
    said(owner.patch(path, {"phone": "2", "year": "9"}))
    said(owner.post(f"{path}/parent-link"))
    link, both, phone, *_ = said(owner.get(f"{path}/changes"))["changes"]
    assert [one["name"] for one in link["columns"]] == ["parentLinkToken"]
    assert link["columns"][0] == {
        "name": "parentLinkToken", "isTold": False, "before": None, "after": None
    }  # fmt: skip
    assert (both["what"], both["of"], both["by"]) == ("changed", "student", "Oona")
    told = {one["name"]: (one["before"], one["after"]) for one in both["columns"]}
    assert told["phone"] == ("1", "2")
    assert told["year"][1] == "9"
    assert (phone["by"], phone["columns"][0]["after"]) == ("Ben", "1")


def test_a_tutors_changes_tell_of_the_account_too(cast: Cast, owner: Caller) -> None:
    said(owner.patch(f"tutors/{cast.ben.pk}", {"phone": "1"}))
    changes = said(owner.get(f"tutors/{cast.ben.pk}/changes"))["changes"]
    assert changes[0]["of"] == "tutor"
    assert {"account"} <= {one["of"] for one in changes}


def test_of_an_account_of_its_own(cast: Cast, owner: Caller, ben: Caller) -> None:
    """An owner who is no tutor has one too; whose account it is does not read it."""
    changes = said(owner.get(f"accounts/{cast.owner.pk}/changes"))["changes"]
    assert {one["of"] for one in changes} <= {"account", "apiToken"}
    assert "apiToken" in {one["of"] for one in changes}
    refusal(ben.get(f"accounts/{user(cast.ben).pk}/changes"), 403, "forbidden")
    refusal(ben.get(f"accounts/{cast.owner.pk}/changes"), 404, "not-found")


def test_page_by_page(cast: Cast, owner: Caller) -> None:
    """Nothing twice, nothing missed, also among lines of one moment."""
    path = f"students/{cast.ana.pk}"
    for phone in "123":
        said(owner.patch(path, {"phone": phone}))
    whole = [one["id"] for one in said(owner.get(f"{path}/changes"))["changes"]]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        part = said(owner.get(f"{path}/changes", None, limit=1, **cursor))
        seen += [one["id"] for one in part["changes"]]
        if part["next"] is None:
            break
        cursor = {"cursor": part["next"]}
    assert seen == whole
    assert len(whole) > 2


def test_tutors_are_refused(cast: Cast, ben: Caller) -> None:
    """Also of themselves."""
    refusal(ben.get(f"students/{cast.ana.pk}/changes"), 403, "forbidden")
    refusal(ben.get(f"tutors/{cast.ben.pk}/changes"), 403, "forbidden")


def test_who_read_a_record(cast: Cast, owner: Caller, ben: Caller) -> None:
    """For owners, a line for an account and day; whose account is gone has no name."""
    path = f"students/{cast.ana.pk}"
    noted = NotedReads()
    noted.note(cast.owner.pk, cast.ana.pk, NOW)
    noted.write()
    (line,) = said(owner.get(f"{path}/reads"))["reads"]
    assert (line["by"], line["accountId"]) == ("Oona", cast.owner.pk)
    refusal(ben.get(f"{path}/reads"), 403, "forbidden")


def test_a_read_by_the_parents_older_account(
    cast: Cast, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address names no student, and the read is noted all the same."""
    noted = NotedReads()
    monkeypatch.setattr("tandem.api.routes.students.noted", noted)
    said(owner.get(f"students/parent/{older_parent(cast.ana).pk}"))
    noted.write()
    (line,) = said(owner.get(f"students/{cast.ana.pk}/reads"))["reads"]
    assert line["by"] == "Oona"
