"""All that stands against sessions, told at once: each with its code, its day, its words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tandem.kit.errors import ConflictError
from tandem.lessons.hindrances import Hindrance


def refuse(hindrances: Iterable[Hindrance], *, override: Collection[str] = ()) -> list[str]:
    """Refuse once with all hindrances but those that an owner plans in spite of (``override``).

    Return which of ``override`` stood against anything. Of a refusal the first gives the reason.
    The details are those of all, and ``conflicts`` has each by itself: ``code``, ``date`` (ISO,
    where the tutor is) and ``detail``, a sentence.
    """
    every = list(hindrances)
    found = [one for one in every if one.code not in override]
    if found:
        words = dict.fromkeys(str(one.refusal) for one in found)
        raise ConflictError(found[0].code, " ".join(words), _details(found))
    return list(dict.fromkeys(one.code for one in every))


def _details(found: Sequence[Hindrance]) -> Mapping[str, Any]:
    details: dict[str, Any] = {}
    for one in found:
        for name, value in one.refusal.details.items():
            there = details.setdefault(name, value)
            if isinstance(value, list):
                details[name] = list(dict.fromkeys([*there, *value]))
    conflicts = {
        (one.code, one.on, str(one.refusal)): {
            "code": one.code,
            "date": one.on.isoformat(),
            "detail": str(one.refusal),
        }
        for one in found
    }
    return {**details, "conflicts": [*conflicts.values()]}
