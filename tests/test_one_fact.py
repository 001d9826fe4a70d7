"""What stands in several rooms is the same in each: codes and their words, fields, their forms."""

from typing import get_args

from tandem.api.schemas.people import NewStudent, NewTutor, StudentChanges, TutorChanges
from tandem.api.schemas.series import SeriesConflictOut
from tandem.api.schemas.sessions import Overridable
from tandem.lessons.reassign import WHY_NOT
from tandem.lessons.rules import BUSY
from tandem.lessons.series_conflicts import SENTENCES
from tandem.lessons.time_rules import OVERRIDABLE
from tandem.people.rules import STUDENT_FIELDS, TUTOR_FIELDS
from tandem.web.forms.people import StudentSheet, TutorSheet
from tandem.web.words import IN_SPITE, NOT_SO


def test_every_code_has_its_words_everywhere() -> None:
    """What an owner may override, why a lesson or a date of a series cannot be."""
    assert frozenset(get_args(Overridable)) == OVERRIDABLE == IN_SPITE.keys()
    assert SENTENCES.keys() & NOT_SO.keys() >= OVERRIDABLE
    assert WHY_NOT.keys() - BUSY.keys() - {"before_start"} == NOT_SO.keys()
    assert SENTENCES.keys() == {*get_args(SeriesConflictOut.model_fields["code"].annotation)}


def test_every_field_is_taken_by_api_and_page() -> None:
    """What an action takes of a student or a tutor can be sent in every way."""
    for fields, sheet, schemas in (
        (STUDENT_FIELDS, StudentSheet, (NewStudent, StudentChanges)),
        (TUTOR_FIELDS, TutorSheet, (NewTutor, TutorChanges)),
    ):
        assert {*fields} <= sheet.base_fields.keys()
        for schema in schemas:
            assert {*fields} - {"active"} <= schema.model_fields.keys()
