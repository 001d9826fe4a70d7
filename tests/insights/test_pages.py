"""What pages list is what somebody may see, in order, a part at a time."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from tandem.insights import pages
from tandem.insights.pages import Keyed, Part, Place
from tandem.insights.student_page import student_page
from tandem.kit.errors import NotFoundError
from tandem.lessons.queries import visible_sessions
from tandem.people.models import Student
from tandem.people.queries import Viewer, viewer_of, visible_students, visible_tutors
from tandem.relationships.models import RelationshipEvent
from tandem.relationships.queries import visible_relationships
from tests.cast import NOW, Cast, at, booked
from tests.insights.test_scope import everybody

Listed = Callable[[Viewer, Part], Keyed]
LISTS: dict[str, tuple[Listed, Callable[[Viewer], QuerySet[Any]]]] = {
    "students": (lambda who, part: pages.students(who, part, which="all"), visible_students),
    "tutors": (pages.tutors, visible_tutors),
    "sessions": (lambda who, part: pages.sessions(who, part, {}), visible_sessions),
}
WHOLE = 1000


def ids(keyed: Keyed) -> list[str]:
    return [row.id for _, row in keyed]


def test_every_list_has_what_its_viewer_may_see(cast: Cast) -> None:
    """For every kind of viewer, neither more nor less, and in the same order."""
    for name, viewer in everybody(cast).items():
        for what, (listed, visible) in LISTS.items():
            expected = list(visible(viewer).values_list("pk", flat=True))
            assert ids(listed(viewer, Part(None, WHOLE))) == expected, (name, what)


def test_parts_of_a_list_are_the_whole_list_both_ways(cast: Cast) -> None:
    """One row at a time, each part beginning beside the last row of the one before."""
    viewer = everybody(cast)["owner"]
    for what, (listed, _) in LISTS.items():
        whole = ids(listed(viewer, Part(None, WHOLE)))
        for falling in (False, True):
            found, place = [], None
            while part := listed(viewer, Part(place, 1, falling=falling)):
                ((key, row),) = part
                found.append(row.id)
                place = Place(key, row.id)
            assert found == (whole[::-1] if falling else whole), what


def test_a_student_is_found_by_every_word_of_the_name(cast: Cast) -> None:
    """Whatever its case; what means something to the database means itself."""
    owner = viewer_of(cast.owner)
    for words, found in (
        ("ana", ["Ana Ruiz"]),
        ("RUIZ an", ["Ana Ruiz"]),
        ("ana hart", []),
        ("%", []),
        ("_", []),
        ("\\", []),
    ):
        rows = pages.students(owner, Part(None, WHOLE), words=words, which="all")
        assert [row.full_name for _, row in rows] == found, words


def test_a_student_page_has_what_its_viewer_may_see(cast: Cast) -> None:
    """Relationships, their history and sessions, for every kind of viewer; or there is none."""
    for name, viewer in everybody(cast).items():
        for student in Student.objects.all():
            links = visible_relationships(viewer).filter(student=student)
            sessions = visible_sessions(viewer).filter(student=student)
            if not visible_students(viewer).filter(pk=student.pk).exists():
                assert refused(viewer, student.pk), name
                continue
            page = student_page(viewer, student.pk, now=NOW)
            assert {one.row.id for one in page.relationships} == ids_of(links), name
            nearest = [row.id for one in page.by_tutor for row in (*one.ahead, *one.held)]
            assert set(nearest) == ids_of(sessions), name
            told = RelationshipEvent.objects.filter(relationship__in=links)
            assert len(page.history) == told.count(), name


def ids_of(rows: QuerySet[Any]) -> set[str]:
    return set(rows.values_list("pk", flat=True))


def refused(viewer: Viewer, student_id: str) -> bool:
    try:
        student_page(viewer, student_id, now=NOW)
    except NotFoundError:
        return True
    return False


def test_the_nearest_sessions_are_counted_beyond_those_listed(cast: Cast) -> None:
    """Seven ahead: the soonest five are listed, in order."""
    rows = [booked(cast.ben_ana, at(day, 16)) for day in range(9, 16)]
    (with_ben,) = student_page(viewer_of(cast.owner), cast.ana.pk, now=NOW).by_tutor
    assert [row.id for row in with_ben.ahead] == [row.pk for row in rows[:5]]
    assert (with_ben.number, with_ben.has_more) == (7, True)
