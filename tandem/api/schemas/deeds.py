"""Deeds: wide changes, as they can be undone."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import ListOutput, Output, Page, PreviewOutput, Warned, WideWrite
from tandem.api.schemas.sessions import SessionStatus

DeedKind = Literal[
    "transfer",
    "hand_over",
    "end",
    "cover",
    "series_plan",
    "series_edit",
    "series_stop",
    "closure",
    "time_off",
    "assignment",
    "absence_ended",
]


class DeedPage(Page):
    """One page of deeds."""


class DeedOut(Output):
    """A wide change that somebody made at one go."""

    id: str
    kind: DeedKind
    at: datetime
    account_id: str | None = Field(description="Who did it; null: a command.")
    tutor_student_ids: list[str] = Field(description="The relationships that it was about.")
    student_ids: list[str]
    undone_at: datetime | None
    undone_by_account_id: str | None


class DeedAnswer(Output):
    """One deed."""

    deed: DeedOut


class DeedList(ListOutput):
    """Deeds, newest first."""

    deeds: list[DeedOut]


class Undoing(WideWrite):
    """Undoing a deed."""


class UndoneSessionOut(Output):
    """A session that is touched by undoing a deed, as it is then."""

    id: str
    becomes: Literal["given_back", "covered", "planned_again", "changed", "removed"]
    start_time: datetime
    end_time: datetime
    status: SessionStatus


class UndoClashOut(Output):
    """What stands against it: a session or a date that cannot be as before, and why."""

    session_id: str | None
    date: str | None
    reason: str = Field(examples=["tutor_busy"])


class UndoAnswer(PreviewOutput, Warned):
    """What undoing a deed does, or would do. With clashes it is refused."""

    deed: DeedOut
    sessions: list[UndoneSessionOut]
    removed_tutor_student_ids: list[str] = Field(
        description="Relationships that the deed made and that go again."
    )
    kept_tutor_student_ids: list[str] = Field(
        description="Relationships that it made and that stay: something was planned in them."
    )
    left: list[UndoClashOut] = Field(
        description="Sessions that do not become as they were, and why: `begun`, `changed_since`, "
        "or as for a clash."
    )
    clashes: list[UndoClashOut]
