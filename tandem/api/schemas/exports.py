"""What is held about one person."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from tandem.api.schemas.parts import Output


class SubjectExportAnswer(Output):
    """All that is held about a student or a tutor."""

    about: Literal["student", "tutor"]
    id: str
    name: str
    made_at: datetime
    held: dict[str, list[dict[str, Any]]] = Field(
        description="Rows by what they are (`sessions`, `history`), with the columns' own names."
        " What has no rows is not there."
    )
