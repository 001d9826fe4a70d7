"""Lengths of time in words."""

from datetime import timedelta

MINUTE = timedelta(minutes=1)


def duration_words(length: timedelta) -> str:
    """Return a length of time as one says it: '40 seconds', '3 minutes', '2 hours 5 minutes'."""
    if length < MINUTE:
        return _many(round(length.total_seconds()), "second")
    hours, minutes = divmod(round(length / MINUTE), 60)
    parts = [_many(n, what) for n, what in ((hours, "hour"), (minutes, "minute")) if n]
    return " ".join(parts)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
