"""Days decide: whatever is agreed with dates behind and ahead, each day is as it was agreed.

People pair, end, transfer, pause, reopen and correct, with dates in the past and ahead; they plan,
hold and swap lessons and undo what was decided some steps before, while the clock goes from day to
day. After each step, for every day: one tutor is primary where anybody teaches, rights follow the
dates, no tutor has more students than places, and who is asked about an earlier day hears what the
pages said on it, unless somebody has put that day right since. In the end the history alone makes
the same tables.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from tandem.kit.errors import TandemError
from tandem.kit.time import local_date
from tandem.lessons import actions
from tandem.lessons.models import Session
from tandem.lessons.recording import record_held
from tandem.lessons.swapping import swap
from tandem.people.models import Tutor
from tandem.people.requester import Requester
from tandem.relationships.models import PrimaryPeriod, TutorStudent
from tests.cast import HOUR, Cast, user
from tests.lessons.days_machine import AWAY, WHICH, ZONE, Days
from tests.lessons.sound import (
    check_one_place,
    check_relationships_apart,
    check_sessions_within,
    check_told,
)
from tests.primaries import check_periods

EXAMPLES = int(os.environ.get("DAYS_EXAMPLES", "20"))
"""How many histories to play; more by hand."""
HOURS = st.integers(8, 11)
LESSON = st.tuples(WHICH, AWAY, HOURS)
"""In which relationship, in how many days, at which hour."""
PLANNED = ("scheduled",)
SETTLED = [actions.complete, actions.no_show, actions.cancel, actions.reinstate]


class DaysWithLessons(Days):
    """The same owner, with the diary of everybody."""

    def does(self, action: Callable[..., Any], tutor: Tutor | None = None, **named: Any) -> None:
        """Do it as the owner, or as a tutor, or be refused."""
        account = user(tutor) if tutor else self.cast.owner
        with suppress(TandemError):
            action(requester=Requester(account, self.now), **named)

    def moment(self, away: int, hour: int) -> datetime:
        return datetime.combine(self.day(away), time(hour), ZONE)

    @initialize(diary=st.lists(LESSON, min_size=4, max_size=8))
    def plan(self, diary: list[tuple[int, int, int]]) -> None:
        for which, away, hour in diary:
            self.plan_or_hold(lesson=(which, away, hour), is_held=True)

    @rule(lesson=LESSON, is_held=st.booleans())
    def plan_or_hold(self, lesson: tuple[int, int, int], *, is_held: bool) -> None:
        """Also what was forgotten, on days that are over."""
        which, away, hour = lesson
        starts = self.moment(away, hour)
        action = record_held if is_held and away < 0 else actions.schedule
        named: dict[str, Any] = {"tutor_student_id": self.link(which).pk}
        self.does(action, **named, starts_at=starts, ends_at=starts + HOUR)

    @rule(diary=st.lists(LESSON, min_size=2, max_size=5))
    def plan_several(self, diary: list[tuple[int, int, int]]) -> None:
        self.plan(diary)

    @rule(which=WHICH, action=st.sampled_from(SETTLED), by_tutor=st.booleans())
    def settle(self, which: int, action: Callable[..., Any], *, by_tutor: bool) -> None:
        """Record it as held or missed, call it off, or take that back."""
        status = ("completed", "no_show", "cancelled") if action is actions.reinstate else PLANNED
        if (session := self.session(which, *status)) is not None:
            self.does(action, session.tutor if by_tutor else None, session_id=session.pk)

    @rule(days=st.integers(1, 3))
    def days_are_held(self, days: int) -> None:
        """Time goes on, and what has begun by then is recorded."""
        self.time_goes_on(days=days)
        for one in Session.objects.filter(status="scheduled", starts_at__lt=self.now):
            self.does(actions.complete, session_id=one.pk)

    @rule(which=WHICH, away=AWAY, hour=HOURS)
    def move(self, which: int, away: int, hour: int) -> None:
        starts = self.moment(away, hour)
        if (session := self.session(which, *PLANNED)) is not None:
            hours: dict[str, Any] = {"starts_at": starts, "ends_at": starts + HOUR}
            self.does(actions.reschedule, session_id=session.pk, **hours)

    @rule(which=WHICH, other=WHICH)
    def swap(self, which: int, other: int) -> None:
        """Both lessons change places, or neither does."""
        one, two = self.session(which, *PLANNED), self.session(other, *PLANNED)
        if one is None or two is None:
            return
        was = {row.pk: (row.starts_at, row.ends_at) for row in (one, two)}
        self.does(swap, session_ids=[one.pk, two.pk])
        one.refresh_from_db()
        two.refresh_from_db()
        now = {row.pk: (row.starts_at, row.ends_at) for row in (one, two)}
        assert now in (was, {one.pk: was[two.pk], two.pk: was[one.pk]})

    def session(self, which: int, *status: str) -> Session | None:
        rows = Session.objects.select_related("tutor").order_by("starts_at", "pk")
        found = list(rows.filter(status__in=status) if status else rows)
        return found[which % len(found)] if found else None

    def check(self) -> None:
        super().check()
        self.lessons_are_where_their_days_are()

    def lessons_are_where_their_days_are(self) -> None:
        """What is planned ahead before the last day, what was held on it at the latest."""
        links = {row.pk: row for row in TutorStudent.objects.all()}
        sessions = list(Session.objects.all())
        check_sessions_within(sessions, links, {one.pk: one for one in self.tutors})
        for one in sessions:
            ends = links[one.tutor_student_id].ended_on
            if one.status == "scheduled" and one.starts_at > self.now and ends is not None:
                assert local_date(one.starts_at, ZONE.key) < ends
        check_one_place(sessions)
        check_relationships_apart(links.values())

    def teardown(self) -> None:
        """The whole history replays, of relationships and of lessons, whatever the run was."""
        try:
            self.the_history_replays(list(TutorStudent.objects.all()))
            check_periods()
            check_told(Session.objects.all())
        finally:
            super().teardown()


def test_days_decide(cast: Cast) -> None:
    """For any agreements on any days, and a clock that goes on."""
    Tutor.objects.filter(pk=cast.dev.pk).update(capacity=1)
    cast.dev.capacity = 1
    DaysWithLessons.cast = cast
    run_state_machine_as_test(
        DaysWithLessons,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert PrimaryPeriod.objects.count() == 2
