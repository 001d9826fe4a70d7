"""Lessons that come back, held against a naive list of every date, whatever is done to them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tandem.kit.errors import TandemError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.time import business_day
from tandem.lessons import actions
from tandem.lessons.closures import add_closure, hours_of, remove_closure
from tandem.lessons.cover import cover
from tandem.lessons.models import Deed, Session, SessionSeries
from tandem.lessons.open_times import Closure
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_edit_data import Scope, SeriesEdit
from tandem.lessons.series_edits import edit_series, preview_series_edit
from tandem.lessons.series_exceptions import restore_date, skip_date
from tandem.lessons.series_horizon import top_up
from tandem.lessons.series_weekdays import WEEKDAYS
from tandem.lessons.touched import Default
from tandem.lessons.transfers import transfer
from tandem.lessons.undo import undo_transfer
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import pause, resume
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import NOW as CAST_NOW
from tests.cast import Cast, booked
from tests.lessons.listed_lessons import GONE, WEEK, Lesson, ListedLessons, Part
from tests.lessons.sound import check_one_place

EXAMPLES = int(os.environ.get("SERIES_EXAMPLES", "6"))
NOW = CAST_NOW.replace(year=2027, month=3, day=1)
ZONES = ("Europe/Helsinki", "Europe/London", "America/New_York")
TIMES = st.sampled_from([time(2, 30), time(10), time(16), time(23, 30)])
WHICH = st.integers(0, 30)
FARTHER = st.sampled_from([timedelta(minutes=7), *(timedelta(days=n) for n in (7, -7, 8, -8))])
"""By how much a lesson is moved: also past others of its series, and into their places."""


@dataclass(frozen=True)
class LastEdit:
    """An edit, as long as nothing else has happened: what was edited, and what there is since."""

    deed: str
    one: Lesson
    change: SeriesEdit
    series_id: str
    state: tuple[Any, ...]


class WeeklyLessons(ListedLessons, RuleBasedStateMachine):
    """Ben meets Ana every week, and whatever happens the list has it."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.now, self.lessons = NOW, list[Lesson]()
        self.closed: dict[str, tuple[date, date]] = {}
        self.handed_over: date | None = None
        self.parts = dict[str, str]()
        self.paused: set[str] = set()
        self.last: LastEdit | None = None

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    @initialize(
        zone=st.sampled_from(ZONES),
        wall=TIMES,
        every=st.integers(1, 2),
        weekday=st.integers(0, 6),
        count=st.sampled_from([0, 6, 36]),
    )
    def plan(self, zone: str, wall: time, every: int, weekday: int, count: int) -> None:
        self.zone, self.every, self.count = zone, every, count
        first = date(2027, 3, 2) + timedelta(days=weekday)
        busy = booked(self.cast.cara_ana, datetime(2027, 3, 25, 8, tzinfo=UTC))
        self.others = [(busy.starts_at, busy.ends_at, busy.tutor_id)]
        text = f"FREQ=WEEKLY;INTERVAL={every}" + (f";COUNT={count}" if count else "")
        wanted = NewSeries(self.cast.ben_ana.pk, text, first, wall, 60, zone, {"title": "Waves"})
        done = plan_series(requester=Requester(self.cast.owner, NOW), wanted=wanted, leave_out=None)
        part = Part(done.series.pk, self.cast.ben.pk, wall, 60, "Waves")
        horizon = max(business_day(NOW), first) + (200 if count else 26) * WEEK
        self.more(part, first, horizon, count or 10**6)

    def does(self, action: Callable[..., Any], **arguments: Any) -> bool:
        """Do it; return whether it was not refused."""
        try:
            action(requester=Requester(self.cast.owner, self.now), **arguments)
        except TandemError:
            return False
        return True

    @rule(
        which=WHICH,
        scope=st.sampled_from(["following", "all"]),
        wall=st.none() | TIMES,
        weekday=st.none() | st.sampled_from(WEEKDAYS),
        minutes=st.none() | st.sampled_from([30, 90]),
        title=st.sampled_from(["", "Light", "Sound"]),
    )
    def edit(
        self,
        which: int,
        scope: Scope,
        wall: time | None,
        weekday: str | None,
        minutes: int | None,
        title: str,
    ) -> None:
        one = self.some(which)
        texts = {"title": title} if title else {}
        since = one.day if scope == "following" else None
        change = SeriesEdit(scope, since, None, weekday, wall, minutes, texts)
        done = self.previewed(one.part.series_id, change)
        expected = self.edited(one, change)
        assert (done is None) == (expected is None), (one, change)
        if done and expected:
            series_id, deed = done
            for before, after in expected:
                part = replace(after.part, series_id=series_id)
                self.put(before, replace(after, part=part))
            self.last = LastEdit(deed, one, change, series_id, self.state())

    def state(self) -> tuple[Any, ...]:
        """Return all that there is, to tell whether anything has happened since."""
        facts = (self.now, dict(self.closed), self.handed_over, frozenset(self.paused))
        return (list(self.lessons), list(self.others), *facts)

    @rule()
    def undo(self) -> None:
        """The last edit is taken back at once: each lesson that it changed is as it was."""
        last, self.last = self.last, None
        if last is None or last.state != self.state():
            return
        assert self.does(undo_deed, deed_id=last.deed), last
        change, part = last.change, last.one.part
        inverse = SeriesEdit(
            "all",
            weekday=change.weekday and WEEKDAYS[last.one.day.weekday()],
            wall_time=None if change.wall_time is None else part.wall_time,
            minutes=change.minutes and part.minutes,
            texts={"title": part.title} if change.texts else {},
        )
        one = next(one for one in self.lessons if one.part.series_id == last.series_id)
        is_apart = SessionSeries.objects.filter(pk=last.series_id).exists()
        series_id = last.series_id if is_apart else part.series_id
        for before, after in self.edited(one, inverse, whole=True) or ():
            self.put(before, replace(after, part=replace(after.part, series_id=series_id)))

    def previewed(self, series_id: str, change: SeriesEdit) -> tuple[str, str] | None:
        """Do what a preview showed, and nothing else; return which series it is now, by a deed."""
        deed: dict[str, Any] = {
            "requester": Requester(self.cast.owner, self.now),
            "series_id": series_id,
            "edit": change,
        }
        try:
            seen = preview_series_edit(**deed)
            done = edit_series(**deed, expect=fingerprint(seen.shown))
        except TandemError:
            return None
        hours = [(one.pk, one.starts_at, one.ends_at, one.title) for one in seen.sessions]
        assert hours == [(one.pk, one.starts_at, one.ends_at, one.title) for one in done.sessions]
        return done.series.pk, done.deed

    @rule(which=WHICH, restores=st.booleans())
    def skip_or_restore(self, which: int, *, restores: bool) -> None:
        one = self.some(which)
        action = restore_date if restores else skip_date
        done = self.does(action, series_id=one.part.series_id, day=one.day)
        if restores:
            apart = one.status in {GONE, "cancelled"} or (self.is_ahead(one) and one.by_hand)
            goes_on = one.part.tutor_id not in self.paused
            going = self.round_of(one)
            planned = [self.as_planned(two.part, two.day) for two in going]
            assert done == (apart and goes_on and self.may_be(planned, going)), one
            kept = [now.title if was.status == GONE else was.title
                    for was, now in zip(going, planned, strict=True)]  # fmt: skip
            after = [replace(now, title=title) for now, title in zip(planned, kept, strict=True)]
        else:
            assert done == self.is_ahead(one), one
            going, after = [one], [replace(one, status=GONE)]
        if done:
            for pair in zip(going, after, strict=True):
                self.put(*pair)

    @rule(which=WHICH, verb=st.sampled_from(["cancel", "move", "title", "this"]), by=FARTHER)
    def by_hand(self, which: int, verb: str, by: timedelta) -> None:
        """Somebody changes one lesson; where they may not, nothing is."""
        one = self.some(which)
        row = Session.objects.filter(series=one.part.series_id, series_date=one.day).first()
        if row is None:
            return
        start = row.starts_at + by
        end = start + timedelta(minutes=20)
        if verb == "cancel" and self.does(actions.cancel, session_id=row.pk):
            self.put(one, replace(one, status="cancelled"))
        if verb == "title" and self.does(
            actions.edit, session_id=row.pk, changes={"title": "By hand"}
        ):
            self.put(one, replace(one, title="By hand"))
        if verb == "move" and self.does(
            actions.reschedule, session_id=row.pk, starts_at=start, ends_at=end
        ):
            self.put(one, replace(one, starts_at=start, ends_at=end, by_hand=True))
        if verb == "this":
            change = SeriesEdit("this", one.day, minutes=77)
            done = self.previewed(one.part.series_id, change)
            after = replace(one, ends_at=one.starts_at + timedelta(minutes=77), by_hand=True)
            changed = after.ends_at != one.ends_at
            fine = not changed or self.may_be([after], [one])
            goes_on = one.part.tutor_id not in self.paused
            assert (done is not None) == (self.is_ahead(one) and goes_on and fine), one
            if done:
                self.put(one, after)

    @rule(days=st.integers(1, 24))
    def time_passes(self, days: int) -> None:
        """What is over is recorded, and what has no end is planned on."""
        self.now += timedelta(days=days)
        for one in [one for one in self.lessons if one.ends_at < self.now][-2:]:
            row = Session.objects.filter(series=one.part.series_id, series_date=one.day).first()
            if row and self.does(actions.complete, session_id=row.pk):
                self.put(one, replace(one, status="completed"))
        top_up(now=self.now)
        last = self.lessons[-1]
        if not self.count and last.part.tutor_id not in self.paused:
            before = business_day(self.now) + 26 * WEEK
            self.more(last.part, last.day + self.every * WEEK, before, 10**6)

    @rule(days=st.integers(0, 40))
    def hand_over(self, days: int) -> None:
        """Ana goes to Dev; what is then still to come goes along, and so do the series from then.

        On a day that lies ahead Ben keeps his series up to it.
        """
        on = business_day(self.now) + timedelta(days=days)
        if self.handed_over or not self.does(
            transfer,
            student_id=self.cast.ana.pk,
            tutor_student_id=self.cast.ben_ana.pk,
            to_tutor_id=self.cast.dev.pk,
            on=on,
        ):
            return
        self.handed_over = on
        dev = TutorStudent.objects.get(tutor=self.cast.dev, student=self.cast.ana, ended_on=None)
        if dev.status == "paused":
            self.paused.add(dev.tutor_id)
        out = RelationshipEvent.objects.filter(details__to=dev.pk).latest("id")
        self.parts = out.details.get("parts", {})
        self.lessons = [self.handed(one, on) for one in self.lessons]

    def handed(self, one: Lesson, on: date) -> Lesson:
        """Return a lesson as it is once Ana is handed to Dev."""
        own = [two for two in self.lessons if two.part.series_id == one.part.series_id]
        before = [two for two in own if not self.is_from(two, on)]
        dev, part = self.cast.dev.pk, one.part
        made = {origin: made for made, origin in self.parts.items()}.get(part.series_id)
        assert (made is not None) == (0 < len(before) < len(own) and on > business_day(self.now)), (
            one
        )
        if len(before) < len(own) and (made is None or one not in before):
            part = replace(part, tutor_id=dev, series_id=made or part.series_id)
        moves = (
            one.status == "scheduled"
            and one.tutor_id == self.cast.ben.pk
            and business_day(one.starts_at) >= on
        )
        return replace(one, part=part, tutor_id=dev if moves else one.tutor_id)

    @rule()
    def give_back(self) -> None:
        """The transfer is undone: all that Dev has is Ben's again, and parts are one again."""
        dev, ben = self.cast.dev.pk, self.cast.ben.pk
        link = TutorStudent.objects.filter(tutor=dev, student=self.cast.ana).first()
        if link is None or not self.does(undo_transfer, tutor_student_id=link.pk):
            return
        assert not [
            one for one in self.lessons if one.tutor_id == dev and one.status == "completed"
        ]
        self.handed_over = None
        self.paused.discard(dev)
        there = {*SessionSeries.objects.values_list("pk", flat=True)}
        for one in [*self.lessons]:
            part = replace(one.part, tutor_id=ben)
            if part.series_id not in there:
                part = replace(part, series_id=self.parts[part.series_id])
            holder = ben if one.tutor_id == dev else one.tutor_id
            self.put(one, replace(one, part=part, tutor_id=holder))

    @rule(
        after=st.integers(0, 60),
        days=st.integers(1, 10),
        default=st.sampled_from(["keep", "cancel"]),
    )
    def close(self, after: int, days: int, default: Default) -> None:
        """The business closes for some days; what is planned there stays, or is called off."""
        first = business_day(self.now) + timedelta(days=after)
        named = {"name": "Closed", "starts_on": first, "ends_on": first + timedelta(days=days)}
        if not self.does(add_closure, **named, default=default):
            return
        (made,) = Closure.objects.exclude(pk__in=list(self.closed))
        self.closed[made.pk] = (made.starts_on, made.ends_on)
        if default == "cancel":
            starts, ends = hours_of(made)
            self.lessons = [
                replace(one, status="cancelled")
                if one.status == "scheduled"
                and self.now < one.starts_at < ends
                and starts < one.ends_at
                else one
                for one in self.lessons
            ]
            self.others = [
                one for one in self.others if not (self.now < one[0] < ends and starts < one[1])
            ]

    @rule(goes_on=st.booleans())
    def pause_or_resume(self, *, goes_on: bool) -> None:
        """What is planned stays; nothing moves, and nothing more is planned, until it goes on."""
        tutor = self.cast.dev if self.handed_over else self.cast.ben
        link = TutorStudent.objects.filter(tutor=tutor, student=self.cast.ana).latest("started_on")
        if self.does(resume if goes_on else pause, tutor_student_id=link.pk):
            self.paused ^= {tutor.pk}

    @rule(which=WHICH, is_given_back=st.booleans())
    def cover(self, which: int, *, is_given_back: bool) -> None:
        """Cara, who teaches Ana too, holds one lesson; it may be given back at once."""
        one = self.some(which)
        row = Session.objects.filter(series=one.part.series_id, series_date=one.day).first()
        if row is None or not self.does(cover, session_id=row.pk, tutor_id=self.cast.cara.pk):
            return
        assert one.status == "scheduled"
        assert one.starts_at > self.now
        if not is_given_back:
            self.put(one, replace(one, tutor_id=self.cast.cara.pk))
            return
        assert self.does(undo_deed, deed_id=Deed.objects.latest("at", "id").pk), one

    @rule(which=WHICH)
    def open_again(self, which: int) -> None:
        """Days are open again; what was called off stays so, what was left out too."""
        if self.closed:
            closure_id = sorted(self.closed)[which % len(self.closed)]
            assert self.does(remove_closure, closure_id=closure_id)
            del self.closed[closure_id]

    @invariant()
    def the_list_is_what_is_there(self) -> None:
        """Row for row: nothing twice, nothing lost, nothing of what is done touched."""
        assert list(self.rows()) == sorted(
            (one.row for one in self.lessons if one.status != GONE), key=lambda row: row[1:4]
        )
        check_one_place(Session.objects.all())

    def rows(self) -> Iterator[tuple[Any, ...]]:
        rows = Session.objects.filter(series__isnull=False).values_list(
            "series_id", "series_date", "tutor_id", "starts_at", "ends_at", "status", "title"
        )
        yield from sorted(rows, key=lambda row: row[1:4])


def test_the_rows_are_what_a_naive_list_has(cast: Cast) -> None:
    """Edits, skips, transfers, closures, time that passes over clock changes, in any order."""
    WeeklyLessons.cast = cast
    run_state_machine_as_test(
        WeeklyLessons,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=14,
            deadline=None,
            derandomize="SERIES_EXAMPLES" not in os.environ,
            database=None,
            phases=[Phase.generate],  # to shrink what was found takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert TutorStudent.objects.count() == 3
