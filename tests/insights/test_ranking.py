"""The ranking of tutors, from facts alone."""

import pytest

from tandem.insights.rules import Facts, Wish, rank, why_not

PHYSICS = Wish("Physics", "advanced")


def tutor(name: str, **facts: object) -> Facts:
    """Return a tutor who teaches the subject at an unknown level, unless said otherwise."""
    return Facts(**{"id": name.lower(), "name": name, "level": "", **facts})  # type: ignore[arg-type]


def names(*tutors: Facts, wish: Wish = PHYSICS) -> list[str]:
    """Return who fits, best first."""
    return [one.facts.name for one in rank(tutors, wish)[0]]


@pytest.mark.parametrize(
    ("facts", "wish", "reason"),
    [
        ({"level": None}, PHYSICS, "Does not teach Physics."),
        ({"level": "beginner"}, PHYSICS, "Teaches Physics up to beginner, not advanced."),
        ({"capacity": 2, "teaching": 2}, PHYSICS, "Has no room: teaches 2 of at most 2."),
        ({"capacity": 0}, PHYSICS, "Has no room: teaches 0 of at most 0."),
        ({"teaches_already": True}, PHYSICS, "Teaches this student Physics already."),
        ({"teaches_already": True}, Wish(), "Teaches this student already."),
        ({"is_to_teach": True}, PHYSICS, "Is to teach this student Physics."),
        ({"is_to_teach": True}, Wish(), "Is to teach this student."),
        ({"busy": True}, Wish(at_hours=True), "Has a session in these hours."),
        ({"away": True}, Wish(at_hours=True), "Is away in these hours."),
        ({"free": False}, Wish(at_hours=True), "Is not available in these hours."),
        ({"busy": True, "level": None}, Wish(), None),
        ({"free": None}, Wish(at_hours=True), None),
        ({"level": "advanced", "capacity": 2, "teaching": 1}, PHYSICS, None),
    ],
)
def test_who_is_left_out_is_told_why(
    facts: dict[str, object], wish: Wish, reason: str | None
) -> None:
    """Each hindrance has a sentence; without one a tutor fits."""
    assert why_not(tutor("Ben", **facts), wish) == reason


def test_a_known_level_comes_before_an_unknown_one() -> None:
    """And past work with the student before a level that is nearer, and that before room."""
    ranked = names(
        tutor("Unknown", held=9),
        tutor("Expert", level="expert"),
        tutor("Near", level="advanced", capacity=1),
        tutor("Roomy", level="advanced", capacity=5),
        tutor("Known", level="expert", held=3),
    )
    assert ranked == ["Known", "Roomy", "Near", "Expert", "Unknown"]


def test_who_is_free_then_comes_first() -> None:
    """When hours are wanted, a tutor who said they are free then beats one who said nothing."""
    wish = Wish("Physics", at_hours=True)
    assert names(tutor("Silent", level="expert", held=5), tutor("Free", free=True), wish=wish) == [
        "Free",
        "Silent",
    ]


def test_equals_are_listed_by_name() -> None:
    """The order never depends on the order in which tutors were read."""
    tutors = [tutor("zoe"), tutor("Adam"), tutor("Mia")]
    assert names(*tutors) == names(*reversed(tutors)) == ["Adam", "Mia", "zoe"]


def test_the_reasons_are_said_in_words() -> None:
    """Level, past work and room; singular and plural."""
    (match,), left_out = rank(
        [tutor("Ben", level="expert", held=1, capacity=4, teaching=2), tutor("Cara", level=None)],
        PHYSICS,
    )
    assert match.reasons == (
        "Teaches Physics up to expert.",
        "Has held 1 session with this student.",
        "Has room for 2 more students.",
    )
    assert [(one.facts.name, one.reason) for one in left_out] == [
        ("Cara", "Does not teach Physics.")
    ]
