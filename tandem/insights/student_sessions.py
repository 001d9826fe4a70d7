"""A student's sessions, told apart by tutor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter, sessions
from tandem.people.models import Tutor
from tandem.people.queries import Viewer

SIDES = ("tutor", "is_ahead")
SOONEST, LATEST = ("starts_at", "id"), ("-starts_at", "-id")


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
    """Return the ``nearest`` sessions on both sides of ``now`` with each tutor, in two queries.

    The tutor met last comes first. One that is under way is still ahead.
    """
    of_student = sessions(viewer, SessionFilter(student_id=student_id)).annotate(
        is_ahead=ExpressionWrapper(Q(ends_at__gt=now), BooleanField())
    )
    bare = of_student.select_related(None).order_by()
    counts = bare.values(*SIDES).annotate(n=Count("pk")).values_list(*SIDES, "n")
    numbers = {(tutor, ahead): n for tutor, ahead, n in counts}
    if not numbers:
        return []
    # A few rows from the end of an index for each side, however long the history is.
    near = [
        bare.filter(tutor=tutor, is_ahead=ahead)
        .order_by(*(SOONEST if ahead else LATEST))
        .values("pk")[:nearest]
        for tutor, ahead in numbers
    ]
    rows = of_student.filter(pk__in=near[0].union(*near[1:], all=True)).order_by(*LATEST)
    return _by_tutor(rows, numbers)


def _by_tutor(rows: Iterable[Session], numbers: Mapping[tuple[str, bool], int]) -> list[WithTutor]:
    found: dict[str, WithTutor] = {}
    for session in rows:
        with_tutor = found.setdefault(session.tutor_id, WithTutor(session.tutor))
        if getattr(session, "is_ahead"):  # noqa: B009 - an annotation, unknown to the model
            with_tutor.ahead.insert(0, session)
        else:
            with_tutor.held.append(session)
    for tutor_id, with_tutor in found.items():
        with_tutor.number_ahead = numbers.get((tutor_id, True), 0)
        with_tutor.number_held = numbers.get((tutor_id, False), 0)
    return list(found.values())
