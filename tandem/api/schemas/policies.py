"""Policies of the business."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictInt

from tandem.api.schemas.parts import Input, Output, Switch, optional
from tandem.lessons.cancelling_rules import LONGEST_FREE_HOURS

Hours = Annotated[StrictInt, Field(ge=0, le=LONGEST_FREE_HOURS)]
Late = Literal["charged", "credit"]


class PolicyOut(Output):
    """When a family can cancel free, and what becomes of what it cancels later."""

    id: Literal["cancellation"]
    free_until_hours: int | None = Field(
        description="Until so many hours before a lesson begins; null: whenever."
    )
    late: Late = Field(description="What becomes of a lesson that a family cancels later.")
    reason_required: bool = Field(description="Whether who asks has to say why.")
    families_cancel: bool = Field(
        description="Whether a family may call a lesson off on the page that its link opens."
    )
    updated_at: datetime | None = Field(description="Null where nobody has set it.")


class PolicyAnswer(Output):
    """One policy."""

    policy: PolicyOut


class PolicyChanges(Input):
    """What is another from now on; what is left out stays."""

    free_until_hours: Hours | None = Field(
        default=None, description="Null: a family cancels free whenever it likes."
    )
    late: Late = optional()
    reason_required: Switch = optional()
    families_cancel: Switch = optional()
