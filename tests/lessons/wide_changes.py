"""Every change that can be looked at first: the look, and the deed with the fingerprint of one."""

from collections.abc import Callable, Mapping
from datetime import date, time
from functools import partial
from typing import Any

from tandem.kit.fingerprints import fingerprint
from tandem.lessons import (
    assigning,
    cover,
    end_relationship,
    erasure,
    hand_overs,
    transfer_plans,
    transfers,
    undo,
)
from tandem.lessons.closures import add_closure, preview_closure
from tandem.lessons.cover import Choice
from tandem.lessons.end_absence import end_absence, preview_end_absence
from tandem.lessons.models import Session
from tandem.lessons.reopening import preview_reopen, reopen
from tandem.lessons.series import NewSeries, plan_series, preview_series
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_edits import edit_series, preview_series_edit
from tandem.lessons.series_exceptions import preview_skip, preview_stop, skip_date, stop_series
from tandem.lessons.time_off import add_time_off, preview_time_off
from tandem.lessons.touched import Decision, TouchedPlan
from tandem.lessons.transfer_plans import Transfer
from tandem.lessons.undo_plan import UndoPlan
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.relationships.models import TutorStudent
from tests.cast import Cast, at
from tests.lessons.looks import ON, OWN, Changed, Look, Wide, as_it_is, done, each, gone, new
from tests.lessons.wide_group_changes import GROUP_CHANGES, GROUP_DEEDS
from tests.lessons.wide_series_hand_overs import with_lessons

MONDAY = date(2026, 11, 23)
"""The first of three lessons that come back."""


def _look(plans: list[Transfer]) -> Look:
    sessions: dict[str, Mapping[str, Any]] = {}
    for plan in plans:
        sessions |= each(plan.moved, tutor_id=plan.new.tutor_id, status="scheduled")
        sessions |= each(plan.cancelled, status="cancelled")
        sessions |= each(plan.called_off, tutor_id=plan.new.tutor_id)
    return Look(fingerprint(transfer_plans.shown_in(plans)), sessions)


def _transfer(cast: Cast, future: Any = "move", on: date = ON) -> Wide:
    order: dict[str, Any] = {
        **OWN,
        "student_id": cast.ana.pk,
        "tutor_student_id": cast.ben_ana.pk,
        "to_tutor_id": cast.dev.pk,
        "on": on,
        "future_sessions": future,
    }
    return Wide(
        lambda: _look([transfers.preview_transfer(**order)]),
        lambda expect: transfers.transfer(**order, expect=expect),
    )


def _transfer_all(cast: Cast, on: date = ON) -> Wide:
    order: dict[str, Any] = {
        **OWN,
        "from_tutor_id": cast.ben.pk,
        "to_tutor_id": cast.dev.pk,
        "on": on,
    }
    return Wide(
        lambda: _look(transfers.preview_transfer_all(**order)),
        lambda expect: transfers.transfer_all(**order, expect=expect),
    )


def _hand_over(cast: Cast, on: date = ON) -> Wide:
    takers = [
        hand_overs.Taker(cast.ben_ana.pk, cast.dev.pk),
        hand_overs.Taker(cast.ben_cleo.pk, cast.cara.pk),
    ]
    order: dict[str, Any] = {**OWN, "from_tutor_id": cast.ben.pk, "takers": takers, "on": on}
    return Wide(
        lambda: _look(hand_overs.preview_hand_over(**order)),
        lambda expect: hand_overs.hand_over(**order, expect=expect),
    )


def _end(cast: Cast, on: date = ON) -> Wide:
    order: dict[str, Any] = {**OWN, "tutor_student_id": cast.ben_ana.pk, "on": on}

    def look() -> Look:
        plan = end_relationship.preview_end(**order)
        return Look(fingerprint(plan.shown), each(plan.cancelled, status="cancelled"))

    return Wide(
        look, lambda expect: end_relationship.end(**order, future_sessions="cancel", expect=expect)
    )


def _reopen(cast: Cast, on: date = ON) -> Wide:
    done(_end(cast, on))
    order: dict[str, Any] = {**OWN, "tutor_student_id": cast.ben_ana.pk}

    def look() -> Look:
        plan = preview_reopen(**order)
        return Look(fingerprint(plan.shown), each(plan.restored, status="scheduled"))

    return Wide(look, lambda expect: reopen(**order, expect=expect))


