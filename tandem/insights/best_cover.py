"""Who covers which lesson so that as many as can be are covered, and all together best."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from tandem.insights import rules
from tandem.insights.assignment import Options, Takers, best_assignment
from tandem.insights.matching import meet
from tandem.insights.rules import Match, Wish
from tandem.lessons.models import Session


def best_covers(
    together: Sequence[Sequence[Session]], covers: Mapping[str, Sequence[Match]]
) -> dict[str, str]:
    """Return for each session (by id) the tutor who covers it; one without a cover is left out.

    ``together`` are sessions that are one lesson; ``covers`` are who could cover each, and of one
    lesson the same, best first. A tutor covers one lesson at a time. As many as can be are covered;
    of such plans it is one with the least points (``rules.cover_cost``), and of tutors with as few
    points for a lesson the one who is listed first and free.
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
    found = {
        int(options.seekers[which]): (tutors[options.takers[which]], int(options.costs[which]))
        for which in chosen
    }
    taken = _first_listed(together, covers, found)
    return {one.pk: tutor for number, tutor in taken.items() for one in together[number]}


def _first_listed(
    together: Sequence[Sequence[Session]],
    covers: Mapping[str, Sequence[Match]],
    found: Mapping[int, tuple[str, int]],
) -> dict[int, str]:
    """Return who covers each lesson (by number) where who is listed first comes before an equal.

    ``found`` has a tutor and their points for each; the solver takes any of those who are equally
    good, each lesson of a week another. Nobody covers two at once.
    """
    taken = {number: tutor for number, (tutor, _) in found.items()}
    kept: dict[str, set[int]] = defaultdict(set)
    for number, tutor in taken.items():
        kept[tutor].add(number)
    for number, (tutor, points) in sorted(found.items()):
        lesson = together[number][0]
        kept[tutor].remove(number)
        taken[number] = next(
            one.facts.id
            for one in covers[lesson.pk]
            if rules.cover_cost(one.facts, wish_of(lesson)) <= points
            and not any(meet(lesson, together[other][0]) for other in kept[one.facts.id])
        )
        kept[taken[number]].add(number)
    return taken


def wish_of(session: Session) -> Wish:
    """Return what is looked for in who covers a session."""
    subject = session.tutor_student.subject
    return Wish(subject.name if subject else "", at_hours=True)


def _seconds(session: Session) -> tuple[int, int]:
    return int(session.starts_at.timestamp()), int(session.ends_at.timestamp())
