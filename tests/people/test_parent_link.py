"""The secret link by which a parent reads one child's progress."""

import pytest

from tandem.kit.errors import ForbiddenError, NotFoundError
from tandem.lessons.actions import cancel, complete
from tandem.lessons.end_relationship import end
from tandem.lessons.queries import parent_view
from tandem.people.actions import rotate_parent_link
from tandem.people.queries import viewer_of_parent_link, visible_students, visible_tutors
from tandem.people.requester import Requester
from tandem.relationships.requests import request
from tests.cast import NOW, Cast, at, booked, user


def test_a_parent_sees_one_child_with_every_tutor(cast: Cast) -> None:
    """Ana, both her tutors, the sessions held by either; nobody else, and no mere request."""
    assert cast.ana.parent_link_token
    request(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    held = booked(cast.cara_ana, at(1, 10))
    complete(requester=Requester(None, NOW), session_id=held.pk, notes="Fractions.")
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    ahead, off = booked(cast.ben_ana, at(3, 10)), booked(cast.ben_ana, at(4, 10))
    cancel(requester=Requester(None, NOW), session_id=off.pk)
    booked(cast.ben_cleo, at(3, 12))

    view = parent_view(cast.ana.parent_link_token, now=NOW)
    viewer = viewer_of_parent_link(cast.ana.parent_link_token, now=NOW)
    assert view.student == cast.ana
    assert [*view.relationships] == [cast.ben_ana, cast.cara_ana]
    assert [*view.upcoming] == [ahead]
    assert [(one.pk, one.notes) for one in view.past] == [(held.pk, "Fractions.")]
    assert [*visible_students(viewer)] == [cast.ana]
    assert {*visible_tutors(viewer)} == {cast.ben, cast.cara}


def test_a_rotated_link_is_gone_at_once(cast: Cast) -> None:
    """The old one is answered like one that never was; the new one opens as often as asked."""
    old = cast.ana.parent_link_token or ""
    new = rotate_parent_link(
        requester=Requester(user(cast.cara), NOW), student_id=cast.ana.pk
    ).parent_link_token
    assert new is not None
    assert new != old
    for gone in (old, "never-was", ""):
        with pytest.raises(NotFoundError) as refused:
            parent_view(gone, now=NOW)
        assert refused.value.kind == "parent link"
    for _ in range(3):
        assert parent_view(new, now=NOW).student == cast.ana


def test_who_rotates_it(cast: Cast) -> None:
    """A former tutor cannot, and who never taught the student finds none."""
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    with pytest.raises(ForbiddenError):
        rotate_parent_link(requester=Requester(user(cast.cara), NOW), student_id=cast.ana.pk)
    with pytest.raises(NotFoundError):
        rotate_parent_link(requester=Requester(user(cast.dev), NOW), student_id=cast.ana.pk)
