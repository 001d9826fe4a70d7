"""What every schema is made of: camelCase outside, nothing unknown, nothing half-read."""

import re
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from pydantic.alias_generators import to_camel

from tandem.kit.fingerprints import Shown, check_asked, fingerprint, with_asked

FIRST_YEAR, LAST_YEAR = 1900, 2200
MOMENTS = TypeAdapter(datetime)
LONGEST_LINE, LONGEST_TEXT = 500, 20_000
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
DAY_OR_MOMENT = "Write a date as YYYY-MM-DD, or a moment as RFC 3339 with an offset."
DIGITS = re.compile(r"-?\d+", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _moment_text(value: Any) -> Any:
    """Let RFC 3339 text through: no number of seconds, no time without an offset."""
    if not (isinstance(value, str) and MOMENT.fullmatch(value)):
        raise ValueError("Write a moment as RFC 3339 with an offset, like 2027-03-01T16:00:00Z.")
    return value


def _day_text(value: Any) -> Any:
    if not (isinstance(value, str) and DAY.fullmatch(value)):
        raise ValueError("Write a date as YYYY-MM-DD.")
    return _date(value)


def _date(text: str) -> date:
    """Return the date that a text of the right form names; 30 February is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no date: the calendar does not have it.") from None


def _day_or_moment(value: Any) -> date | datetime:
    """Return the date or the moment that a text is; one refusal for what is neither."""
    if isinstance(value, str) and DAY.fullmatch(value):
        return _date(value)
    try:
        return MOMENTS.validate_python(_moment_text(value))
    except ValueError:
        raise ValueError(DAY_OR_MOMENT) from None


def _digits(value: Any) -> Any:
    """Let a number in digits through, as a query has it; Python alone reads ``5_0`` as one."""
    if isinstance(value, str) and not DIGITS.fullmatch(value):
        raise ValueError("Write a whole number in digits.")
    return value


def _near(value: date) -> date:
    """Refuse years in which PostgreSQL, Python and time zones may no longer agree."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"The year has to lie between {FIRST_YEAR} and {LAST_YEAR}.")
    return value


def _storable(value: str) -> str:
    """Refuse what a PostgreSQL text cannot hold: the character NUL, and half a surrogate pair."""
    if "\x00" in value:
        raise ValueError("A text cannot hold the character NUL.")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("The text is not valid Unicode.")
    return value


def _each_once(ids: list[str]) -> list[str]:
    if len(set(ids)) < len(ids):
        raise ValueError("Name each once.")
    return ids


Moment = Annotated[datetime, BeforeValidator(_moment_text), AfterValidator(_near)]
Day = Annotated[date, BeforeValidator(_day_text), AfterValidator(_near)]
DayOrMoment = Annotated[date | datetime, BeforeValidator(_day_or_moment), AfterValidator(_near)]
Line = Annotated[
    str, StringConstraints(strict=True, max_length=LONGEST_LINE), AfterValidator(_storable)
]
CALLED = (
    "Each of its words is in the name or in the e-mail address, with or without marks:"
    " `muller` finds Müller."
)
"""What is said of a text by which people are looked for."""
DifferentIds = Annotated[list[Line], AfterValidator(_each_once)]
Text = Annotated[
    str, StringConstraints(strict=True, max_length=LONGEST_TEXT), AfterValidator(_storable)
]
Progress = Annotated[StrictInt, Field(ge=1, le=5, description="From 1 to 5.")]
Capacity = Annotated[
    StrictInt,
    Field(ge=0, le=100_000, description="The most open relationships; null is no limit."),
]
Expect = Annotated[str, StringConstraints(strict=True)]
Switch = StrictBool
Level = Literal["", "beginner", "intermediate", "advanced", "expert"]
"""Of a subject; empty is not stated."""


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def example(**members: Any) -> ConfigDict:
    """Return the example that a body's schema shows in place of the least that it takes."""
    return ConfigDict(json_schema_extra={"examples": [members]})


def optional(**about: Any) -> Any:
    """Return the declaration of a member that may be left out, though it may not be null.

    Read such a model with ``given``: what was left out has no value at all.
    """
    return Field(default=None, json_schema_extra=_without_default, **about)


class Input(BaseModel):
    """What a caller sends. An unknown member is refused, so that a slip is never ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_alias=True, validate_by_name=False, extra="forbid"
    )

    def given(self, *, leaving: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Return the members that the caller sent, but for ``leaving``, in snake_case."""
        return self.model_dump(exclude_unset=True, exclude=set(leaving))


class WideWrite(Input):
    """A write that can be previewed, and then done only as the preview showed it.

    ``CHOSEN`` are members for which a preview finds what to say, as who fits; so the write may say
    them where the preview did not, and what it showed holds them.
    """

    CHOSEN: ClassVar[frozenset[str]] = frozenset()
    dry_run: Switch = Field(default=False, description="Show the effect and change nothing.")
    expect: Expect | None = Field(
        default=None,
        description="The preview's `expect`: the write is refused (409, "
        "`reason: changed_since_preview`, with `difference`) where it would do anything else.",
    )

    @model_validator(mode="after")
    def _expects_only_of_the_write(self) -> Self:
        if self.dry_run and self.expect is not None:
            raise ValueError("Send expect with the write itself, not with its preview.")
        return self

    def fingerprint_of(self, shown: Shown) -> str | None:
        """Return a preview's ``expect``, of what it shows and asks for; None of a write."""
        return fingerprint(with_asked(shown, self.asked)) if self.dry_run else None

    def expected(self) -> str | None:
        """Return what the write is to find, where it asks for just what its preview did.

        ConflictError ``changed_since_preview`` where it asks for something else.
        """
        return check_asked(self.expect, self.asked)

    def asked(self, shown: Shown) -> dict[str, object]:  # noqa: ARG002 - for who looks at it
        """Return what is asked for by member; what is left out is asked for as its default."""
        leaving = {"dry_run", "expect", *self.CHOSEN}
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=leaving)


class Filters(Input):
    """The query of a request; a list's has a page of its own, too."""


class Page(Filters):
    """One page of a list."""

    limit: Annotated[int, BeforeValidator(_digits)] = Field(
        default=50, ge=1, le=200, description="How many at most."
    )
    cursor: str | None = Field(
        default=None, description="`next` of the page before.", max_length=4000
    )


class Output(BaseModel):
    """What a caller reads."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_alias=False, validate_by_name=True
    )


class WarningOut(Output):
    """Something to know about a session that was planned, or would be. It refuses nothing."""

    code: Literal["outside_hours", "in_the_past"] = Field(
        description="`outside_hours`: outside the hours in which its tutor is free. `in_the_past`: "
        "it begins before now."
    )
    date: date
    session_id: str | None = Field(description="Null while there is no such session yet.")
    detail: str = Field(description="A sentence.")


class Warned(Output):
    """An answer to what plans sessions."""

    warnings: list[WarningOut] = Field(
        default=[],
        description="What is to be known of what is planned; left out where nothing is.",
    )


class PreviewOutput(Output):
    """What a write does, or would do."""

    dry_run: bool
    expect: str | None = Field(
        description="Of a preview: stands for all that it shows; send it with the write."
    )


class DeedOutput(PreviewOutput):
    """What a wide change does, or would do."""

    deed_id: str | None = Field(
        description="What `POST /api/deeds/{deedId}/undo` undoes; null in a preview."
    )


class ListOutput(Output):
    """A list that goes on."""

    next: str | None = Field(description="The `cursor` of the next page; null on the last.")
