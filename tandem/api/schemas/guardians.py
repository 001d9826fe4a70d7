"""Guardians of students."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import CALLED, Input, Line, ListOutput, Output, Page, optional

Notice = Literal["planned", "moved", "cancelled", "covered", "reminder", "summary"]


class GuardianOut(Output):
    """An adult of one or more students, as far as the caller may know of them."""

    id: str
    full_name: str
    email: str | None
    phone: str | None
    language: str = Field(description="As BCP 47 writes it; empty where it is not known.")
    notices: list[Notice] = Field(description="What they want to be told.")
    student_ids: list[str] = Field(
        description="Whose guardian they are; for a tutor, of those whom the tutor teaches now."
    )
    link_token: str | None = Field(
        description="The secret of their own link, for owners: it opens the pages of all their "
        "students. null where there is none, for tutors, and for every read-only token."
    )
    link_opened_on: date | None = Field(
        description="The day on which it was last opened, for owners."
    )
    email_refused_at: datetime | None = Field(
        description="Since when the mail server takes nothing for the address; null where it does."
    )
    created_at: datetime
    updated_at: datetime


class GuardianAnswer(Output):
    """One guardian."""

    guardian: GuardianOut


class GuardianList(ListOutput):
    """Guardians, by name."""

    guardians: list[GuardianOut]


class GuardianPage(Page):
    """A page of guardians."""

    student_id: Line | None = Field(default=None, description="Those of this student.")
    q: Line | None = Field(default=None, description=CALLED)


class NewGuardian(Input):
    """A guardian of students."""

    full_name: Line = Field(examples=["Maria Ruiz"])
    student_ids: list[Line] = Field(min_length=1, max_length=50)
    email: Line | None = None
    phone: Line | None = None
    language: Line = Field(
        default="",
        examples=["de"],
        description="One that letters are written in (`en`, `de`, `de-AT`); empty: not known.",
    )
    notices: list[Notice] = optional(description="Everything but the summary, unless said.")


class GuardianChanges(Input):
    """What to change; what is left out stays."""

    full_name: Line = optional(examples=["Maria Ruiz"])
    student_ids: list[Line] = optional(
        min_length=1, max_length=50, description="All of them: who is not named is no longer one."
    )
    email: Line | None = None
    phone: Line | None = None
    language: Line = optional(description="As in a new one; what is noted already may stay.")
    notices: list[Notice] = optional()
