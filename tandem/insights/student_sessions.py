"""A student's sessions, told apart by tutor."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, Window
from django.db.models.functions import RowNumber

from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter, sessions
from tandem.people.models import Tutor
from tandem.people.queries import Viewer


@dataclass
class WithTutor:
    """The sessions with one tutor: those ahead (soonest first) and those held (newest first).

    The numbers count all of them; the lists hold the nearest few.
    """

    tutor: Tutor
    ahead: list[Session] = field(default_factory=list)
    held: list[Session] = field(default_factory=list)
    number_ahead: int = 0
    number_held: int = 0

    @property
    def number(self) -> int:
        return self.number_ahead + self.number_held

    @property
    def has_more(self) -> bool:
        """Whether there are sessions beyond those listed."""
        return self.number > len(self.ahead) + len(self.held)


def sessions_by_tutor(
    viewer: Viewer, student_id: str, *, now: datetime, nearest: int
) -> list[WithTutor]:
    """Return the ``nearest`` sessions on both sides of ``now`` with each tutor, in one query.

    The tutor met last comes first. One that is under way is still ahead.
    """
    soonest, latest = ("starts_at", "id"), ("-starts_at", "-id")
    sides = [F("tutor"), F("is_ahead")]
    rows = (
        sessions(viewer, SessionFilter(student_id=student_id))
        .annotate(is_ahead=ExpressionWrapper(Q(ends_at__gt=now), BooleanField()))
        .annotate(
            from_first=Window(RowNumber(), partition_by=sides, order_by=soonest),
            from_last=Window(RowNumber(), partition_by=sides, order_by=latest),
            number=Window(Count("pk"), partition_by=sides),
        )
        .filter(
            Q(is_ahead=True, from_first__lte=nearest) | Q(is_ahead=False, from_last__lte=nearest)
        )
        .order_by(*latest)
    )
    return _by_tutor(rows)


def _by_tutor(rows: Iterable[Session]) -> list[WithTutor]:
    found: dict[str, WithTutor] = {}
    for session in rows:
        with_tutor = found.setdefault(session.tutor_id, WithTutor(session.tutor))
        number = getattr(session, "number")  # noqa: B009 - an annotation, unknown to the model
        if getattr(session, "is_ahead"):  # noqa: B009 - the same
            with_tutor.ahead.insert(0, session)
            with_tutor.number_ahead = number
        else:
            with_tutor.held.append(session)
            with_tutor.number_held = number
    return list(found.values())
