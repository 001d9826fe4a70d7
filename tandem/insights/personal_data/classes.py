"""How a column is classed: whom it says something about, and how long it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Told(StrEnum):
    """Whose export tells a column."""

    STUDENT = "student"
    TUTOR = "tutor"
    BOTH = "both"
    """Of the person whom the row is about, or of each of the two."""
    KEY = "key"
    """A key, or what a key is checked against: no export holds it."""
    NOBODY = "nobody"
    """It says nothing about anybody, or only how a row is kept."""

    def is_for(self, about: str) -> bool:
        """Tell whether the export of a ``student`` or ``tutor`` holds it."""
        return self in {Told.BOTH, Told(about)}


class Kept(StrEnum):
    """How long rows are kept."""

    PERSON = "until the person is erased"
    STUDENTS = "until removed, or until the last of their students is erased"
    WITHOUT_VALUES = "as long as Tandem is used; without what it says once the person is erased"
    NAMELESS = "until the student is erased; without the name once the tutor is"
    ACCOUNT = "until the account is closed or the person is erased"
    SIGNED_IN = "until signing out, or the sign-in's end"
    USED = "until used, replaced or too old"
    MONTH = "a month, or until the guardian or the tutor is removed"
    YEAR = "a year, or until the student is erased"
    DAY = "24 hours"
    MINUTES = "some minutes"
    BUSINESS = "as long as Tandem is used"


@dataclass(frozen=True)
class TableClass:
    """A table: what its rows are called in an export, how long they are kept, whose they are.

    ``student`` and ``tutor`` are SQL conditions by which the rows about the person ``%(id)s`` are
    found; empty: there are none.
    """

    name: str
    kept: Kept
    student: str = ""
    tutor: str = ""
    columns: Mapping[str, Told] = field(default_factory=dict)

    def condition(self, about: str) -> str:
        """Return the SQL condition for a ``student`` or ``tutor``; empty: no rows are theirs."""
        return self.student if about == "student" else self.tutor


def each(told: Told, names: str) -> dict[str, Told]:
    return dict.fromkeys(names.split(), told)


ITS_ID, ITS_STUDENT, ITS_TUTOR = "id = %(id)s", "student_id = %(id)s", "tutor_id = %(id)s"
ACCOUNT_OF = "(SELECT user_id FROM people_tutor WHERE id = %(id)s)"
OF_ACCOUNT, USER = f"account_id = {ACCOUNT_OF}", f"user_id = {ACCOUNT_OF}"
OF_PAIRING = "{} IN (SELECT id FROM relationships_tutorstudent WHERE {})"
OF_DEED = "id IN (SELECT deed_id FROM lessons_deedpart WHERE {})"
DEED_OF_TUTOR = OF_PAIRING.format("tutor_student_id", ITS_TUTOR)
OF_PAIRING_OR_REMOVED = """relationship_id IN (
  SELECT id FROM relationships_tutorstudent WHERE {}
  UNION ALL SELECT relationship_id FROM relationships_relationshipevent
  WHERE what = 'removed' AND details->>'{}' = %(id)s)"""
MADE = "created_at updated_at"
