"""Which links have to be looked at is stored, so that the list of weak ones costs no scan."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.people.models import Student, SuspectLink
from tandem.people.queries import viewer_of
from tandem.people.weak_links import forget_strong_links, weak_links
from tests.cast import Cast

OWN = "Qz7vK1mR9xT4bL2nW8cY5dF3gH6jP0sA"


def listed() -> set[str]:
    """Return the first names of students whose link is on the list."""
    names = SuspectLink.objects.values_list("student__full_name", flat=True)
    return {name.split()[0] for name in names}


def test_what_was_looked_at_and_is_strong_is_read_no_more(cast: Cast) -> None:
    """New links are on the list until a look; then the weak ones alone are, whoever asks."""
    Student.objects.filter(pk=cast.cleo.pk).update(kept_link="4711")
    assert listed() == {"Ana", "Cleo"}
    assert forget_strong_links() == 1
    assert listed() == {"Cleo"}
    with CaptureQueriesContext(connection) as captured:
        assert [one.student for one in weak_links(viewer_of(cast.owner))] == [cast.cleo]
    assert ["people_suspectlink" in one["sql"] for one in captured] == [True]


def test_a_link_is_looked_at_again_when_what_is_known_changes(cast: Cast) -> None:
    """A name that a token holds makes it weak; another field changes nothing."""
    Student.objects.filter(pk=cast.ana.pk).update(kept_link="BartholomewAlexandr" + OWN[:6])
    forget_strong_links()
    Student.objects.filter(pk=cast.ana.pk).update(year="11")
    assert listed() == set()
    Student.objects.filter(pk=cast.ana.pk).update(full_name="Bartholomew Alexandr")
    assert [one.student for one in weak_links(viewer_of(cast.owner))] == [cast.ana]
    assert forget_strong_links() == 0


def test_an_older_look_takes_no_later_note_away(cast: Cast) -> None:
    """The link changed between the look and its word: it stays on the list."""
    from tandem.people.weak_links import _forgotten  # noqa: PLC0415 - the second half alone

    seen = list(SuspectLink.objects.filter(student=cast.ana))
    Student.objects.filter(pk=cast.ana.pk).update(kept_link="4711")
    assert _forgotten(seen) == 0
    assert "Ana" in listed()


def test_only_what_was_noted_lately_is_looked_at(cast: Cast) -> None:
    """What was noted before the moment stays, however strong, until everything is looked at."""
    last = max(SuspectLink.objects.values_list("noted_at", flat=True))
    assert forget_strong_links(last + timedelta(seconds=1)) == 0
    assert "Ana" in listed()
    forget_strong_links(SuspectLink.objects.get(student=cast.ana).noted_at)
    assert "Ana" not in listed()


def test_a_student_without_a_link_is_not_listed(cast: Cast) -> None:
    """Nor is one who is gone: the row goes with the student, by plain SQL too."""
    Student.objects.create(full_name="Zoe")
    assert "Zoe" not in listed()
    zoe = Student.objects.create(full_name="Zoe", kept_link="zoe")
    assert "Zoe" in listed()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_student WHERE id = %s", [zoe.pk])
    assert "Zoe" not in listed()
