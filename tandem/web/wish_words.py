"""Hours of the week in words."""

from collections.abc import Sequence

from tandem.kit.language import gettext as _
from tandem.kit.weekly import Weekly
from tandem.web.forms.time import WEEKDAYS


def hours_words(hours: Sequence[Weekly]) -> str:
    """Return hours of the week in words: Monday 16:00 to 17:00, Friday 9:00 to 10:30."""
    return ", ".join(
        _("{weekday} {starts} to {ends}").format(
            weekday=WEEKDAYS[one.weekday],
            starts=f"{one.starts:%H:%M}",
            ends=f"{one.ends:%H:%M}",
        )
        for one in hours
    )
