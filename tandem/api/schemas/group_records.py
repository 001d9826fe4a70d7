"""A lesson of several students, recorded at one go."""

from typing import Any, Literal

from pydantic import Field

from tandem.api.schemas.parts import Input, Line
from tandem.api.schemas.sessions import OVERRIDE, Completion, Overridable
from tandem.lessons.group_records import Record

MOST = 100


class RecordIn(Completion):
    """What became of one student's session; what is left out stays."""

    session_id: Line
    status: Literal["completed", "no_show"] | None = None

    def record(self) -> Record:
        """Return it as the action takes it."""
        given: dict[str, Any] = self.given()
        session_id, status = given.pop("session_id"), given.pop("status", None)
        return Record(session_id, status, {k: v for k, v in given.items() if v is not None})


class GroupRecord(Input):
    """What became of sessions that are held together; those that are not named stay."""

    records: list[RecordIn] = Field(min_length=1, max_length=MOST)


class JoinSession(Input):
    """A further student in one lesson."""

    tutor_student_id: Line = Field(description="A relationship of the same tutor.")
    override: list[Overridable] = OVERRIDE
