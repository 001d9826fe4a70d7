"""Random runs of a look, other people's changes and the deed: never another deed.

What a preview says is written down as what becomes of sessions, and what the deed would do at the
moment of the look as what the tables differ in then: rows, days, marks. A deed that is done later
has changed just that; one that is refused has changed nothing.
"""

import os
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from tandem.kit.errors import ConflictError, TandemError
from tandem.lessons.actions import edit, schedule_group
from tandem.lessons.models import Session
from tandem.people.actions import update_student, update_tutor
from tandem.relationships.actions import annotate, pair
from tandem.relationships.models import TutorStudent
from tests.cast import HOUR, Cast, at, booked, gather
from tests.lessons.looks import OWN, Look, Wide
from tests.lessons.meanwhile import others_act
from tests.lessons.what_differs import State, difference, state
from tests.lessons.wide_changes import WIDE
from tests.once import once
from tests.together import together, wait_until_somebody_waits

RUNS = int(os.environ.get("PREVIEW_RUNS", "4"))
"""How many runs of each kind, so more than two hundred of all; more by hand."""
FIRST = int(os.environ.get("PREVIEW_FIRST", "0"))
"""The number of the first one, which its chances come from."""
HALF = 0.5
DAYS = (17, 18, 19)
Difference = Mapping[tuple[str, str], Any]
SINCE = {"changed_since_preview", "changed_since"}
"""What a deed is told that comes too late; the second where it is undone."""


def planned(chance: random.Random) -> Cast:
    """Return the cast with a diary to begin with; every other time Ben has two at once in it."""
    with_a_group = chance.random() < HALF
    hours = tuple(chance.choice([16, 17]) for _day in DAYS)
    return once(_planned(with_a_group=with_a_group, hours=hours))


@cache
def _planned(*, with_a_group: bool, hours: tuple[int, ...]) -> Callable[[], Cast]:
    """Return what makes one diary, by which the rows of that diary are known."""

    def make() -> Cast:
        cast = gather()
        if with_a_group:
            both = [cast.ben_ana.pk, cast.ben_cleo.pk]
            starts = at(17, 8)
            schedule_group(**OWN, tutor_student_ids=both, starts_at=starts, ends_at=starts + HOUR)
        for day, hour in zip(DAYS, hours, strict=True):
            booked(cast.ben_ana, at(day, hour))
        booked(cast.cara_ana, at(20, 16))
        booked(cast.ben_cleo, at(20, 18))
        return cast

    return make


def shown_by(wide: Wide, look: Look) -> Difference | None:
    """Return what the deed would do at once, all of which was shown; None: it is refused."""
    before, found = state(), None
    with transaction.atomic():
        try:
            wide.act(look.expect)
            found = difference(before, state())
        except TandemError:
            pass
        transaction.set_rollback(True)
    return found


def check_said(before: State, after: State, look: Look) -> None:
    """What the preview says becomes of sessions became of them, and of no others."""
    sessions = {pk: dict(row) for pk, row in before["Session"].items()}
    for pk, columns in look.sessions.items():
        sessions[pk] |= columns
    now = after["Session"]
    there = {pk for pk, row in sessions.items() if "gone" not in row}
    made = frozenset((row["student_id"], row["starts_at"]) for pk, row in now.items()
                     if pk not in there)  # fmt: skip
    assert made == look.made
    assert there <= now.keys()
    for pk in there:
        fields = {"tutor_id", "status", "starts_at", "ends_at", "title", "notes"}
        assert {name: now[pk][name] for name in fields} == {
            name: sessions[pk][name] for name in fields
        }


def run(cast: Cast, kind: str, chance: random.Random, times: int) -> str:
    """Look, let others act, do the deed; return what became of it.

    Every other time others have acted before the look too.
    """
    wide = WIDE[kind](cast)
    if times and chance.random() < HALF:
        others_act(cast, chance, Look("", {}), chance.choice([1, 2, 3]))
    try:
        look = wide.look()
    except TandemError:
        return "cannot be"
    shown = shown_by(wide, look)
    others_act(cast, chance, look, times)
    before = state()
    try:
        wide.act(look.expect)
    except TandemError as refused:
        assert state() == before
        return refused.reason if isinstance(refused, ConflictError) else refused.code
    after = state()
    assert difference(before, after) == shown, kind
    check_said(before, after, look)
    return "done"


