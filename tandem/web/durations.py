"""Lengths of time in words."""

from datetime import timedelta

from tandem.kit.language import ngettext

MINUTE = timedelta(minutes=1)


def duration_words(length: timedelta) -> str:
    """Return a length of time as one says it: '40 seconds', '3 minutes', '2 hours 5 minutes'."""
    if length < MINUTE:
        seconds = round(length.total_seconds())
        return ngettext("{number} second", "{number} seconds", seconds).format(number=seconds)
    hours, minutes = divmod(round(length / MINUTE), 60)
    parts = [hours_words(hours)] if hours else []
    if minutes:
        words = ngettext("{number} minute", "{number} minutes", minutes)
        parts.append(words.format(number=minutes))
    return " ".join(parts)


def hours_words(hours: int) -> str:
    """Return '1 hour', '24 hours'."""
    return ngettext("{number} hour", "{number} hours", hours).format(number=hours)
