"""Lists whose SQL is written once find what Django finds, for every viewer and filter."""

from datetime import UTC, date, datetime
from itertools import product

from tandem.api.routes.students import _named, _page
from tandem.insights.lists import RelationshipFilter, StudentFilter, _links_of
from tandem.lessons.endings import end
from tandem.people.queries import Viewer, viewer_of
from tandem.relationships.actions import Pairing, enrol
from tests.cast import NOW, TERM, Cast, an_account, user

SINCE = datetime(2026, 11, 2, 9, tzinfo=UTC)


def viewers(cast: Cast) -> list[Viewer]:
    """Everybody who may ask: the owner, three tutors, and somebody who is none of these."""
    accounts = [cast.owner, *(user(tutor) for tutor in (cast.ben, cast.cara, cast.dev))]
    return [*map(viewer_of, accounts), viewer_of(an_account("guest@tandem.example"))]


def test_students_are_the_same_as_without(cast: Cast) -> None:
    """By each filter, first and further pages."""
    enrol(actor=None, now=NOW, full_name="100%_ana", tutors=[Pairing(cast.dev.pk, "Physics")])
    end(actor=None, now=NOW, tutor_student_id=cast.cara_ana.pk, on=date(2026, 11, 2))
    of_ben = RelationshipFilter(tutor_id=cast.ben.pk)
    filters = [
        StudentFilter(),
        StudentFilter(of_ben),
        StudentFilter(RelationshipFilter(subject="physics", statuses=("active", "ended"))),
        StudentFilter(RelationshipFilter(cast.cara.pk, None, "MATHS", ("ended",), TERM)),
        StudentFilter(RelationshipFilter(as_of=TERM), SINCE, "ana"),
        StudentFilter(of_ben, SINCE),
        *(StudentFilter(q=q) for q in ("ANA", "%_", "\\")),
    ]
    found = 0
    for viewer, wanted in product(viewers(cast), filters):
        for after in (None, ("ana ruiz", ""), ("b", "x")):
            rows = _page(viewer, wanted, after, 10)
            assert rows == list(_page.query(viewer, wanted, after, 10)), (viewer, wanted, after)
            found += len(rows)
    assert found


def test_a_student_and_who_teaches_are_the_same_as_without(cast: Cast) -> None:
    """Also of students whom the viewer does not see: then nothing."""
    ids = [cast.ana.pk, cast.cleo.pk]
    for viewer in viewers(cast):
        for student_id in ids:
            assert _named(viewer, student_id) == list(_named.query(viewer, student_id))
        for as_of in (None, TERM, date(2020, 1, 1)):
            rows = _links_of(viewer, as_of, ids)
            assert rows == list(_links_of.query(viewer, as_of, ids))
    assert len(_links_of(viewer_of(cast.owner), None, ids)) == 3
    assert _named(viewer_of(user(cast.dev)), cast.ana.pk) == []
