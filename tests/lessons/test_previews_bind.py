"""Two hundred random runs of a look, other people's changes and the deed: never another deed.

What a preview showed is written down as what the tables may differ in afterwards. A deed that is
done has changed just that, row for row; one that is refused has changed nothing.
"""

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from tandem.kit.errors import ConflictError, TandemError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons import cover, end_relationship, erasure, transfers, undo
from tandem.lessons.actions import cancel, edit, reschedule
from tandem.lessons.cover import Choice
from tandem.lessons.models import Session
from tandem.lessons.transfers import Transfer
from tandem.people.actions import update_student
from tandem.people.requester import Requester
from tandem.relationships.actions import annotate, make_primary, pair, pause
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast, at, booked, gather
from tests.together import together, wait_until_somebody_waits

RUNS = int(os.environ.get("PREVIEW_RUNS", "200"))
"""How many runs; more by hand."""
OWN: dict[str, Any] = {"requester": Requester(None, NOW)}
ON = date(2026, 11, 16)

Expected = Mapping[str, Mapping[str, Any]]
"""Id of a session -> the columns that the deed gives other values, and which."""


@dataclass(frozen=True)
class Look:
    """What a preview showed: its fingerprint, and what becomes of sessions."""

    expect: str
    sessions: Expected


@dataclass(frozen=True)
class Wide:
    """A wide change: the look, and the deed with the fingerprint of a look."""

    look: Callable[[], Look]
    act: Callable[[str], object]


def _look(plans: list[Transfer]) -> Look:
    sessions: dict[str, dict[str, Any]] = {}
    for plan in plans:
        here = {"tutor_id": plan.new.tutor_id, "status": "scheduled"}
        sessions |= {row.pk: here for row in plan.moved}
        sessions |= {row.pk: {"status": "cancelled"} for row in plan.cancelled}
    return Look(fingerprint(transfers.shown_in(plans)), sessions)


def _transfer(cast: Cast, future: Any) -> Wide:
    order: dict[str, Any] = {
        **OWN,
        "student_id": cast.ana.pk,
        "tutor_student_id": cast.ben_ana.pk,
        "to_tutor_id": cast.dev.pk,
        "on": ON,
        "future_sessions": future,
    }
    return Wide(
        lambda: _look([transfers.preview_transfer(**order)]),
        lambda expect: transfers.transfer(**order, expect=expect),
    )


def _hand_over(cast: Cast) -> Wide:
    order: dict[str, Any] = {
        **OWN,
        "from_tutor_id": cast.ben.pk,
        "to_tutor_id": cast.dev.pk,
        "on": ON,
    }
    return Wide(
        lambda: _look(transfers.preview_transfer_all(**order)),
        lambda expect: transfers.transfer_all(**order, expect=expect),
    )


def _end(cast: Cast) -> Wide:
    order: dict[str, Any] = {**OWN, "tutor_student_id": cast.ben_ana.pk, "on": ON}

    def look() -> Look:
        plan = end_relationship.preview_end(**order)
        gone = {row.pk: {"status": "cancelled"} for row in plan.cancelled}
        return Look(fingerprint(plan.shown), gone)

    return Wide(
        look, lambda expect: end_relationship.end(**order, future_sessions="cancel", expect=expect)
    )


def _cover(cast: Cast) -> Wide:
    rows = Session.objects.filter(tutor=cast.ben, status="scheduled").order_by("starts_at")[:2]
    choices = [Choice(row.pk, cast.dev.pk) for row in rows]

    def look() -> Look:
        plan = cover.preview_cover(**OWN, choices=choices)
        taken = {one.session.pk: {"tutor_id": one.link.tutor_id} for one in plan}
        return Look(fingerprint(cover.shown_in(plan)), taken)

    return Wide(look, lambda expect: cover.cover_all(**OWN, choices=choices, expect=expect))


def _undo(cast: Cast) -> Wide:
    _transfer(cast, "move").act(_transfer(cast, "move").look().expect)
    new = TutorStudent.objects.get(transferred_from=cast.ben_ana)
    order: dict[str, Any] = {**OWN, "tutor_student_id": new.pk}
    return Wide(
        lambda: _look([undo.preview_undo(**order)]),
        lambda expect: undo.undo_transfer(**order, expect=expect),
    )


def _erase(cast: Cast) -> Wide:
    order: dict[str, Any] = {**OWN, "student_id": cast.ana.pk}

    def look() -> Look:
        plan = erasure.preview_erase_student(**order)
        rows = Session.objects.filter(student=cast.ana)
        return Look(fingerprint(plan.shown), {row.pk: {"erased": True} for row in rows})

    return Wide(look, lambda expect: erasure.erase_student(**order, expect=expect))


