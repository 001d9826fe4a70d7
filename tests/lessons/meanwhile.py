"""What others do between a look and its deed: it may touch what was shown, or not."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, time, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from tandem.kit.errors import TandemError
from tandem.lessons.actions import (
    cancel,
    delete,
    edit,
    reinstate,
    reschedule,
    schedule_group,
)
from tandem.lessons.closures import add_closure
from tandem.lessons.corrections import correct_dates, remove
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.group_joining import join_lesson, join_series
from tandem.lessons.group_series import edit_group, restore_group_date, skip_group_date, stop_group
from tandem.lessons.models import Deed, Session, SessionSeries, TimeOff
from tandem.lessons.recording import record_held
from tandem.lessons.reopening import reopen
from tandem.lessons.series_edit_data import SeriesEdit
from tandem.lessons.series_exceptions import stop_series
from tandem.lessons.swapping import swap
from tandem.lessons.time_off import add_time_off, remove_time_off
from tandem.lessons.transfers import transfer
from tandem.lessons.undoing import undo_deed
from tandem.people.actions import update_student, update_tutor
from tandem.relationships.actions import annotate, change_subject, make_primary, pair, pause
from tandem.relationships.models import TutorStudent
from tests.cast import HOUR, Cast, at, booked
from tests.lessons.looks import OWN, Look

Deeds = list[Callable[[], object]]


def others_act(cast: Cast, chance: random.Random, look: Look, times: int) -> None:
    """Let others do something at random, or be refused, so many times."""
    for _ in range(times):
        with suppress(TandemError), transaction.atomic():
            _other(cast, chance, look)()


def _other(cast: Cast, chance: random.Random, look: Look) -> Callable[[], object]:
    """Return what somebody does: every other time about Ben and Ana, or what was shown."""
    link = chance.choice([cast.ben_ana, chance.choice(list(TutorStudent.objects.order_by("pk")))])
    kinds: list[Callable[[random.Random, TutorStudent], Deeds]] = [
        partial(_to_sessions, look),
        partial(_to_sessions, look),
        *(partial(kind, cast) for kind in (_to_link, _to_days, _to_people, _to_time)),
        _to_groups,
    ]
    return chance.choice(chance.choice(kinds)(chance, link))


def _to_sessions(look: Look, chance: random.Random, link: TutorStudent) -> Deeds:
    rows = list(Session.objects.order_by("starts_at", "pk"))
    shown = [one for one in rows if one.pk in look.sessions]
    row, second = chance.choice([*rows, *shown, *shown]), chance.choice(rows)
    hours = sorted(when for _student, when in look.made)
    anywhere = at(chance.randrange(17, 28), chance.randrange(8, 20))
    starts = chance.choice([anywhere, chance.choice(hours or [anywhere])])
    named: dict[str, Any] = {**OWN, "session_id": row.pk}
    held = at(1, chance.randrange(8, 20))
    return [
        lambda: booked(link, starts),
        lambda: reschedule(**named, starts_at=starts, ends_at=starts + HOUR),
        lambda: cancel(**named),
        lambda: delete(**named),
        lambda: reinstate(**named),
        lambda: edit(**named, changes={"title": f"Page {starts.day}"}),
        lambda: swap(**OWN, session_ids=[row.pk, second.pk]),
        lambda: record_held(**OWN, tutor_student_id=link.pk, starts_at=held, ends_at=held + HOUR),
    ]


def _to_groups(chance: random.Random, link: TutorStudent) -> Deeds:
    """What is done to several students' lessons, or lets one join or leave them."""
    row = chance.choice(list(Session.objects.order_by("starts_at", "pk")))
    series = list(SessionSeries.objects.order_by("starts_on", "tutor_student_id"))
    one = chance.choice(series) if series else None
    named: dict[str, Any] = {**OWN, "series_id": one.pk if one else ""}
    links = [one.pk for one in TutorStudent.objects.filter(tutor=link.tutor_id).order_by("pk")]
    day = date(2026, 11, chance.choice([23, 30]))
    starts, others = at(chance.randrange(17, 28), chance.randrange(8, 20)), {*links} - {link.pk}
    together: dict[str, Any] = {"tutor_student_ids": [link.pk, *sorted(others)[:1]]}
    edit_all = SeriesEdit("all", wall_time=time(chance.randrange(8, 20)))
    return [
        lambda: schedule_group(**OWN, **together, starts_at=starts, ends_at=starts + HOUR),
        lambda: join_lesson(**OWN, session_id=row.pk, tutor_student_id=chance.choice(links)),
        lambda: join_series(**named, tutor_student_id=link.pk, since=day),
        lambda: join_series(**named, tutor_student_id=chance.choice(links), since=day),
        lambda: stop_series(**named, on=day),
        lambda: stop_group(**named, on=day),
        lambda: edit_group(**named, edit=edit_all),
        lambda: edit_group(**named, edit=SeriesEdit("this", day, wall_time=time(11))),
        lambda: edit_group(**named, edit=SeriesEdit("following", day, wall_time=time(12))),
        lambda: skip_group_date(**named, day=day),
        lambda: restore_group_date(**named, day=day),
    ]


