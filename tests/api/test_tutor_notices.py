"""What tutors are told by mail of their diary, chosen over the API."""

import pytest

from tandem.lessons.diary_letters import kinds_told
from tests.api.client import Caller, refusal, said
from tests.cast import Cast
from tests.lessons.post import switched_on

EVERY = ["planned", "moved", "cancelled", "covered"]


def test_a_tutor_chooses_what_they_are_told(cast: Cast, owner: Caller, ben: Caller) -> None:
    """All of it until they chose; what is sent is all, in one order; nothing is a choice too."""
    path = f"tutors/{cast.ben.pk}/notices"
    assert said(ben.get(path)) == {"kinds": EVERY, "on": False}
    switched_on(cast)
    assert said(ben.put(path, {"kinds": ["covered", "moved", "moved"]})) == {
        "kinds": ["moved", "covered"],
        "on": True,
    }
    assert kinds_told(cast.ben.pk) == ["moved", "covered"]
    assert said(owner.get(path))["kinds"] == ["moved", "covered"]
    assert said(owner.put(path, {"kinds": []}))["kinds"] == []
    assert kinds_told(cast.cara.pk) == EVERY


@pytest.mark.parametrize("body", [{"kinds": ["reminder"]}, {"kinds": None}, {}, {"kinds": "moved"}])
def test_what_is_no_choice_is_refused(cast: Cast, ben: Caller, body: object) -> None:
    refusal(ben.put(f"tutors/{cast.ben.pk}/notices", body), 422, "invalid")
    assert kinds_told(cast.ben.pk) == EVERY


def test_nobody_chooses_for_another_tutor(cast: Cast, ben: Caller, dev: Caller) -> None:
    """A co-tutor is refused, for others there is no such tutor; an owner may."""
    for method in ("get", "put"):
        body: dict[str, list[str]] | None = {"kinds": []} if method == "put" else None
        refusal(ben.send(method, f"tutors/{cast.cara.pk}/notices", body), 403, "forbidden")
        refusal(dev.send(method, f"tutors/{cast.ben.pk}/notices", body), 404, "not-found")
    assert kinds_told(cast.cara.pk) == kinds_told(cast.ben.pk) == EVERY


def test_it_is_written_on_what_was_read(cast: Cast, ben: Caller) -> None:
    """If-Match holds for the tutor that the address names, as for the other parts of one."""
    path = f"tutors/{cast.ben.pk}/notices"
    refusal(ben.put(path, {"kinds": []}, {"If-Match": '"0000"'}), 412, "changed")
    assert kinds_told(cast.ben.pk) == EVERY
