"""Lists hold what the viewer may see and the filter keeps, in order, page after page."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from tandem.insights.filters import RelationshipFilter, StudentFilter, TutorFilter
from tandem.insights.lists import (
    ListPage,
    relationships,
    relationships_of_students,
    session,
    sessions,
    student_with_relationships,
    students,
    subjects_of_tutors,
    tutor,
    tutors,
)
from tandem.insights.rows import relationship_row
from tandem.kit.keyset import Place
from tandem.kit.named_sql import run_read
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter, visible_sessions
from tandem.people.models import Student
from tandem.people.queries import Viewer, viewer_of, visible_students, visible_tutors
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import AS_LISTED, visible_relationships
from tests.cast import NOW, TERM, Cast, an_account, at, booked, user

SINCE = datetime(2026, 11, 2, 9, tzinfo=UTC)
ALL = ListPage(None, 100)
Link = Callable[[TutorStudent], bool]


def viewers(cast: Cast) -> list[Viewer]:
    """Return the owner, three tutors, and somebody who is none of these."""
    accounts = [cast.owner, *(user(one) for one in (cast.ben, cast.cara, cast.dev))]
    return [*map(viewer_of, accounts), viewer_of(an_account("guest@tandem.example"))]


def _links(viewer: Viewer) -> list[TutorStudent]:
    return list(visible_relationships(viewer).select_related("tutor", "student", "subject"))


def _subject(link: TutorStudent, name: str) -> bool:
    return link.subject is not None and link.subject.name.lower() == name


def _held(link: TutorStudent, day: date) -> bool:
    begun = link.status in {"active", "paused", "ended"} and link.started_on <= day
    return begun and (link.ended_on is None or link.ended_on > day)


def a_term(cast: Cast) -> None:
    """Let Cara leave, and somebody come whose name is full of signs."""
    enrol(
        requester=Requester(None, NOW),
        full_name="100%_ana",
        tutors=[Pairing(cast.dev.pk, "Physics")],
    )
    end(requester=Requester(None, NOW), tutor_student_id=cast.cara_ana.pk, on=date(2026, 11, 2))
    Student.objects.filter(pk=cast.cleo.pk).update(email="C@Hart.example", updated_at=at(3, 8))


def test_students_are_those_that_a_filter_keeps(cast: Cast) -> None:
    """Each filter for each viewer, against a look at every student and relationship."""
    a_term(cast)
    filters: list[tuple[RelationshipFilter, Link]] = [
        (RelationshipFilter(tutor_id=cast.ben.pk), lambda one: one.tutor_id == cast.ben.pk),
        (RelationshipFilter(subject="physics"), lambda one: _subject(one, "physics")),
        (RelationshipFilter(statuses=("ended",)), lambda one: one.ended_on is not None),
        (RelationshipFilter(as_of=TERM), lambda one: _held(one, TERM)),
        (
            RelationshipFilter(cast.cara.pk, None, "MATHS", ("active",), TERM),
            lambda one: one.tutor_id == cast.cara.pk and _subject(one, "maths"),
        ),
    ]
    found = 0
    for viewer in viewers(cast):
        seen, links = list(visible_students(viewer)), _links(viewer)
        for wanted, keeps in filters:
            kept = {one.student_id for one in links if keeps(one) and one.status != "declined"}
            expected = [one.pk for one in seen if one.pk in kept]
            rows = run_read(students(viewer, StudentFilter(wanted), ALL))
            assert [row.id for _, row in rows] == expected, (viewer, wanted)
            found += len(rows)
        names = {row.full_name for _, row in run_read(students(viewer, StudentFilter(), ALL))}
        assert names == {one.full_name for one in seen}
    assert found


def test_students_are_found_by_part_of_a_name_or_address(cast: Cast) -> None:
    """Whatever its case; a sign that means something to LIKE means itself."""
    a_term(cast)
    owner = viewer_of(cast.owner)
    for words, names in {
        "ANA": ["100%_ana", "Ana Ruiz"],
        "%_": ["100%_ana"],
        "\\": [],
        "c@HART": ["Cleo Hart"],
        "ruiz@home": ["Ana Ruiz"],
    }.items():
        rows = run_read(students(owner, StudentFilter(q=words), ALL))
        assert [row.full_name for _, row in rows] == names
    assert run_read(students(viewer_of(user(cast.cara)), StudentFilter(q="cleo"), ALL)) == []


def test_students_changed_since_are_those_with_a_changed_relationship_too(cast: Cast) -> None:
    """A student who changed, or one of whose relationships that the viewer sees did."""
    a_term(cast)
    later = at(3, 0)
    TutorStudent.objects.update(updated_at=SINCE)
    Student.objects.exclude(pk=cast.cleo.pk).update(updated_at=SINCE)
    wanted, owner = StudentFilter(updated_since=later), viewer_of(cast.owner)
    assert [row.id for _, row in run_read(students(owner, wanted, ALL))] == [cast.cleo.pk]
    TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(updated_at=later)
    both = [cast.ana.pk, cast.cleo.pk]
    assert [row.id for _, row in run_read(students(owner, wanted, ALL))] == both
    assert [row.id for _, row in run_read(students(viewer_of(user(cast.ben)), wanted, ALL))] == both


def test_pages_follow_each_other(cast: Cast) -> None:
    """A page of one row after another ends up with every row, each once and in order."""
    a_term(cast)
    owner = viewer_of(cast.owner)
    lists: dict[str, Callable[[ListPage], Any]] = {
        "students": lambda page: run_read(students(owner, StudentFilter(), page)),
        "tutors": lambda page: run_read(tutors(owner, TutorFilter(), page)),
        "relationships": lambda page: run_read(relationships(owner, RelationshipFilter(), page)),
    }
    for name, read in lists.items():
        whole, rows, after = read(ALL), [], None
        while page := read(ListPage(after, 1)):
            (key, row) = page[0]
            rows.append((key, row))
            after = Place(key, row.id)
        assert rows == whole, name
        assert len(whole) >= 3


def test_a_student_comes_with_what_the_viewer_sees_of_who_teaches(cast: Cast) -> None:
    """As a list has it, the primary first; nothing of a student whom the viewer does not see."""
    a_term(cast)
    ids = [cast.ana.pk, cast.cleo.pk]
    for viewer in viewers(cast):
        of_many = run_read(relationships_of_students(viewer, ids))
        for student_id in ids:
            links = visible_relationships(viewer).filter(student=student_id).order_by(*AS_LISTED)
            expected = [*map(relationship_row, links.select_related("tutor", "subject"))]
            assert of_many[student_id] == expected
            found = run_read(student_with_relationships(viewer, student_id))
            if not visible_students(viewer).filter(pk=student_id).exists():
                assert found is None
                continue
            assert found is not None
            assert (found[0].id, found[1]) == (student_id, expected)
    of_the_day = run_read(
        relationships_of_students(viewer_of(cast.owner), ids, as_of=date(2026, 11, 2))
    )
    assert [link.tutor_name for link in of_the_day[cast.ana.pk]] == ["Ben"]


def test_a_student_whom_nobody_teaches_is_found(cast: Cast) -> None:
    """The owner sees the student, with no relationship."""
    lone = Student.objects.create(full_name="Lone")
    found = run_read(student_with_relationships(viewer_of(cast.owner), lone.pk))
    assert found is not None
    assert (found[0].full_name, found[1]) == ("Lone", [])


def test_tutors_and_what_they_teach(cast: Cast) -> None:
    """The visible ones that a filter keeps, and one by id."""
    for viewer in viewers(cast):
        seen = [one.pk for one in visible_tutors(viewer)]
        assert [row.id for _, row in run_read(tutors(viewer, TutorFilter(), ALL))] == seen
        assert (run_read(tutor(viewer, cast.ben.pk)) is not None) == (cast.ben.pk in seen)
    owner = viewer_of(cast.owner)
    of_ana = run_read(tutors(owner, TutorFilter(student_id=cast.ana.pk), ALL))
    assert [row.full_name for _, row in of_ana] == ["Ben", "Cara"]
    assert [row.full_name for _, row in run_read(tutors(owner, TutorFilter(q="DEV@"), ALL))] == [
        "Dev"
    ]
    assert run_read(tutors(owner, TutorFilter(subject="Chess"), ALL)) == []
    assert run_read(subjects_of_tutors([cast.dev.pk])) == {cast.dev.pk: []}


def test_sessions_are_those_that_a_filter_keeps(cast: Cast) -> None:
    """By person, hours, status and subject; one by id."""
    rows = [booked(link, at(3, hour)) for hour, link in enumerate(_links(viewer_of(None)), 9)]
    Session.objects.filter(pk=rows[0].pk).update(status="cancelled")
    filters: list[tuple[SessionFilter, Callable[[Session], bool]]] = [
        (SessionFilter(), lambda _: True),
        (SessionFilter(tutor_id=cast.ben.pk), lambda one: one.tutor_id == cast.ben.pk),
        (SessionFilter(student_id=cast.ana.pk), lambda one: one.student_id == cast.ana.pk),
        (SessionFilter(starts_from=at(3, 10)), lambda one: one.starts_at >= at(3, 10)),
        (SessionFilter(starts_before=at(3, 10)), lambda one: one.starts_at < at(3, 10)),
        (SessionFilter(statuses=("cancelled",)), lambda one: one.status == "cancelled"),
    ]
    for viewer in viewers(cast):
        seen = list(visible_sessions(viewer))
        for wanted, keeps in filters:
            expected = [one.pk for one in seen if keeps(one)]
            assert [row.id for row in run_read(sessions(viewer, wanted, ALL))] == expected
        assert (run_read(session(viewer, rows[0].pk)) is not None) == (rows[0] in seen)
    of_maths = run_read(sessions(viewer_of(None), SessionFilter(), ALL, subject="MATHS"))
    assert {row.subject for row in of_maths} == {"Maths"}
    assert len(of_maths) == 2