def _cover(cast: Cast) -> Wide:
    rows = Session.objects.filter(tutor=cast.ben, status="scheduled").order_by("starts_at")[:2]
    choices = [Choice(row.pk, cast.dev.pk) for row in rows]

    def look() -> Look:
        plan = cover.preview_cover(**OWN, choices=choices)
        taken = {one.session.pk: {"tutor_id": one.link.tutor_id} for one in plan}
        return Look(fingerprint(cover.shown_in(plan)), taken)

    return Wide(look, lambda expect: cover.cover_all(**OWN, choices=choices, expect=expect))


def _touched(plan: TouchedPlan) -> Changed:
    moves = {one.session.pk: {"starts_at": one.starts_at, "ends_at": one.ends_at}
             for one in plan.moves}  # fmt: skip
    covers = {one.session.pk: {"tutor_id": one.link.tutor_id} for one in plan.covers}
    return {**each(plan.cancelled, status="cancelled"), **covers, **moves}


def _moved_to_the_26th(row: Session) -> Decision:
    return Decision(row.pk, "move", starts_at=at(26, 9), ends_at=at(26, 10))


def _closure(cast: Cast) -> Wide:
    first = Session.objects.filter(tutor=cast.ben, status="scheduled").earliest("starts_at")
    order: dict[str, Any] = {
        **OWN,
        "name": "Storm",
        "starts_on": date(2026, 11, 17),
        "ends_on": date(2026, 11, 19),
        "default": "cancel",
        "decisions": [_moved_to_the_26th(first)],
    }

    def look() -> Look:
        plan = preview_closure(**order)
        return Look(fingerprint(plan.shown), _touched(plan.touched))

    return Wide(look, lambda expect: add_closure(**order, expect=expect))


def _time_off(cast: Cast) -> Wide:
    """Of the lessons in it the first moves, the second is covered, the others are called off."""
    first, second = Session.objects.filter(tutor=cast.ben, status="scheduled").order_by(
        "starts_at"
    )[:2]
    order: dict[str, Any] = {
        **OWN,
        "tutor_id": cast.ben.pk,
        "starts_at": at(17, 0),
        "ends_at": at(21, 0),
        "default": "cancel",
        "decisions": [_moved_to_the_26th(first), Decision(second.pk, "cover", cast.dev.pk)],
    }

    def look() -> Look:
        plan = preview_time_off(**order)
        return Look(fingerprint(plan.shown), _touched(plan.touched))

    return Wide(look, lambda expect: add_time_off(**order, expect=expect))


def _end_absence(cast: Cast) -> Wide:
    away = done(_time_off(cast)).time_off
    order: dict[str, Any] = {
        **OWN,
        "tutor_id": cast.ben.pk,
        "time_off_id": away.pk,
        "ends_at": at(18, 0),
    }

    def look() -> Look:
        plan = preview_end_absence(**order)
        return Look(fingerprint(plan.shown), each(plan.sessions, tutor_id=cast.ben.pk))

    return Wide(look, lambda expect: end_absence(**order, expect=expect))


def _assign(cast: Cast) -> Wide:
    choices = [
        assigning.Assigned(cast.cleo.pk, cast.dev.pk, "Art"),
        assigning.Assigned(cast.ana.pk, cast.dev.pk, "Latin"),
    ]
    order: dict[str, Any] = {**OWN, "choices": choices, "on": ON}

    def look() -> Look:
        return Look(fingerprint(assigning.preview_assign(**order).shown), {})

    return Wide(look, lambda expect: assigning.assign(**order, expect=expect))


def _series_plan(cast: Cast) -> Wide:
    wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=3", MONDAY, time(9), 60)

    def look() -> Look:
        plan = preview_series(**OWN, wanted=wanted)
        return Look(fingerprint(plan.shown), {}, new(plan.sessions))

    return Wide(look, lambda expect: plan_series(**OWN, wanted=wanted, expect=expect))


def _series(cast: Cast) -> str:
    return str(done(_series_plan(cast)).series.pk)


def _series_edit(cast: Cast, edit: SeriesEdit) -> Wide:
    order: dict[str, Any] = {**OWN, "series_id": _series(cast), "edit": edit}

    def look() -> Look:
        plan = preview_series_edit(**order)
        return Look(fingerprint(plan.shown), as_it_is(plan.sessions))

    return Wide(look, lambda expect: edit_series(**order, expect=expect))


def _series_stop(cast: Cast) -> Wide:
    order: dict[str, Any] = {**OWN, "series_id": _series(cast), "on": date(2026, 11, 30)}

    def look() -> Look:
        plan = preview_stop(**order)
        return Look(fingerprint(plan.shown), gone(plan.removed))

    return Wide(look, lambda expect: stop_series(**order, expect=expect))


