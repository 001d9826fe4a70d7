"""Many students get a tutor each, all or none, and it is taken back at one go."""

from datetime import date

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.actions import complete
from tandem.lessons.assigning import Assigned, assign, preview_assign
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.actions import update_tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import enrol
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import DECEMBER, NOW, Cast, at, booked, user
from tests.lessons.test_deeds import pairings, undone


def both(cast: Cast) -> list[Assigned]:
    """Two who wait, with who was chosen for them."""
    kim, max_ = (
        enrol(requester=Requester(cast.owner, NOW), full_name=name) for name in ("Kim", "Max")
    )
    return [Assigned(kim.pk, cast.dev.pk, "Chemistry"), Assigned(max_.pk, cast.dev.pk)]


def test_everybody_is_paired_as_previewed(cast: Cast) -> None:
    choices, before = both(cast), pairings()
    seen = preview_assign(requester=Requester(cast.owner, NOW), choices=choices)
    assert pairings() == before
    done = assign(
        requester=Requester(cast.owner, NOW), choices=choices, expect=fingerprint(seen.shown)
    )
    assert [(row.student_id, row.tutor_id, row.is_primary) for row in done.links] == [
        (one.student_id, one.tutor_id, True) for one in choices
    ]
    assert [row.subject and row.subject.name for row in done.links] == ["Chemistry", None]
    assert (
        RelationshipEvent.objects.filter(relationship__in=done.links, what="started").count() == 2
    )
    assert undone(cast, done.deed).unpaired
    assert pairings() == before


def test_a_second_tutor_is_not_primary(cast: Cast) -> None:
    (row,) = assign(
        requester=Requester(cast.owner, NOW),
        choices=[Assigned(cast.ana.pk, cast.dev.pk, "Chemistry")],
        on=date(2026, 12, 1),
    ).links
    assert (row.is_primary, row.started_on) == (False, date(2026, 12, 1))


def test_without_room_for_all_nobody_is_paired(cast: Cast) -> None:
    choices, before = both(cast), pairings()
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, changes={"capacity": 1}
    )
    with pytest.raises(ConflictError) as refused:
        assign(requester=Requester(cast.owner, NOW), choices=choices)
    assert refused.value.reason == "capacity"
    assert str(refused.value) == (
        "Dev: This tutor has room for 1, and on Mon 2 Nov 2026 already teaches 0, "
        "so 2 more do not fit."
    )
    assert refused.value.details["tutorId"] == cast.dev.pk
    assert pairings() == before


def test_what_has_changed_since_the_look_is_not_done(cast: Cast) -> None:
    choices = both(cast)
    seen = fingerprint(preview_assign(requester=Requester(cast.owner, NOW), choices=choices).shown)
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, changes={"full_name": "Devi"}
    )
    before = pairings()
    with pytest.raises(ConflictError) as refused:
        assign(requester=Requester(cast.owner, NOW), choices=choices, expect=seen)
    assert refused.value.reason == "changed_since_preview"
    assert pairings() == before


def test_bad_choices_are_refused(cast: Cast) -> None:
    again = [Assigned(cast.ana.pk, cast.dev.pk), Assigned(cast.ana.pk, cast.cara.pk)]
    with pytest.raises(InvalidError, match="2 times"):
        assign(requester=Requester(cast.owner, NOW), choices=again)
    with pytest.raises(ConflictError, match="already"):
        assign(
            requester=Requester(cast.owner, NOW),
            choices=[Assigned(cast.ana.pk, cast.ben.pk, "Physics")],
        )
    with pytest.raises(NotFoundError):
        assign(requester=Requester(cast.owner, NOW), choices=[Assigned("nobody", cast.ben.pk)])
    with pytest.raises(ForbiddenError):
        assign(
            requester=Requester(user(cast.ben), NOW), choices=[Assigned(cast.ana.pk, cast.ben.pk)]
        )


def test_what_was_planned_since_stays_with_its_pairing(cast: Cast) -> None:
    done = assign(requester=Requester(cast.owner, NOW), choices=both(cast))
    kept, gone = done.links
    session = booked(kept, at(9, 16))
    plan = preview_undo_of(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert [[row.pk for row in rows] for rows in (plan.unpaired, plan.kept)] == [
        [gone.pk],
        [kept.pk],
    ]
    complete(requester=Requester(cast.owner, DECEMBER), session_id=session.pk)
    with pytest.raises(ConflictError) as refused:
        undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)
    assert refused.value.reason == "already_taught"
    assert TutorStudent.objects.filter(pk__in=[kept.pk, gone.pk]).count() == 2
