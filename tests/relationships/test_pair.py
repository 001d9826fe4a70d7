"""Starting relationships: enrolling a student, and pairing one with further tutors."""

from datetime import UTC, date, datetime
from functools import partial

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.time import business_day
from tandem.people.actions import update_tutor
from tandem.people.models import Student, Subject
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol, pair
from tandem.relationships.events import state_of
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import NOW, Cast, a_tutor, user


def test_an_enrolled_student_has_the_tutors_named_the_first_as_primary(cast: Cast) -> None:
    """Ana came with Ben and Cara; each relationship began with an event that says it all."""
    links = TutorStudent.objects.filter(student=cast.ana).order_by("-is_primary")
    assert [(row.tutor, row.is_primary) for row in links] == [
        (cast.ben, True),
        (cast.cara, False),
    ]
    event = RelationshipEvent.objects.get(relationship=cast.ben_ana)
    assert (event.what, event.actor, event.at) == ("started", cast.owner, NOW)
    assert len(cast.ana.parent_link_token or "") == 32


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("Asia/Tokyo", datetime(2026, 11, 27, 22, 37, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 28, 5, 0, tzinfo=UTC)),
    ],
)
def test_what_begins_today_has_begun_for_everybody(cast: Cast, zone: str, now: datetime) -> None:
    """Wherever the tutor is: on the earlier of the two days, so that the mark counts at once."""
    tutor = a_tutor(cast.owner, "Far", time_zone=zone)
    student = enrol(
        requester=Requester(cast.owner, now), full_name="Eve", tutors=[Pairing(tutor.pk)]
    )
    row = TutorStudent.objects.get(student=student)
    assert row.started_on == date(2026, 11, 27)
    assert state_of(row).on(business_day(now)) == "active"
    assert row.is_primary


def test_subjects_are_one_whatever_their_spelling(cast: Cast) -> None:
    """Ana's Maths and Cleo's are one subject, and ' mathS ' is it too."""
    row = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject=" mathS ",
    )
    assert row.subject == cast.ben_cleo.subject == cast.cara_ana.subject
    assert Subject.objects.count() == 2


def test_the_first_open_relationship_is_primary(cast: Cast) -> None:
    """Asked for or not; a later one is primary only when an owner says so."""
    student = enrol(requester=Requester(cast.owner, NOW), full_name="Finn")
    start = partial(pair, requester=Requester(cast.owner, NOW), student_id=student.pk)
    first = start(tutor_id=cast.ben.pk)
    second = start(tutor_id=cast.cara.pk)
    third = start(tutor_id=cast.dev.pk, primary=True)
    first.refresh_from_db()
    assert [row.is_primary for row in (first, second, third)] == [False, False, True]


def test_a_tutor_enrols_students_of_their_own(cast: Cast) -> None:
    """Dev brings Finn, but cannot bring him for Ben, nor for nobody."""
    finn = enrol(
        requester=Requester(user(cast.dev), NOW), full_name="Finn", tutors=[Pairing(cast.dev.pk)]
    )
    assert TutorStudent.objects.get(student=finn).tutor == cast.dev
    for tutors in ([Pairing(cast.ben.pk)], [Pairing(cast.dev.pk), Pairing(cast.ben.pk)], []):
        with pytest.raises(ForbiddenError):
            enrol(requester=Requester(user(cast.dev), NOW), full_name="Gus", tutors=tutors)


def test_a_refused_enrolment_leaves_nothing(cast: Cast) -> None:
    """The second tutor does not exist, so there is no student either."""
    with pytest.raises(NotFoundError):
        enrol(
            requester=Requester(cast.owner, NOW),
            full_name="Gus",
            tutors=[Pairing(cast.ben.pk), Pairing("nobody")],
        )
    with pytest.raises(InvalidError):
        enrol(requester=Requester(cast.owner, NOW), full_name=" ", tutors=[Pairing(cast.ben.pk)])
    assert Student.objects.count() == 2


def test_the_same_pair_and_subject_do_not_overlap(cast: Cast) -> None:
    """Ben teaches Ana physics already; maths he may teach her besides."""
    again = partial(
        pair, requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, student_id=cast.ana.pk
    )
    with pytest.raises(ConflictError) as refused:
        again(subject="physics", started_on=date(2027, 1, 1))
    assert (refused.value.reason, refused.value.details) == (
        "already_paired",
        {"tutorStudentId": cast.ben_ana.pk},
    )
    assert again(subject="Maths").status == "active"


def test_a_tutor_with_no_room_takes_nobody(cast: Cast) -> None:
    """Ben has two students and room for two; who is inactive has no room at all."""
    update = partial(update_tutor, requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk)
    update(changes={"capacity": 2})
    student = enrol(requester=Requester(cast.owner, NOW), full_name="Finn")
    more = partial(
        pair, requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, student_id=student.pk
    )
    with pytest.raises(ConflictError) as refused:
        more()
    assert refused.value.details == {
        "capacity": 2,
        "teaching": 2,
        "date": "2026-11-02",
    }
    update(changes={"capacity": None, "active": False})
    with pytest.raises(ConflictError, match="inactive"):
        more()


def test_who_may_pair(cast: Cast) -> None:
    """A tutor pairs only themselves, only with whom they teach, and never takes the mark."""
    start = partial(pair, student_id=cast.ana.pk, subject="Art")
    with pytest.raises(NotFoundError):
        start(requester=Requester(user(cast.dev), NOW), tutor_id=cast.dev.pk)
    with pytest.raises(ForbiddenError):
        start(requester=Requester(user(cast.ben), NOW), tutor_id=cast.dev.pk)
    with pytest.raises(ForbiddenError):
        start(requester=Requester(user(cast.cara), NOW), tutor_id=cast.cara.pk, primary=True)
    assert (
        start(requester=Requester(user(cast.cara), NOW), tutor_id=cast.cara.pk).tutor == cast.cara
    )
