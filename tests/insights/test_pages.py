"""What pages list is what somebody may see, in order, a part at a time."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from tandem.insights import pages
from tandem.insights.orders import STUDENT_ORDERS, TUTOR_SORTS
from tandem.insights.pages import Keyed, Part, StudentList, TutorList
from tandem.insights.student_page import student_page
from tandem.insights.tutor_history import tutor_history
from tandem.kit.errors import NotFoundError
from tandem.kit.keyset import Place
from tandem.lessons.corrections import remove
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.queries import visible_sessions
from tandem.people.actions import update_tutor
from tandem.people.models import Student, Tutor
from tandem.people.queries import Viewer, viewer_of, visible_students, visible_tutors
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tandem.relationships.models import RelationshipEvent
from tandem.relationships.queries import history_of_tutor, visible_relationships
from tests.cast import NOW, TERM, Cast, at, booked, user
from tests.insights.test_scope import everybody

EVERYBODY = StudentList(which="all")
Listed = Callable[[Viewer, Part], Keyed]
LISTS: dict[str, tuple[Listed, Callable[[Viewer], QuerySet[Any]]]] = {
    "students": (lambda who, part: pages.students(who, part, EVERYBODY), visible_students),
    "tutors": (lambda who, part: pages.tutors(who, part, TutorList()), visible_tutors),
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
    for number, year in enumerate(("9", "10", "", "Sixth form", "10", "999999999", "ab '1'")):
        Student.objects.create(full_name=f"Kim {number % 2}", year=year)
    sorted_ones = {
        **{f"students {sort}": _students_by(sort) for sort in STUDENT_ORDERS},
        **{f"tutors {sort}": _tutors_by(sort) for sort in TUTOR_SORTS},
        **{what: listed for what, (listed, _) in LISTS.items()},
    }
    for what, listed in sorted_ones.items():
        whole = ids(listed(viewer, Part(None, WHOLE)))
        for falling in (False, True):
            found, place = [], None
            while part := listed(viewer, Part(place, 1, falling=falling)):
                ((key, row),) = part
                found.append(row.id)
                place = Place(key, row.id)
            assert found == (whole[::-1] if falling else whole), what


def _students_by(sort: str) -> Listed:
    return lambda who, part: pages.students(who, part, StudentList(which="all", sort=sort))


def _tutors_by(sort: str) -> Listed:
    return lambda who, part: pages.tutors(who, part, TutorList(sort=sort))


def test_years_are_sorted_as_numbers_and_equal_ones_by_name(cast: Cast) -> None:
    """Words come after numbers, nothing last, whichever way."""
    for name, year in (("Zoe", "9"), ("Ben", "9"), ("Kim", "Sixth form"), ("Lea", "")):
        Student.objects.create(full_name=name, year=year)
    ending = ["Kim", "Cleo Hart", "Lea"]
    for sort, found in (
        ("year", ["Ben", "Zoe", "Ana Ruiz", *ending]),
        ("-year", ["Ana Ruiz", "Ben", "Zoe", *ending]),
    ):
        rows = _students_by(sort)(viewer_of(cast.owner), Part(None, WHOLE))
        assert [row.full_name for _, row in rows] == found, sort


def test_tutors_are_sorted_by_how_many_they_teach(cast: Cast) -> None:
    """Ben teaches two; as of a day before anybody was taught, nobody teaches any."""
    owner = viewer_of(cast.owner, now=NOW)
    for sort, found in (
        ("-teaching", ["Ben", "Cara", "Dev"]),
        ("teaching", ["Dev", "Cara", "Ben"]),
    ):
        rows = pages.tutors(owner, Part(None, WHOLE), TutorList(sort=sort))
        assert [row.name for _, row in rows] == found
    before = TutorList(sort="-teaching", as_of=TERM - timedelta(days=1))
    rows = pages.tutors(owner, Part(None, WHOLE), before)
    assert [row.teaching for _, row in rows] == [0, 0, 0]


def test_totals_are_of_what_is_listed(cast: Cast) -> None:
    """For every kind of viewer, and as a list is narrowed."""
    Student.objects.create(full_name="Una")
    for name, viewer in everybody(cast).items():
        for which in pages.WHICH_STUDENTS:
            wanted = StudentList(which=which)
            listed = pages.students(viewer, Part(None, WHOLE), wanted)
            assert pages.students_total(viewer, wanted).all == len(listed), (name, which)
        tutors = pages.tutors(viewer, Part(None, WHOLE), TutorList())
        assert pages.tutors_total(viewer, TutorList()).all == len(tutors), name
        sessions = pages.sessions(viewer, Part(None, WHOLE), {})
        assert pages.sessions_total(viewer, {}) == len(sessions), name


def test_totals_tell_whom_nobody_teaches_and_who_is_full(cast: Cast) -> None:
    """An inactive student waits for nobody."""
    Student.objects.create(full_name="Una")
    Student.objects.create(full_name="Ina", active=False)
    owner = viewer_of(cast.owner, now=NOW)
    assert pages.students_total(owner, StudentList("una")) == (1, 1)
    assert pages.students_total(owner, StudentList("ina", "all")) == (1, 0)
    update_tutor(
        requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, changes={"capacity": 1}
    )
    assert pages.tutors_total(owner, TutorList()) == (3, 1, 1)


def test_a_cover_is_no_student_of_whoever_covers_on_its_day_either(cast: Cast) -> None:
    """It takes no place, on the day of the cover as of which one looks no more than today."""
    one = booked(cast.ben_ana, at(17, 9))
    cover(requester=Requester(cast.owner, NOW), session_id=one.pk, tutor_id=cast.dev.pk)
    owner, that_day = viewer_of(cast.owner), TutorList(as_of=date(2026, 11, 17))
    rows = pages.tutors(owner, Part(None, WHOLE), that_day)
    assert [(row.name, row.teaching) for _, row in rows] == [("Ben", 2), ("Cara", 1), ("Dev", 0)]
    assert pages.tutors_total(owner, that_day).idle == 1


def test_a_list_as_of_a_day_is_of_who_was_taught_then(cast: Cast) -> None:
    """From the first day on, and no more from the day on which it ended; only what is seen."""
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_cleo.pk,
        on=date(2026, 10, 1),
    )
    for day, found in (
        (TERM - timedelta(days=1), []),
        (TERM, ["Ana Ruiz", "Cleo Hart"]),
        (date(2026, 9, 30), ["Ana Ruiz", "Cleo Hart"]),
        (date(2026, 10, 1), ["Ana Ruiz"]),
    ):
        wanted = StudentList(as_of=day)
        rows = pages.students(viewer_of(cast.owner, now=NOW), Part(None, WHOLE), wanted)
        assert [row.full_name for _, row in rows] == found, day
        cara = pages.students(viewer_of(user(cast.cara), now=NOW), Part(None, WHOLE), wanted)
        assert [row.full_name for _, row in cara] == found[:1], day
        dev = viewer_of(user(cast.dev), now=NOW)
        assert pages.students(dev, Part(None, WHOLE), wanted) == []


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
        rows = pages.students(owner, Part(None, WHOLE), StudentList(words, "all"))
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


def test_the_page_and_the_api_tell_the_same_history_of_a_tutor(cast: Cast) -> None:
    """Line by line, for every kind of viewer, of a pairing that was removed too; or it is none."""
    made = pair(
        requester=Requester(cast.owner, NOW), tutor_id=cast.cara.pk, student_id=cast.cleo.pk
    )
    remove(requester=Requester(cast.owner, NOW), tutor_student_id=made.pk)
    for name, viewer in everybody(cast).items():
        for tutor in Tutor.objects.all():
            try:
                told = history_of_tutor(viewer, tutor.pk)
            except NotFoundError:
                with pytest.raises(NotFoundError):
                    tutor_history(viewer, tutor.pk)
                continue
            page = [(one.what, one.student_id) for one in tutor_history(viewer, tutor.pk).lines]
            assert page == [(one.what, one.relationship.student_id) for one in told[::-1]], name


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
