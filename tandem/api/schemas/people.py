"""Students and tutors."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import (
    CALLED,
    Capacity,
    Day,
    Input,
    Level,
    Line,
    ListOutput,
    Moment,
    Output,
    Page,
    PreviewOutput,
    Switch,
    WideWrite,
    example,
    optional,
)
from tandem.api.schemas.relationships import Status, TutorStudentOut
from tandem.api.schemas.sessions import SessionOut
from tandem.api.schemas.wishes import WishIn


class StudentOut(Output):
    """A student with every relationship that the caller may see; the primary comes first."""

    id: str
    full_name: str
    tutor_id: str | None = Field(description="The primary tutor, as the older API had it.")
    subject: str = Field(description="The primary relationship's, as the older API had it.")
    year: str
    active: bool
    email: str | None
    phone: str | None
    parent_email: str | None
    parent_link_token: str | None = Field(
        description="null where there is no link, for who does not teach the student now, "
        "and for every read-only token: its ETags are of what it is shown."
    )
    time_zone: str
    created_at: datetime
    updated_at: datetime
    tutor_students: list[TutorStudentOut]
    last_session: SessionOut | None = Field(
        default=None,
        description="The one held last, so far as the caller may see it. Only there if asked for.",
    )


class StudentAnswer(Output):
    """One student."""

    student: StudentOut


class StudentList(ListOutput):
    """Students, by name."""

    students: list[StudentOut]


class StudentPage(Page):
    """Filters of the list of students. Those about relationships speak of one and the same."""

    q: Line | None = Field(
        default=None,
        description="Each of its words is in the name, in an e-mail address or in a guardian's"
        " name, with or without marks: `muller` finds Müller.",
    )
    tutor_id: Line | None = None
    subject: Line | None = Field(
        default=None, description="The name of a subject, whatever its case."
    )
    status: list[Status] = Field(default=[], description="Of a relationship; may be repeated.")
    as_of: Day | None = Field(
        default=None, description="Taught on this day; `tutorStudents` are those that held on it."
    )
    updated_since: Moment | None = Field(
        default=None,
        description="The student or a relationship, written since or turned by the day.",
    )
    sort: Literal["fullName", "-createdAt"] = Field(
        default="fullName", description="`-createdAt` begins with the newest."
    )
    last_session: bool = Field(
        default=False, description="Whether each student comes with `lastSession`."
    )


class PairingIn(Input):
    """A tutor for a new student."""

    tutor_id: Line
    subject: Line = Field(default="", description="Empty is any subject.", examples=["Physics"])
    start_date: Day | None = Field(default=None, description="Today, unless said otherwise.")


class NewStudent(Input):
    """A student with the primary tutor (the caller, unless named) and, where wanted, others."""

    model_config = example(fullName="Ana Ruiz", tutorId="{tutorId}", subject="Physics")

    full_name: Line = Field(examples=["Ana Ruiz"])
    tutor_id: Line | None = Field(
        default=None, description="The primary tutor. Of an owner null: nobody teaches them yet."
    )
    subject: Line = Field(default="", description="Empty is any subject.", examples=["Physics"])
    start_date: Day | None = Field(default=None, description="Today, unless said otherwise.")
    tutors: list[PairingIn] = Field(default=[], max_length=50, description="Further tutors.")
    wishes: list[WishIn] = Field(
        default=[],
        max_length=20,
        description="Of an owner: what the student would like to learn and nobody teaches yet.",
    )
    year: Line = ""
    active: Switch = True
    email: Line | None = None
    phone: Line | None = None
    parent_email: Line | None = None
    time_zone: Line = Field(default="", examples=["Europe/London"])


class StudentChanges(Input):
    """What to change; what is left out stays."""

    full_name: Line = optional(examples=["Ana Ruiz"])
    subject: Line = optional(
        description="Of an older caller: the primary relationship's. Another one changes it there."
    )
    year: Line = optional()
    active: Switch = optional()
    email: Line | None = None
    phone: Line | None = None
    parent_email: Line | None = None
    time_zone: Line = optional()


class NewParentLink(Input):
    """A link that takes the place of the one before."""

    last_day: Day | None = Field(
        default=None,
        description="The last day on which it opens, in the business's zone; null is no end.",
    )


class ParentLinkOut(Output):
    """What is known of a student's link for the parents."""

    token: str | None = Field(
        description="null where there is no link, and for every read-only token."
    )
    last_day: date | None = Field(
        description="The last day on which it opens, in the business's zone; null is no end."
    )
    opened_on: date | None = Field(
        description="The day on which it was last opened; null where nobody is known to have."
    )


