"""Weak links of parents: found, made anew all at once, and listed until they are sent."""

import pytest
from django.db import connection

from tandem.kit.errors import ConflictError, ForbiddenError
from tandem.lessons.parent_links import opened_by_link
from tandem.people.link_strength import Weakness, weakness
from tandem.people.models import Student
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.people.weak_links import (
    fingerprint,
    links_to_send,
    links_told,
    rotate_weak_links,
    weak_links,
)
from tests.cast import NOW, Cast, user


def weaken(**tokens: str) -> None:
    """Give students imported links, by name."""
    for name, token in tokens.items():
        Student.objects.filter(full_name__startswith=name).update(kept_link=token)


def found(cast: Cast) -> dict[str, Weakness]:
    """Return the owner's weak links, by name."""
    rows = weak_links(viewer_of(cast.owner))
    return {one.student.full_name.split()[0]: one.why for one in rows}


def test_weak_links_are_found_and_strong_ones_not(cast: Cast) -> None:
    """Tandem's own are none; imported ones are named with what is wrong with them."""
    assert found(cast) == {}
    weaken(Ana="ana-ruiz-2024-progress-page-of-ana", Cleo="4711")
    assert found(cast) == {"Ana": Weakness.PATTERN, "Cleo": Weakness.DIGITS}
    weaken(Ana="0b0e4c1e-7a39-4e4f-a52e-3f9f7f0f6a77", Cleo="ckopqwooh000001la8mbi2im9")
    assert found(cast) == {}


@pytest.mark.parametrize(
    "token",
    [
        "AnaRuizProgressPageForParents202",
        "Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab",
        "Zz9999999999999999999999999999-_",
        "Abcdefghijklmnopqrstuvwxyz123456",
    ],
)
def test_what_looks_like_our_own_is_looked_at_too(cast: Cast, token: str) -> None:
    """The database leaves out what cannot be weak, and no more than that."""
    assert weakness(token, ["Ana Ruiz"])
    weaken(Ana=token)
    assert found(cast) == {"Ana": Weakness.PATTERN}


def test_they_are_made_anew_all_at_once(cast: Cast) -> None:
    """The weak ones alone; the new ones open, and wait to be sent."""
    weaken(Ana="ana", Cleo="4711")
    zoe = Student.objects.create(full_name="Zoe", kept_link="f" + "3k9q7x2m8w5z1v4b6n0c")
    seen = fingerprint(weak_links(viewer_of(None)))
    made = rotate_weak_links(requester=Requester(cast.owner, NOW), expect=seen)
    assert [one.full_name for one in made] == ["Ana Ruiz", "Cleo Hart"]
    assert found(cast) == {}
    zoe.refresh_from_db()
    assert zoe.parent_link_token == "f3k9q7x2m8w5z1v4b6n0c"
    waiting = links_to_send(viewer_of(cast.owner))
    assert [one.student.full_name for one in waiting] == ["Ana Ruiz", "Cleo Hart"]
    for one in waiting:
        token = one.student.parent_link_token or ""
        assert opened_by_link(token, address="a", now=NOW).student == one.student


def test_what_was_looked_at_is_what_is_made_anew(cast: Cast) -> None:
    """One that came meanwhile is not replaced unseen, and nothing else is either."""
    weaken(Ana="ana")
    seen = fingerprint(weak_links(viewer_of(cast.owner)))
    weaken(Cleo="4711")
    with pytest.raises(ConflictError) as refused:
        rotate_weak_links(requester=Requester(cast.owner, NOW), expect=seen)
    assert refused.value.reason == "changed_since_preview"
    assert set(found(cast)) == {"Ana", "Cleo"}


def test_a_link_waits_until_it_is_opened_told_or_made_anew(cast: Cast) -> None:
    """Who has opened it has it."""
    weaken(Ana="ana", Cleo="4711")
    rotate_weak_links(requester=Requester(cast.owner, NOW))
    cast.ana.refresh_from_db()
    opened_by_link(cast.ana.parent_link_token or "", address="a", now=NOW)
    assert [one.student for one in links_to_send(viewer_of(cast.owner))] == [cast.cleo]
    links_told(requester=Requester(cast.owner, NOW), student_ids=[cast.cleo.pk])
    assert links_to_send(viewer_of(cast.owner)) == []


def test_they_are_an_owners(cast: Cast) -> None:
    """A tutor is shown none of it, and makes one anew at a time."""
    weaken(Ana="ana")
    tutor = user(cast.ben)
    with pytest.raises(ForbiddenError):
        weak_links(viewer_of(tutor))
    with pytest.raises(ForbiddenError):
        links_to_send(viewer_of(tutor))
    with pytest.raises(ForbiddenError):
        rotate_weak_links(requester=Requester(tutor, NOW))
    with pytest.raises(ForbiddenError):
        links_told(requester=Requester(tutor, NOW), student_ids=[cast.ana.pk])
    assert set(found(cast)) == {"Ana"}


def test_a_weak_link_is_no_fault(cast: Cast) -> None:
    """A faulty row would lose other guards."""
    weaken(Ana="ana")
    rotate_weak_links(requester=Requester(cast.owner, NOW))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_student WHERE legacy_fault <> ''")
        assert cursor.fetchone() == (0,)
