"""Which relationship is meant when only the student is named."""

import pytest

from tandem.kit.errors import NotFoundError
from tandem.lessons.end_relationship import end
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.queries import SeveralError, the_open_relationship
from tests.cast import NOW, Cast, user


def test_a_tutor_means_their_own(cast: Cast) -> None:
    """Ben and Cara both teach Ana: each means the one they are in."""
    for tutor, link in ((cast.ben, cast.ben_ana), (cast.cara, cast.cara_ana)):
        viewer = viewer_of(user(tutor))
        assert the_open_relationship(viewer, student_id=cast.ana.pk, at=NOW) == link


def test_several_are_listed_never_guessed(cast: Cast) -> None:
    """Ben teaches Ana two subjects: both ids are told; an owner has to name a tutor too."""
    art = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Art",
    )
    with pytest.raises(SeveralError) as refused:
        the_open_relationship(viewer_of(user(cast.ben)), student_id=cast.ana.pk, at=NOW)
    assert {*refused.value.ids} == {cast.ben_ana.pk, art.pk}
    owner = viewer_of(cast.owner)
    with pytest.raises(SeveralError):
        the_open_relationship(owner, student_id=cast.ana.pk, at=NOW)
    meant = the_open_relationship(owner, student_id=cast.ana.pk, at=NOW, tutor_id=cast.cara.pk)
    assert meant == cast.cara_ana


def test_none_is_not_found(cast: Cast) -> None:
    """A stranger finds none, nor does a tutor whose relationship has ended."""
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    for tutor in (cast.dev, cast.cara):
        with pytest.raises(NotFoundError, match="no relationship of student"):
            the_open_relationship(viewer_of(user(tutor)), student_id=cast.ana.pk, at=NOW)