@pytest.mark.parametrize("kind", sorted(WIDE))
def test_no_deed_differs_from_its_preview(db: None, kind: str) -> None:
    """Each run begins from the same state, with chances of its own; the first with nobody else.

    At least one comes too late.
    """
    became: set[str] = set()
    number = FIRST
    while number < FIRST + RUNS or (not became & SINCE and number < FIRST + 100):
        chance = random.Random(f"{kind} {number}")
        with transaction.atomic():
            cast = planned(chance)
            times = chance.choice([1, 1, 2, 3]) if number > FIRST else 0
            became.add(run(cast, kind, chance, times))
            transaction.set_rollback(True)
        number += 1
    assert "done" in became
    assert became & SINCE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", sorted(WIDE))
def test_a_change_that_is_not_committed_yet_is_waited_for(
    transactional_db: None, kind: str
) -> None:
    """The look was before, the deed begins while another still writes: it sees what that left."""
    cast = planned(random.Random(0))
    wide = WIDE[kind](cast)
    look = wide.look()
    written = Event()

    def other() -> None:
        with transaction.atomic():
            write_on(cast, look)
            written.set()
            wait_until_somebody_waits()

    def deed() -> object:
        assert written.wait(timeout=20)
        return wide.act(look.expect)

    _, refused = together(other, deed)
    assert isinstance(refused, ConflictError), refused
    assert refused.reason in SINCE


def write_on(cast: Cast, look: Look) -> None:
    """Write on the first session that was shown, or take the hour of one that would be made.

    Where there is neither, write on whoever may have been shown.
    """
    # Of several students who would share an hour, one: it is taken once.
    hours = {starts_at: student_id for student_id, starts_at in sorted(look.made)}
    for starts_at, student_id in hours.items():
        take_hour(cast, student_id, starts_at)
    row = Session.objects.filter(pk__in=look.sessions).order_by("starts_at").first()
    if row is not None:
        edit(**OWN, session_id=row.pk, changes={"title": "Read page 12"})
        return
    update_tutor(**OWN, tutor_id=cast.dev.pk, changes={"full_name": "Devi"})
    update_student(**OWN, student_id=cast.ana.pk, changes={"full_name": "Anna Ruiz"})
    annotate(**OWN, tutor_student_id=cast.ben_ana.pk, notes="Lab on Tuesdays")


def take_hour(cast: Cast, student_id: str, starts_at: datetime) -> None:
    """Give Ben a lesson at that hour, or where he is with others then, the student one with Dev."""
    with suppress(TandemError), transaction.atomic():
        booked(cast.ben_cleo, starts_at)
        return
    named: dict[str, Any] = {"tutor_id": cast.dev.pk, "student_id": student_id}
    there = TutorStudent.objects.filter(**named).first()
    booked(there or pair(**OWN, **named, subject="Art"), starts_at)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(16))
def test_of_two_at_once_each_does_what_it_showed(transactional_db: None, number: int) -> None:
    """Two people looked, and both act, each over a connection of their own."""
    chance = random.Random(number)
    cast = planned(chance)
    looked = two_looked_at(cast, chance)
    before = state()
    outcomes = together(*(lambda one=one: one[0].act(one[1].expect) for one in looked))
    allowed: dict[tuple[str, str], Any] = {}
    for (_wide, _look, shown), outcome in zip(looked, outcomes, strict=True):
        if not isinstance(outcome, TandemError):
            assert shown is not None
            allowed |= shown
    assert difference(before, state()) == allowed
    assert allowed


def two_looked_at(cast: Cast, chance: random.Random) -> list[tuple[Wide, Look, Difference | None]]:
    """Return two changes of different kinds that can be done by themselves, with their looks."""
    while True:
        kinds = chance.sample(sorted(WIDE), 2)
        try:
            with transaction.atomic():
                wides = [WIDE[kind](cast) for kind in kinds]
                looks = [wide.look() for wide in wides]
                shown = [shown_by(wide, look) for wide, look in zip(wides, looks, strict=True)]
                transaction.set_rollback(None in shown)
        except (TandemError, ValueError):  # what the first began with is in the second's way
            continue
        if None not in shown:
            return list(zip(wides, looks, shown, strict=True))
