"""Whose relationships are, also of those that are gone: letters and history tell of them still.

A cover that is given back leaves nothing of a relationship that was made for it.
"""

from collections.abc import Iterable, Mapping

from tandem.people.models import Subject, Tutor
from tandem.relationships.models import RelationshipEvent, TutorStudent


def links_by_id(ids: Iterable[str | None]) -> Mapping[str, TutorStudent]:
    """Return relationships with their tutors and subjects, by id.

    One that was removed is as its history has it, unless its tutor is gone, too.
    """
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    there = TutorStudent.objects.select_related("tutor", "subject").in_bulk(wanted)
    return {**there, **_removed(wanted - there.keys())}


def _removed(ids: set[str]) -> dict[str, TutorStudent]:
    if not ids:
        return {}
    what = RelationshipEvent.What.REMOVED
    rows = RelationshipEvent.objects.filter(relationship_id__in=ids, what=what)
    whose = {row.relationship_id: row.details for row in rows if row.details.get("tutor")}
    tutors = Tutor.objects.in_bulk({one["tutor"] for one in whose.values()})
    taught = {one["subject"] for one in whose.values() if one.get("subject")}
    subjects = Subject.objects.in_bulk(taught)
    return {
        pk: TutorStudent(
            pk=pk,
            tutor=tutors[one["tutor"]],
            student_id=one.get("student"),
            subject=subjects.get(one.get("subject")),
        )
        for pk, one in whose.items()
        if one["tutor"] in tutors
    }
