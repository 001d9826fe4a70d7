"""The older application's words for what Tandem calls otherwise: each once, for both ways."""

from collections.abc import Mapping

NOT_CHOSEN = "General"
"""The column's default in half-moved databases: it says that nobody chose a subject."""

Words = Mapping[str, tuple[str, ...]]
"""A status of Tandem's, and the old words for it, the one that is written first."""

SESSION_WORDS: Words = {
    "scheduled": ("scheduled",),
    "completed": ("completed",),
    "cancelled": ("cancelled", "canceled"),
    "no_show": ("no_show", "no-show", "noshow"),
}
CONNECTION_WORDS: Words = {
    "active": ("active", "accepted"),
    "pending": ("pending", "requested"),
    "paused": ("inactive", "paused"),
    "ended": ("completed", "ended"),
    "declined": ("declined", "rejected"),
}
NEXT_BEST = {"no_show": "cancelled", "declined": "ended"}
"""What is written, by its words, where the old column's type has none for a status."""


def read_as(words: Words) -> Mapping[str, str]:
    """Return what each old word means."""
    return {word: status for status, choices in words.items() for word in choices}


def written_as(words: Words) -> Words:
    """Return the old words for each status, the next best after its own."""
    return {
        status: (*choices, *words.get(NEXT_BEST.get(status, ""), ()))
        for status, choices in words.items()
    }
