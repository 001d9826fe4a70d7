"""What came of sessions, and what part of all that is, in words."""

from tandem.insights.outcomes import OutcomeLine
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy

UNKNOWN = "by_nobody_known"
LEAST, MOST = 1, 99
"""Whole percent that are neither none nor all."""
OUTCOMES = {
    "held": gettext_lazy("Held"),
    "no_shows": gettext_lazy("No-shows"),
    "by_family": gettext_lazy("Cancelled by the family"),
    "by_tutor": gettext_lazy("Cancelled by the tutor"),
    "by_business": gettext_lazy("Cancelled by the business"),
    UNKNOWN: gettext_lazy("Cancelled, not known by whom"),
}
"""What comes of sessions, in the order in which reports tell it."""


def outcomes_of(line: OutcomeLine, shows_unknown: bool = True) -> list[tuple[str, int]]:  # noqa: FBT001, FBT002 - a filter of templates
    """Return how many sessions of a line came to what, in the order of ``OUTCOMES``.

    What nobody wrote down is left out unless it ``shows_unknown``.
    """
    shown = [name for name in OUTCOMES if shows_unknown or name != UNKNOWN]
    return [(str(OUTCOMES[name]), getattr(line, name)) for name in shown]


def share_of(part: int, whole: int) -> float:
    """Return how many percent of the whole a part is; of nothing, 0."""
    return 100 * part / whole if whole else 0.0


def share_words(part: int, whole: int) -> str:
    """Return a part in whole percent as one reads it; what is there is never said to be none,
    and what is not the whole never to be all.
    """
    share = share_of(part, whole)
    if 0 < share < LEAST:
        return _("under {percent}%").format(percent=LEAST)
    if MOST < share < round(share):
        return _("over {percent}%").format(percent=MOST)
    return _("{percent}%").format(percent=round(share))
