"""Of all ways to cover lessons the best is taken, also where several tutors are away at once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.insights import rules
from tandem.insights.best_cover import best_covers, wish_of
from tandem.insights.matching import meet
from tandem.insights.rules import Facts, Match
from tandem.lessons.models import Session
from tandem.people.models import Subject
from tandem.relationships.models import TutorStudent
from tests.cast import at

WHO = [
    Facts(id=name, name=name, level=level, teaches_already=knows, held=held, free=free)
    for name, level, knows, held, free in (
        ("Cara", "expert", True, 3, True),
        ("Dev", "", False, 0, None),
        ("Eli", "beginner", False, 1, True),
    )
]
LESSON = st.tuples(st.integers(0, 5), st.lists(st.sampled_from(WHO), unique=True))


def lesson(number: int, half_hours: int) -> Session:
    """A lesson of an hour."""
    starts_at = at(17, 9) + timedelta(minutes=30 * half_hours)
    link = TutorStudent(subject=Subject(name="Maths"))
    ends_at = starts_at + timedelta(hours=1)
    return Session(pk=f"x{number}", tutor_student=link, starts_at=starts_at, ends_at=ends_at)


def points(
    lessons: Sequence[Session], covers: Mapping[str, Sequence[Match]], plan: Mapping[str, str]
) -> int | None:
    """Return the points of a plan; None where somebody would be in two places."""
    total = rules.without_cost(0) * (len(lessons) - len(plan))
    for one in lessons:
        if one.pk in plan:
            (facts,) = (m.facts for m in covers[one.pk] if m.facts.id == plan[one.pk])
            total += rules.cover_cost(facts, wish_of(one))
        for other in lessons:
            both = one.pk in plan and plan[one.pk] == plan.get(other.pk)
            if both and one is not other and meet(one, other):
                return None
    return total


@given(st.lists(LESSON, max_size=5))
@settings(max_examples=150, deadline=None)
def test_it_is_the_best_of_all(wanted: list[tuple[int, list[Facts]]]) -> None:
    lessons = [lesson(number, when) for number, (when, _) in enumerate(wanted)]
    covers = {
        one.pk: [Match(facts, ()) for facts in able]
        for one, (_, able) in zip(lessons, wanted, strict=True)
    }
    plans = [
        {one.pk: chosen for one, chosen in zip(lessons, choice, strict=True) if chosen}
        for choice in product(*([*(m.facts.id for m in covers[one.pk]), ""] for one in lessons))
    ]
    every = [cost for plan in plans if (cost := points(lessons, covers, plan)) is not None]
    found = best_covers([[one] for one in lessons], covers)
    assert points(lessons, covers, found) == min(every)


def test_one_who_could_cover_two_at_once_leaves_one_to_another() -> None:
    first, second = lesson(1, 0), lesson(2, 1)
    cara, dev, _ = (Match(facts, ()) for facts in WHO)
    covers = {first.pk: [cara, dev], second.pk: [cara]}
    assert best_covers([[first], [second]], covers) == {first.pk: "Dev", second.pk: "Cara"}


def test_a_group_is_covered_by_one() -> None:
    group = [lesson(1, 0), lesson(2, 0)]
    dev = [Match(WHO[1], ())]
    assert best_covers([group], {one.pk: dev for one in group}) == {"x1": "Dev", "x2": "Dev"}


def test_of_equally_good_ones_the_first_who_is_listed_covers() -> None:
    """The page lists who could cover, best first: what it chooses is what that list says."""
    lessons = [lesson(number, 2 * number) for number in range(8)]
    listed = [
        Match(Facts(id=name, name=name, level="advanced"), ()) for name in "ABCDEFGHIJKLMNOPQRST"
    ]
    covers = {one.pk: listed for one in lessons}
    assert best_covers([[one] for one in lessons], covers) == dict.fromkeys(covers, "A")


def test_the_second_who_is_listed_covers_where_the_first_is_taken() -> None:
    both = [lesson(1, 0), lesson(2, 1), lesson(3, 4)]
    listed = [Match(Facts(id=name, name=name, level="advanced"), ()) for name in "ABCDEFGH"]
    found = best_covers([[one] for one in both], {one.pk: listed for one in both})
    assert found == {"x1": "A", "x2": "B", "x3": "A"}