def _skip(cast: Cast) -> Wide:
    order: dict[str, Any] = {**OWN, "series_id": _series(cast), "day": date(2026, 11, 30)}

    def look() -> Look:
        plan = preview_skip(**order)
        return Look(fingerprint(plan.shown), gone([plan.session]))

    return Wide(look, lambda expect: skip_date(**order, expect=expect))


def _undo_transfer(cast: Cast) -> Wide:
    done(_transfer(cast))
    new = TutorStudent.objects.get(transferred_from=cast.ben_ana)
    order: dict[str, Any] = {**OWN, "tutor_student_id": new.pk}
    return Wide(
        lambda: _look([undo.preview_undo(**order)]),
        lambda expect: undo.undo_transfer(**order, expect=expect),
    )


def _undo_of(kind: Callable[[Cast], Wide]) -> Callable[[Cast], Wide]:
    """Return the undoing of a deed of this kind, which is done first."""

    def undoing(cast: Cast) -> Wide:
        made = done(kind(cast))
        deed = (made[0] if isinstance(made, list) else made).deed
        order: dict[str, Any] = {**OWN, "deed_id": deed}
        return Wide(
            lambda: _look_back(preview_undo_of(**order)),
            lambda expect: undo_deed(**order, expect=expect),
        )

    return undoing


def _look_back(plan: UndoPlan) -> Look:
    there = {*Session.objects.values_list("pk", flat=True)}
    again = [one for one in plan.planned_again if one.pk in there]
    sessions: dict[str, Mapping[str, Any]] = {
        **{pk: {"tutor_id": tutor} for pk, tutor in plan.takers.items()},
        **each(again, status="scheduled"),
        **as_it_is(plan.changed),
        **gone(plan.removed),
        **{one.session.pk: {"tutor_id": one.link.tutor_id} for one in plan.covered},
    }
    made = new(one for one in plan.planned_again if one.pk not in there)
    return Look(fingerprint(plan.shown), sessions, made)


def _erase_student(cast: Cast) -> Wide:
    order: dict[str, Any] = {**OWN, "student_id": cast.ana.pk}

    def look() -> Look:
        plan = erasure.preview_erase_student(**order)
        return Look(fingerprint(plan.shown), gone(Session.objects.filter(student=cast.ana)))

    return Wide(look, lambda expect: erasure.erase_student(**order, expect=expect))


def _erase_tutor(cast: Cast) -> Wide:
    order: dict[str, Any] = {**OWN, "tutor_id": cast.dev.pk}

    def look() -> Look:
        return Look(fingerprint(erasure.preview_erase_tutor(**order).shown), {})

    return Wide(look, lambda expect: erasure.erase_tutor(**order, expect=expect))


SERIES_EDITS: dict[str, SeriesEdit] = {
    "this of a series": SeriesEdit("this", date(2026, 11, 30), wall_time=time(10)),
    "the following of a series": SeriesEdit("following", date(2026, 11, 30), wall_time=time(10)),
    "all of a series": SeriesEdit("all", wall_time=time(10), texts={"title": "Exam"}),
}
HAND_OVERS: dict[str, Callable[..., Wide]] = {
    "transfer": _transfer,
    "hand over": _hand_over,
    "transfer all": _transfer_all,
    "end": _end,
}
DEEDS: dict[str, Callable[[Cast], Wide]] = {
    **with_lessons(HAND_OVERS),
    "transfer": _transfer,
    "hand over": _hand_over,
    "transfer all": _transfer_all,
    "end": _end,
    "cover": _cover,
    "closure": _closure,
    "time off": _time_off,
    "end of an absence": _end_absence,
    "assign": _assign,
    "a series": _series_plan,
    **{kind: partial(_series_edit, edit=edit) for kind, edit in SERIES_EDITS.items()},
    "stop of a series": _series_stop,
    **GROUP_DEEDS,
}
"""What leaves a deed, which can be undone."""
WIDE: dict[str, Callable[[Cast], Wide]] = {
    **DEEDS,
    **GROUP_CHANGES,
    "transfer and cancel": partial(_transfer, future="cancel"),
    "reopen": _reopen,
    **with_lessons({"reopen": _reopen}),
    "skip": _skip,
    "erase": _erase_student,
    "erase a tutor": _erase_tutor,
    "undo a transfer on its page": _undo_transfer,
    **{f"undo: {kind}": _undo_of(make) for kind, make in DEEDS.items()},
}