class ParentLinkAnswer(Output):
    """A student's link for the parents."""

    parent_link: ParentLinkOut


class TaughtOut(Output):
    """A subject that a tutor teaches; an empty level has not been stated."""

    subject: str
    level: Level


class TutorOut(Output):
    """A tutor."""

    id: str
    full_name: str
    email: str
    phone: str | None
    capacity: int | None = Field(description="The most open relationships; null is no limit.")
    time_zone: str
    active: bool
    subjects: list[TaughtOut]
    created_at: datetime
    updated_at: datetime


class TutorAnswer(Output):
    """One tutor."""

    tutor: TutorOut


class NewZone(Input):
    """Another time zone for a tutor."""

    time_zone: Line = Field(
        description="Empty is the zone of the business.", examples=["Europe/London"]
    )
    dry_run: Switch = Field(default=False, description="Show the effect and change nothing.")


class TouchedOut(Output):
    """A session that falls on a day on which its tutor does not teach its student."""

    session: SessionOut
    date_before: date = Field(description="Where the tutor was.")
    date_after: date = Field(description="With the new zone.")


class NewZoneAnswer(TutorAnswer):
    """What a change of zone does, or would do."""

    sessions: list[TouchedOut]
    dry_run: bool


class TutorList(ListOutput):
    """Tutors, by name."""

    tutors: list[TutorOut]


class TutorPage(Page):
    """Filters of the list of tutors."""

    q: Line | None = Field(default=None, description=CALLED)
    student_id: Line | None = Field(default=None, description="Who teaches or taught this student.")
    subject: Line | None = Field(default=None, description="Who teaches a subject of this name.")
    updated_since: Moment | None = None


class TaughtIn(Input):
    """A subject that a tutor teaches; an empty level is not stated."""

    subject: Line = Field(examples=["Maths"])
    level: Level = ""


class NewTutor(Input):
    """A tutor."""

    full_name: Line = Field(examples=["Ben Okoro"])
    email: Line = Field(examples=["ben@tandem.example"])
    phone: Line | None = None
    capacity: Capacity | None = None
    time_zone: Line = Field(default="", examples=["Europe/London"])
    subjects: list[TaughtIn] = Field(default=[], max_length=200)


class TutorChanges(Input):
    """What to change; what is left out stays."""

    full_name: Line = optional(examples=["Ben Okoro"])
    email: Line = optional()
    phone: Line | None = None
    capacity: Capacity | None = None
    time_zone: Line = optional()
    active: Switch = optional()


class SubjectsIn(Input):
    """The whole of what a tutor teaches."""

    subjects: list[TaughtIn] = Field(max_length=200)


class Erase(WideWrite):
    """Whether to erase for good, or to show what would be removed."""


class ErasedOut(Output):
    """How many rows an erasure removes; the kept ones stay without a name."""

    sessions: int
    relationships: int
    events: int
    parents: int
    guardians: int = Field(
        description="Who are guardians of this student, and go where of no other."
    )
    kept_sessions: int
    kept_relationships: int


class EraseAnswer(PreviewOutput):
    """What an erasure removes, or would remove."""

    erased: ErasedOut