WIDE: dict[str, Callable[[Cast], Wide]] = {
    "transfer": partial(_transfer, future="move"),
    "transfer and cancel": partial(_transfer, future="cancel"),
    "hand over": _hand_over,
    "end": _end,
    "cover": _cover,
    "undo": _undo,
    "erase": _erase,
}


def _other(cast: Cast, chance: random.Random) -> Callable[[], object]:
    """Return what somebody else does meanwhile: it may touch what was shown, or not."""
    there = list(Session.objects.filter(status="scheduled").order_by("starts_at"))
    row = chance.choice(there)
    link = chance.choice([cast.ben_ana, cast.cara_ana, cast.ben_cleo])
    day, hour = chance.randrange(17, 28), chance.randrange(8, 20)
    student = chance.choice([cast.ana, cast.cleo])
    return chance.choice(
        [
            lambda: booked(link, at(day, hour)),
            lambda: reschedule(
                **OWN, session_id=row.pk, starts_at=at(day, hour), ends_at=at(day, hour, 45)
            ),
            lambda: cancel(**OWN, session_id=row.pk),
            lambda: edit(**OWN, session_id=row.pk, changes={"title": f"Page {day}"}),
            lambda: pause(**OWN, tutor_student_id=link.pk),
            lambda: annotate(**OWN, tutor_student_id=link.pk, notes=f"Page {day}"),
            lambda: make_primary(**OWN, tutor_student_id=cast.cara_ana.pk),
            lambda: pair(**OWN, tutor_id=cast.dev.pk, student_id=student.pk, subject="Greek"),
            lambda: update_student(
                **OWN, student_id=student.pk, changes={"full_name": f"Ana {day}"}
            ),
            lambda: booked(
                pair(**OWN, tutor_id=cast.dev.pk, student_id=student.pk, subject="Art"),
                at(day, hour),
            ),
        ]
    )


def _sessions() -> dict[str, dict[str, Any]]:
    fields = ("id", "tutor_id", "status", "starts_at", "ends_at", "title", "notes")
    return {row["id"]: row for row in Session.objects.values(*fields)}


def _after(before: Mapping[str, dict[str, Any]], look: Look) -> dict[str, dict[str, Any]]:
    """Return the sessions as they are to be after what was shown."""
    changed = {pk: {**row, **look.sessions.get(pk, {})} for pk, row in before.items()}
    return {pk: row for pk, row in changed.items() if "erased" not in row}


def _run(cast: Cast, kind: str, chance: random.Random) -> str:
    """Look, let others act, do the deed; return what became of it."""
    wide = WIDE[kind](cast)
    try:
        look = wide.look()
    except TandemError:
        return "no look"
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        try:
            with transaction.atomic():
                _other(cast, chance)()
        except TandemError:
            pass
    before = _sessions()
    links = list(TutorStudent.objects.order_by("pk").values())
    try:
        wide.act(look.expect)
    except ConflictError as refused:
        assert _sessions() == before
        assert list(TutorStudent.objects.order_by("pk").values()) == links
        return refused.reason
    assert _sessions() == _after(before, look)
    return "done"


def _planned(cast: Cast, chance: random.Random) -> None:
    """Fill the diary that everybody begins with."""
    for day in (17, 18, 19):
        booked(cast.ben_ana, at(day, chance.choice([16, 17])))
    booked(cast.cara_ana, at(20, 16))
    booked(cast.ben_cleo, at(20, 18))


def test_no_deed_differs_from_its_preview(cast: Cast) -> None:
    """Each run begins from the same state, with chances of its own."""
    became: dict[str, set[str]] = {kind: set() for kind in WIDE}
    for run in range(RUNS):
        chance = random.Random(run)
        kind = sorted(WIDE)[run % len(WIDE)]
        with transaction.atomic():
            _planned(cast, chance)
            became[kind].add(_run(cast, kind, chance))
            transaction.set_rollback(True)
    for kind, ends in became.items():
        assert {"done", "changed_since_preview"} <= ends, kind


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", sorted(WIDE))
def test_a_change_that_is_not_committed_yet_is_waited_for(
    transactional_db: None, kind: str
) -> None:
    """The look was before, the deed begins while another still writes: it sees what that left."""
    cast = gather()
    _planned(cast, random.Random(0))
    wide = WIDE[kind](cast)
    look = wide.look()
    row = Session.objects.filter(pk__in=look.sessions).order_by("starts_at").first()
    assert row is not None

    written = Event()

    def other() -> None:
        with transaction.atomic():
            edit(**OWN, session_id=row.pk, changes={"title": "Read page 12"})
            written.set()
            wait_until_somebody_waits()

    def deed() -> object:
        assert written.wait(timeout=20)
        return wide.act(look.expect)

    _, refused = together(other, deed)
    assert isinstance(refused, ConflictError), refused
    assert refused.reason == "changed_since_preview"
