"""What a tutor is told by mail of what others change in their diary."""

from typing import Literal

from pydantic import Field

from tandem.api.schemas.parts import Input, Output

DiaryKind = Literal["planned", "moved", "cancelled", "covered"]


class TutorNoticesIn(Input):
    """All that the tutor wants to be told; what is not sent is not told any more."""

    kinds: list[DiaryKind] = Field(max_length=4)


class TutorNoticesAnswer(Output):
    """What a tutor wants to be told. Nobody is told anything while notices are off."""

    kinds: list[DiaryKind]
    on: bool = Field(description="Whether notices are on at all: an owner switches them.")
