"""Bringing people in from a spreadsheet."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from tandem.api.schemas.parts import (
    DeedOutput,
    ListOutput,
    Output,
    Page,
    Switch,
    WideWrite,
    example,
)
from tandem.lessons.imports.table import MOST_BYTES

ImportOf = Literal["students", "tutors"]


def _encodable(text: str) -> str:
    """Refuse half a surrogate pair; that a file holds no NUL its reader says."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("The text is not valid Unicode.") from None
    return text


FileText = Annotated[
    str,
    StringConstraints(strict=True, max_length=MOST_BYTES),
    AfterValidator(_encodable),
]


class NewImport(WideWrite):
    """A CSV file to bring in."""

    model_config = example(
        of="students", text="Name,Year,Subject\nKim Vale,9,Physics\n", dryRun=True
    )

    CHOSEN = frozenset({"leave_out"})  # the preview names the rows, and holds them

    of: ImportOf
    text: FileText = Field(
        description="What the CSV file says: its first line names the columns, in English or "
        "German and in any order. At most 10 MB and 20,000 rows."
    )
    leave_out: Switch = Field(
        default=False,
        description="Bring the others in where rows have faults; else nothing is (422).",
    )


class ImportFaultOut(Output):
    """What is wrong with a row."""

    line: int = Field(description="The number of its first line in the file.")
    column: str | None = Field(description="The heading as it stands there; null: the row.")
    detail: str = Field(description="A sentence: what is wrong, and what to do.")


class ImportHereOut(Output):
    """A row about who is here already: why nothing is made of it, or what is to be known."""

    line: int
    student_id: str | None = Field(description="Who it is; null of a tutor.")
    detail: str


class ImportAnswer(DeedOutput):
    """What bringing a file in does, or would do."""

    of: ImportOf
    added: int = Field(description="How many students, or tutors, are added.")
    tutor_students: int = Field(description="How many relationships begin.")
    guardians: int = Field(description="How many guardians are added.")
    new_subjects: list[str] = Field(
        description="The subjects that are added: nobody has named them yet. The first thousand."
    )
    here_count: int = Field(description="How many rows are about who is here already.")
    here: list[ImportHereOut] = Field(description="The first thousand of these.")
    inactive_count: int = Field(
        description="How many rows give a tutor to a student who is here and inactive: they stay "
        "so, and no lesson can be planned until they are active again."
    )
    inactive: list[ImportHereOut] = Field(description="The first thousand of these.")
    fault_count: int = Field(description="How many faults there are.")
    faults: list[ImportFaultOut] = Field(description="The first thousand of these.")
    unknown_columns: list[str] = Field(
        description="Headings that are not understood: nothing of these columns is brought in."
    )


class ImportPage(Page):
    """One page of imports."""


class ImportOut(Output):
    """What was brought in at one go."""

    id: str = Field(description="The deed: `POST /api/deeds/{deedId}/undo` takes it back.")
    of: ImportOf
    at: datetime
    account_id: str | None = Field(description="Who did it; null: a command.")
    students: int | None = Field(description="How many it was about; null of tutors.")
    tutor_students: int | None = Field(description="How many relationships began.")
    undone_at: datetime | None
    undone_by_account_id: str | None


class ImportList(ListOutput):
    """Imports, newest first."""

    imports: list[ImportOut]
