"""All that is held about one person, to be handed to them: the answer to a subject access request.

Which table and column belongs in it is said in ``personal_data``. Keys (a parents' link, a token)
are never part of it, nor what a tutor's export would tell about the children they teach.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tandem.insights.personal_data import TABLES
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_noop
from tandem.people.queries import visible_student, visible_tutor
from tandem.people.requester import Requester
from tandem.relationships.rules import check_owner

Row = dict[str, Any]
SUBJECTS = """SELECT id, name FROM people_subject WHERE id IN (
  SELECT subject_id FROM relationships_tutorstudent WHERE {}
) ORDER BY name"""
TUTORS = """SELECT id, full_name FROM people_tutor WHERE id IN (
  SELECT tutor_id FROM relationships_tutorstudent WHERE student_id = %(id)s
) ORDER BY full_name, id"""
NAMED = {
    "student": {
        gettext_noop("subjects taught"): SUBJECTS.format("student_id = %(id)s"),
        gettext_noop("tutors"): TUTORS,
    },
    "tutor": {gettext_noop("subjects taught"): SUBJECTS.format("tutor_id = %(id)s")},
}
"""SQL for what the ids in the rows stand for. A tutor's export names no child."""


@dataclass(frozen=True)
class SubjectExport:
    """What is held about a ``student`` or a ``tutor``: rows by what they are."""

    about: str
    person_id: str
    full_name: str
    made_at: datetime
    held: dict[str, list[Row]]

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON tells it; moments are text with an offset, days as in 2026-11-27."""
        return {
            "about": self.about,
            "id": self.person_id,
            "name": self.full_name,
            "madeAt": self.made_at.isoformat(),
            "held": self.held,
        }


def export_student(*, requester: Requester, student_id: str) -> SubjectExport:
    """Return all that is held about a student. Owners only; NotFoundError where there is none."""
    viewer = requester.viewer
    student = visible_student(viewer, student_id)
    check_owner(is_owner=viewer.is_owner, doing=_("export what is held about somebody"))
    return SubjectExport(
        "student", student.pk, student.full_name, requester.now, _held("student", student.pk)
    )


def export_tutor(*, requester: Requester, tutor_id: str) -> SubjectExport:
    """Return all that is held about a tutor. Owners only; NotFoundError where there is none."""
    viewer = requester.viewer
    tutor = visible_tutor(viewer, tutor_id)
    check_owner(is_owner=viewer.is_owner, doing=_("export what is held about somebody"))
    return SubjectExport(
        "tutor", tutor.pk, tutor.full_name, requester.now, _held("tutor", tutor.pk)
    )


def _held(about: str, person_id: str) -> dict[str, list[Row]]:
    """Return the rows of every table that has some; one statement, so all of one moment."""
    found = {known.name: _rows(table, about) for table, known in TABLES.items()}
    found = {name: query for name, query in (found | NAMED[about]).items() if query}
    lists = ", ".join(map(_listed, found.values()))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lists}", {"id": person_id})
        held = dict(zip(found, cursor.fetchone() or (), strict=True))
    return {name: rows for name, rows in held.items() if rows}


def _listed(query: str) -> str:
    return f"(SELECT json_agg(row_to_json(held)) FROM ({query}) held)"  # noqa: S608 - as below


def _rows(table: str, about: str) -> str:
    """SQL that selects the rows about a person; empty where a table has none."""
    known = TABLES[table]
    names = ", ".join(f'"{name}"' for name, told in known.columns.items() if told.is_for(about))
    of_person = known.condition(about)
    return of_person and f'SELECT {names} FROM "{table}" WHERE {of_person} ORDER BY 1'  # noqa: S608 - names of ours
