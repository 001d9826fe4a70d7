"""What stands in several rooms is the same in each: codes and their words, fields, their forms."""

import inspect
import re
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import get_args

from tandem.api.schemas.people import NewStudent, NewTutor, StudentChanges, TutorChanges
from tandem.api.schemas.series import SeriesConflictOut
from tandem.api.schemas.sessions import Overridable
from tandem.lessons import hindrances
from tandem.lessons.reassign import WHY_NOT
from tandem.lessons.rules import BUSY
from tandem.lessons.series_conflicts import SENTENCES
from tandem.lessons.time_rules import OVERRIDABLE
from tandem.people.rules import STUDENT_FIELDS, TUTOR_FIELDS
from tandem.web.forms.people import StudentSheet, TutorSheet
from tandem.web.words import IN_SPITE, NOT_SO

NOT_BY_A_LESSON: set[str] = set()
"""Codes of rules that are asked before any lesson is looked at."""
REFUSED_AS_A_WHOLE = {"wrong_status", "tutor_inactive", "student_inactive", "only_cover"}
"""What no date of a series is refused by: it is not planned at all then."""


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


def test_whatever_stands_against_a_lesson_has_its_words() -> None:
    """Every code that the rules can give has a sentence where lessons change hands, and in a series
    unless the series is refused as a whole.
    """
    judged = {code for check in checks_of(hindrances) for code in codes_of(check)}
    assert {"closed", "tutor_away", "tutor_busy", "outside_relationship", "only_cover"} <= judged
    assert judged - NOT_BY_A_LESSON <= WHY_NOT.keys()
    assert judged - NOT_BY_A_LESSON - REFUSED_AS_A_WHOLE <= SENTENCES.keys()


def checks_of(module: ModuleType) -> Iterator[FunctionType]:
    """Return every rule that a module asks: ``rules.check_open`` and the like."""
    for room, name in {*re.findall(r"\b(\w*rules)\.(check_\w+)", inspect.getsource(module))}:
        yield getattr(getattr(module, room), name)


def codes_of(check: FunctionType) -> Iterator[str]:
    """Return the codes of the refusals that a rule, or what it calls beside it, raises."""
    text = inspect.getsource(check)
    room = inspect.getmodule(check)
    called = {getattr(room, name, None) for name in re.findall(r"\b(_?check_\w+)\(", text)}
    for code in re.findall(r'ConflictError\(\s*f?"([\w{}]+)"', text):
        yield from (code.replace("{who}", who) for who in ("tutor", "student"))
    if "BUSY" in text:
        yield from BUSY
    for other in called - {check, None}:
        if inspect.isfunction(other):
            yield from codes_of(other)
