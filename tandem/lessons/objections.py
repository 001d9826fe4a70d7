"""All that stands against sessions, told at once: each with its code, its day, its words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from tandem.kit.errors import ConflictError
from tandem.lessons import rules

Check = Callable[[], object]
"""Something that raises ConflictError where it stands against a session on a day."""


def check_all(checks: Iterable[tuple[date, Check]]) -> None:
    """Make every check, and refuse once with all that any refused.

    The first gives the reason. The details are those of all, and ``conflicts`` has each by itself:
    ``code``, ``date`` (ISO, where the tutor is) and ``detail``, a sentence.
    """
    found = [(day, refusal) for day, check in checks if (refusal := _refusal(check))]
    if found:
        first = found[0][1].reason
        words = dict.fromkeys(str(refusal) for _, refusal in found)
        raise ConflictError(first, " ".join(words), _details(found))


def free_checks(day: date, overlaps: Sequence[rules.Overlap]) -> list[tuple[date, Check]]:
    """Return a check for each reason why hours are taken."""
    reasons = dict.fromkeys(one.reason for one in overlaps)
    return [
        (day, partial(rules.check_free, [one for one in overlaps if one.reason == reason]))
        for reason in reasons
    ]


def _refusal(check: Check) -> ConflictError | None:
    try:
        check()
    except ConflictError as refusal:
        return refusal
    return None


def _details(found: Sequence[tuple[date, ConflictError]]) -> Mapping[str, Any]:
    details: dict[str, Any] = {}
    for _, refusal in found:
        for name, value in refusal.details.items():
            there = details.setdefault(name, value)
            if isinstance(value, list):
                details[name] = list(dict.fromkeys([*there, *value]))
    conflicts = {
        (refusal.reason, day, str(refusal)): {
            "code": refusal.reason,
            "date": day.isoformat(),
            "detail": str(refusal),
        }
        for day, refusal in found
    }
    return {**details, "conflicts": [*conflicts.values()]}
