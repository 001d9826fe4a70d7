"""Students by name, and one tutor, in a fixed number of queries."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tandem.kit.errors import NotFoundError
from tandem.kit.plain_letters import has_letters
from tandem.people.days import teaching_on
from tandem.people.models import Student, Tutor
from tandem.people.queries import (
    Viewer,
    visible_students,
    visible_tutors,
    with_subjects,
)
from tandem.relationships.choices import relationships_to_choose
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationships


def students_called(viewer: Viewer, words: str) -> QuerySet[Student]:
    """Return the students whose name has all of ``words`` in it."""
    rows = visible_students(viewer)
    for word in words.split():
        rows = rows.filter(has_letters("full_name", word))
    return rows


def relationships_of_called(viewer: Viewer, words: str) -> QuerySet[TutorStudent]:
    """Return their relationships that were not declined, with their people."""
    found = students_called(viewer, words)
    return relationships_to_choose(viewer, found.order_by().values_list("pk", flat=True))


def tutor(viewer: Viewer, tutor_id: str) -> Tutor:
    """Return one tutor with their subjects, or raise NotFoundError.

    ``teaching`` is how many open relationships of theirs ``viewer`` may see. An owner sees all, a
    tutor all of their own and, of a colleague's, those with students they share.
    """
    rows = with_subjects(visible_tutors(viewer).annotate(teaching=_teaching(viewer)))
    found = rows.filter(pk=tutor_id).first()
    if found is None:
        raise NotFoundError("tutor", tutor_id)
    return found


def _teaching(viewer: Viewer) -> Coalesce:
    their_open: QuerySet[TutorStudent, Any] = (
        visible_relationships(viewer)
        .filter(teaching_on(viewer.day), tutor=OuterRef("pk"))
        .order_by()
        .values("tutor")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(their_open), 0)