def _to_link(cast: Cast, chance: random.Random, link: TutorStudent) -> Deeds:
    student, tutor = chance.choice([cast.ana, cast.cleo]), chance.choice([cast.cara, cast.dev])
    day = _day(chance)
    pairing: dict[str, Any] = {**OWN, "tutor_id": tutor.pk, "student_id": student.pk}
    beginning = partial(pair, **pairing, started_on=day)
    hour = at(chance.randrange(17, 28), chance.randrange(8, 20))
    return [
        lambda: pause(**OWN, tutor_student_id=link.pk),
        lambda: annotate(**OWN, tutor_student_id=link.pk, notes=f"Page {day.day}"),
        lambda: change_subject(**OWN, tutor_student_id=link.pk, subject="Greek"),
        lambda: beginning(subject="Greek"),
        lambda: beginning(subject="Latin", primary=True),
        lambda: booked(pair(**pairing, subject="Art"), hour),
        lambda: remove(**OWN, tutor_student_id=link.pk),
    ]


def _to_days(cast: Cast, chance: random.Random, link: TutorStudent) -> Deeds:
    day = _day(chance)
    named: dict[str, Any] = {**OWN, "tutor_student_id": link.pk}
    waiting = Deed.objects.filter(undone_at=None).order_by("-at", "-id")
    return [
        lambda: make_primary(**named, on=day),
        lambda: make_primary(**named, on=day),
        lambda: end(**named, on=day, future_sessions="cancel"),
        lambda: reopen(**named),
        lambda: correct_dates(**named, started_on=day),
        lambda: correct_dates(**named, ended_on=day),
        lambda: transfer(**named, student_id=link.student_id, to_tutor_id=cast.dev.pk, on=day),
        lambda: [undo_deed(**OWN, deed_id=one.pk) for one in waiting[:1]],
    ]


def _to_people(cast: Cast, chance: random.Random, _link: TutorStudent) -> Deeds:
    student, tutor = chance.choice([cast.ana, cast.cleo]), chance.choice([cast.ben, cast.dev])
    of_student = partial(update_student, **OWN, student_id=student.pk)
    of_tutor = partial(update_tutor, **OWN, tutor_id=tutor.pk)
    number = chance.randrange(1, 5)
    return [
        lambda: of_student(changes={"full_name": f"Ana {number}"}),
        lambda: of_student(changes={"active": False}),
        lambda: of_tutor(changes={"full_name": f"Tutor {number}"}),
        lambda: of_tutor(changes={"capacity": number}),
        lambda: of_tutor(changes={"time_zone": "Pacific/Auckland"}),
        lambda: of_tutor(changes={"active": False}),
    ]


def _to_time(cast: Cast, chance: random.Random, _link: TutorStudent) -> Deeds:
    tutor, day = chance.choice([cast.ben, cast.dev]), chance.randrange(16, 28)
    session = chance.choice(list(Session.objects.order_by("starts_at", "pk")))
    default: Any = chance.choice(["keep", "cancel"])
    closed: dict[str, Any] = {"starts_on": date(2026, 11, day), "ends_on": date(2026, 11, day + 1)}
    away: dict[str, Any] = {"tutor_id": tutor.pk, "starts_at": at(day, 0), "ends_at": at(day, 23)}
    return [
        lambda: add_time_off(**OWN, **away, default=default),
        lambda: add_closure(**OWN, name="Snow", **closed, default=default),
        lambda: cover(**OWN, session_id=session.pk, tutor_id=tutor.pk),
        lambda: [
            remove_time_off(**OWN, tutor_id=one.tutor_id, time_off_id=one.pk)
            for one in TimeOff.objects.all()
        ],
    ]


def _day(chance: random.Random) -> date:
    """Return a day some weeks behind or ahead; more often one of those that were looked at."""
    return chance.choice([date(2026, 11, 16), date(2026, 11, 9) + timedelta(chance.randrange(40))])
