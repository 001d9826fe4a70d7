"""What the people of a load need to know, handed to locust's process in a file."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

DROPPED, UNAVAILABLE = 0, 503
"""The status of an answer: 0 where none came."""
CREATED = "created"
"""What is known of a session that was planned and nothing else."""


@dataclass(frozen=True)
class Facts:
    """``people`` by kind; before ``free_until`` and after ``free_from`` no tutor has a session."""

    people: dict[str, list[dict[str, Any]]]
    students: int
    tutors: int
    free_until: datetime
    free_from: datetime

    @classmethod
    def read(cls, path: Path) -> "Facts":
        """Return what ``write`` wrote."""
        given = json.loads(path.read_text(encoding="utf-8"))
        moments = {
            name: datetime.fromisoformat(given[name]) for name in ("free_until", "free_from")
        }
        return cls(**{**given, **moments})

    def write(self, path: Path) -> None:
        """Write everything to a file."""
        path.write_text(json.dumps(asdict(self), default=datetime.isoformat), encoding="utf-8")
