"""Which tables the steps of a transaction read, write and lock, from what was recorded of it."""

from collections.abc import Sequence
from typing import Any

from drills.interleavings.scheduler import Footprint


def footprints(recorded: Sequence[tuple[str, dict[str, Any]]], *, inside: bool) -> list[Footprint]:
    """Return the footprint of each step; a transaction's end shows others all that it wrote.

    Under REPEATABLE READ the first step fixes all that is read; that is left to the sample.
    """
    found: list[Footprint] = []
    so_far, written = Footprint(), frozenset[str]()
    before: dict[str, Any] = {}
    for kind, seen in recorded:
        if seen:
            so_far |= _between(before, seen)
            before = seen
        written |= so_far.written
        if kind == "halt" and not inside:
            continue
        if kind == "step" and not seen:  # it ended, with all that its last statement did
            so_far |= Footprint(written=written)
            written, before = frozenset(), {}
        found.append(so_far)
        so_far = Footprint()
    return found


def _between(before: dict[str, Any], seen: dict[str, Any]) -> Footprint:
    changed = {
        what: {
            name
            for name, count in seen[what].items()
            if count and count != before.get(what, {}).get(name, 0)
        }
        for what in ("read", "written")
    }
    locked = set(seen["locked"]) - ({*before.get("locked", ())} & {"Student", "Tutor", "Session"})
    return Footprint(
        frozenset(changed["read"]), frozenset(changed["written"] | (locked & changed["read"]))
    )
