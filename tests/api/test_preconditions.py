"""ETag, If-None-Match and If-Match: nobody overwrites what they have not read."""

import pytest

from tandem.people.models import Student
from tests.api.client import Caller, refusal, said
from tests.cast import Cast, at, booked


def test_an_etag_stands_for_what_is_sent(cast: Cast, owner: Caller) -> None:
    """The same twice, another after a change of a relationship, because a student embeds them."""
    path = f"students/{cast.ana.pk}"
    first = owner.get(path)["ETag"]
    assert first.startswith('"')
    assert owner.get(path)["ETag"] == first
    unchanged = owner.get(path, headers={"If-None-Match": f'"x", W/{first}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    said(owner.post(f"tutor-students/{cast.cara_ana.pk}/pause"))
    assert owner.get(path, headers={"If-None-Match": first})["ETag"] != first


@pytest.mark.parametrize("kind", ["students", "tutors", "tutor-students", "sessions"])
def test_a_change_may_say_what_it_has_read(cast: Cast, owner: Caller, kind: str) -> None:
    """With the tag of what is there it happens; with the same tag once more it does not."""
    path, change, again = {
        "students": (f"students/{cast.ana.pk}", {"year": "11"}, {"year": "12"}),
        "tutors": (f"tutors/{cast.ben.pk}", {"capacity": 3}, {"capacity": 4}),
        "tutor-students": (f"tutor-students/{cast.ben_ana.pk}", {"notes": "a"}, {"notes": "b"}),
        "sessions": (
            f"sessions/{booked(cast.ben_ana, at(3, 16)).pk}",
            {"title": "a"},
            {"title": "b"},
        ),
    }[kind]
    read = owner.get(path)["ETag"]
    changed = owner.patch(path, change, {"If-Match": read})
    said(changed)
    assert changed["ETag"] == owner.get(path)["ETag"] != read
    refusal(owner.patch(path, again, {"If-Match": read}), 412, "changed")
    assert owner.get(path)["ETag"] == changed["ETag"]
    said(owner.patch(path, again, {"If-Match": f'"other", {changed["ETag"]}'}))
    said(owner.patch(path, change, {"If-Match": "*"}))


def test_a_deletion_may_say_so_too(cast: Cast, owner: Caller) -> None:
    """What has changed is not deleted by who read the old one; a weak tag never matches."""
    path = f"students/{cast.cleo.pk}"
    read = owner.get(path)["ETag"]
    refusal(owner.delete(path, {"If-Match": f"W/{read}"}), 412, "changed")
    said(owner.patch(path, {"year": "9"}))
    refusal(owner.delete(path, {"If-Match": read}), 412, "changed")
    assert Student.objects.filter(pk=cast.cleo.pk).exists()
    assert owner.delete(path, {"If-Match": owner.get(path)["ETag"]}).status_code == 204


def test_what_cannot_be_seen_is_not_found_whatever_the_tag(cast: Cast, dev: Caller) -> None:
    """A precondition tells nobody that Ana is there."""
    path = f"students/{cast.ana.pk}"
    refusal(dev.patch(path, {"year": "9"}, {"If-Match": '"x"'}), 404, "not-found")
    refusal(dev.patch("students/nobody", {"year": "9"}, {"If-Match": '"x"'}), 404, "not-found")
