"""The history of a student, with the subjects that its lines speak of."""

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from tandem.people.models import Student, Subject
from tandem.people.queries import Viewer
from tandem.relationships.models import RelationshipEvent
from tandem.relationships.queries import history_of


def timeline(viewer: Viewer, student: Student) -> QuerySet[RelationshipEvent]:
    """Return the history of a student whom the viewer was found to see, newest first.

    Beside what the history itself brings along, each event has the names ``subject_then`` and, of
    a change, ``subject_before``; each None where the event speaks of no subject.
    """
    began_with = Coalesce(KT("details__set__subject"), KT("details__subject"))
    return (
        history_of(viewer, student)
        .annotate(began_with=began_with, changed_from=KT("details__from"))
        .annotate(subject_then=_name("began_with"), subject_before=_name("changed_from"))
        .order_by("-at", "-id")
    )


def _name(id_column: str) -> Subquery:
    return Subquery(Subject.objects.filter(pk=OuterRef(id_column)).values("name"))
