"""Deeds: wide changes, as they can be undone."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import ListOutput, Output, Page, PreviewOutput, Warned, WideWrite
from tandem.api.schemas.relationships import PrimaryKeptOut
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
    "import",
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
    """What does not become as it was, and why."""

    session_id: str | None = Field(
        description="The session that stays as it is; null where a date of weekly lessons has none."
    )
    date: str | None = Field(
        description="The date of weekly lessons that gets no lesson; null beside `sessionId`."
    )
    reason: str = Field(
        examples=["tutor_busy"],
        description="`tutor_busy`, `student_busy`, `tutor_away`, `closed`, `outside_relationship`, "
        "`before_start`, `no_such_time`, `overlaps_itself`: why it cannot be. `begun`, "
        "`in_the_past`: its time has come. `changed_since`: somebody changed it again.",
    )
    start_time: datetime | None = Field(
        description="When the session would begin again; null where it keeps its hours."
    )
    busy_session_id: str | None = Field(
        description="The session in its hours, where you may see it."
    )
    busy_from: datetime | None = Field(description="When what is in its hours begins.")
    busy_until: datetime | None


class UndoAnswer(PreviewOutput, Warned):
    """What undoing a deed does, or would do.

    With `clashes` it is refused whole. What is `left` stays as it is, where the `expect` of a
    preview is sent; without it only what was changed since, or has begun, may stay.
    """

    deed: DeedOut
    sessions: list[UndoneSessionOut] = Field(
        description="What is touched, each as it is then; what is `removed` is gone."
    )
    removed_tutor_student_ids: list[str] = Field(
        description="Relationships that the deed made and that go again."
    )
    removed_student_ids: list[str] = Field(
        description="Students who came from a spreadsheet and go again, with their relationships."
    )
    removed_tutor_ids: list[str] = Field(description="Tutors who came so and go again.")
    removed_subjects: list[str] = Field(
        description="The names of subjects that came so and go again: nothing else names them."
    )
    kept_subjects: list[str] = Field(
        description="Those that came so and stay: somebody teaches or learns them by now, or did, "
        "or the older application runs beside."
    )
    kept_tutor_student_ids: list[str] = Field(
        description="Relationships that it made and that stay: something was planned in them, "
        "or they were ended or transferred since."
    )
    end_date: str | None = Field(
        description="The day on which the relationship ends again whose end was moved by the deed."
    )
    primary_kept: list[PrimaryKeptOut] = Field(
        description="Who stays primary although it was another before the deed, because that was "
        "decided since. On all other days everybody is primary as before."
    )
    left: list[UndoClashOut] = Field(
        description="What stays as it is now, and is in none of `sessions`."
    )
    clashes: list[UndoClashOut] = Field(
        description="Why nothing of it can be undone; empty where something can."
    )
