"""Who covers which lesson so that as many as can be are covered, and all together best."""

from collections.abc import Mapping, Sequence

import numpy as np

from tandem.insights import rules
from tandem.insights.assignment import Options, Takers, best_assignment
from tandem.insights.rules import Match, Wish
from tandem.lessons.models import Session


def best_covers(
    together: Sequence[Sequence[Session]], covers: Mapping[str, Sequence[Match]]
) -> dict[str, str]:
    """Return for each session (by id) the tutor who covers it; one without a cover is left out.

    ``together`` are sessions that are one lesson; ``covers`` are who could cover each, and of one
    lesson the same. A tutor covers one lesson at a time. As many as can be are covered; of such
    plans it is the one with the least points (``rules.cover_cost``).
    """
    tutors = list(dict.fromkeys(m.facts.id for lesson in together for m in covers[lesson[0].pk]))
    at = {pk: position for position, pk in enumerate(tutors)}
    rows = [
        (number, at[match.facts.id], rules.cover_cost(match.facts, wish_of(lesson[0])), *span)
        for number, lesson in enumerate(together)
        for span in [_seconds(lesson[0])]
        for match in covers[lesson[0].pk]
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    options = Options(*(table[:, column].copy() for column in range(5)))
    without = [rules.without_cost(0)] * len(together)
    chosen = best_assignment(options, Takers([None] * len(tutors)), without)
    return {
        one.pk: tutors[options.takers[which]]
        for which in chosen
        for one in together[options.seekers[which]]
    }


def wish_of(session: Session) -> Wish:
    """Return what is looked for in who covers a session."""
    subject = session.tutor_student.subject
    return Wish(subject.name if subject else "", at_hours=True)


def _seconds(session: Session) -> tuple[int, int]:
    return int(session.starts_at.timestamp()), int(session.ends_at.timestamp())
