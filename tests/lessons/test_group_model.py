"""Weekly lessons of a group, held against naive lists whatever is done, and undone in any order."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
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
from tandem.lessons import actions
from tandem.lessons.group_joining import join_series, preview_join
from tandem.lessons.group_series import (
    edit_group,
    preview_group_edit,
    preview_group_stop,
    restore_group_date,
    skip_group_date,
    stop_group,
)
from tandem.lessons.models import Session
from tandem.lessons.series import plan_series
from tandem.lessons.series_edit_data import Scope, SeriesEdit
from tandem.lessons.series_edits import edit_series, preview_series_edit
from tandem.lessons.series_exceptions import preview_stop, restore_date, skip_date, stop_series
from tandem.lessons.transfers import preview_transfer, transfer
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import HOUR, NOW, Cast, at, booked, third
from tests.lessons.listed_groups import Lesson, Line, all_lessons, all_lines, facts, without_cuts
from tests.lessons.test_group_series import MONDAY, mondays

EXAMPLES = int(os.environ.get("GROUP_EXAMPLES", "8"))
WEEK = timedelta(weeks=1)
COUNT = 5
DAYS = [MONDAY + number * WEEK for number in range(COUNT)]
WHICH = st.integers(0, 20)
DATES = st.sampled_from(DAYS)
HOURS = st.sampled_from([15, 16, 17, 18])
"""Ben has something else on the third Monday at 18, Ana on the second at 15."""


class Groups(RuleBasedStateMachine):
    """Ben meets some of his students together, and whatever happens the lists have it."""

    cast: Cast
    links: list[TutorStudent]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.deeds = list[tuple[str, Any]]()
        self.is_all_by_deeds = True
        self.is_mixed = False
        """Whether some were undone before later ones, which began with something else then."""

    def teardown(self) -> None:
        """Undone one by one, the last first, all is as it began."""
        try:
            if self.is_all_by_deeds and not self.is_mixed:
                self.undo_all(None)
                assert self.is_all_by_deeds
        finally:
            transaction.savepoint_rollback(self.savepoint)

    @initialize(number=st.integers(1, 3), endless=st.booleans(), by_hand=st.booleans())
    def plan(self, number: int, *, endless: bool, by_hand: bool) -> None:
        self.is_by_hand = by_hand
        booked(self.links[3], at(23, 18))
        booked(self.cast.cara_ana, at(16, 15))
        wanted = mondays(
            self.cast,
            together=tuple(one.pk for one in self.links[1:number]),
            time_zone="Africa/Abidjan",  # always UTC
            rule="FREQ=WEEKLY" if endless else f"FREQ=WEEKLY;COUNT={COUNT}",
        )
        plan_series(requester=Requester(self.cast.owner, NOW), wanted=wanted)
        self.begin = facts()

    def did(self, preview: Callable[..., Any], deed: Callable[..., Any], **given: Any) -> Any:
        """Look, and do it as it was looked at; None where it was refused, and then nothing is."""
        who: dict[str, Any] = {"requester": Requester(self.cast.owner, NOW), **given}
        before = facts()
        try:
            seen = preview(**who)
            assert facts() == before
            done = deed(**who, expect=fingerprint(seen.shown))
        except TandemError:
            assert facts() == before
            return None
        self.deeds.append((done.deed, before))
        return done

    def group_of(self, line: Line) -> list[Line]:
        """Return the lines that share a group in a part of the rule, that one first."""
        found = [
            one
            for one in all_lines()
            if one.group and (one.group, one.tutor) == (line.group, line.tutor) and one != line
            and (one.ends_on is None or one.ends_on > line.starts_on)
            and (line.ends_on is None or one.starts_on < line.ends_on)
        ]  # fmt: skip
        return [line, *found]

    def some(self, which: int) -> Line:
        lines = all_lines()
        return lines[which % len(lines)]

    def follows(self, line: Line, one: Lesson) -> bool:
        """Tell whether a lesson is where its line has it."""
        is_there = one.starts_at == datetime.combine(one.day, time(line.hour), at(1, 0).tzinfo)
        return one.line == line.pk and one.status == "scheduled" and is_there and line.has(one.day)

    @rule(
        which=WHICH,
        whole=st.booleans(),
        scope=st.sampled_from(["following", "all"]),
        since=DATES,
        hour=HOURS,
        title=st.sampled_from(["", "Light"]),
    )
    def edit(
        self, which: int, scope: Scope, since: date, hour: int, title: str, *, whole: bool
    ) -> None:
        """What follows goes to another hour, and nothing else does."""
        line, before = self.some(which), all_lessons()
        lines = {one.pk: one for one in (self.group_of(line) if whole else [line])}
        first = since if scope == "following" else date.min
        change = SeriesEdit(
            scope,
            since if scope == "following" else None,
            wall_time=time(hour),
            texts={"title": title} if title else {},
        )
        alone = (preview_series_edit, edit_series)
        deeds = (preview_group_edit, edit_group) if whole else alone
        done = self.did(*deeds, series_id=line.pk, edit=change)
        if done is None:
            return
        after = {one.pk: one for one in all_lessons()}
        assert after.keys() == {one.pk for one in before}
        for one in before:
            own, then = lines.get(one.line), after[one.pk]
            assert (then.day, then.status) == (one.day, one.status)
            if own and one.day >= first and self.follows(own, one):
                assert then.starts_at.hour == hour
                assert then.title == (title or one.title)
            else:
                assert (then.starts_at, then.title) == (one.starts_at, one.title)

    @rule(which=WHICH, who=st.integers(0, 3), since=DATES)
    def join(self, which: int, who: int, since: date) -> None:
        """They come whenever any of the others does, at the hour of most."""
        line, link = self.some(which), self.links[who]
        before = all_lessons()
        there: dict[date, Counter[datetime]] = {}
        lines = {one.pk: one for one in self.group_of(line)}
        for one in before:
            own = lines.get(one.line)
            if own and own.has(one.day) and one.day >= since and one.status == "scheduled":
                there.setdefault(one.day, Counter())[one.starts_at] += 1
        done = self.did(
            preview_join, join_series, series_id=line.pk, tutor_student_id=link.pk, since=since
        )
        if done is None:
            return
        old = {one.pk for one in before}
        made = {one.day: one.starts_at for one in all_lessons() if one.pk not in old}
        assert made == {
            day: min(hours, key=lambda hour: (-hours[hour], hour)) for day, hours in there.items()
        }
        assert {one.line for one in all_lessons() if one.pk not in old} == {done.series.pk}

    @rule(which=WHICH, on=DATES, whole=st.booleans())
    def leave(self, which: int, on: date, *, whole: bool) -> None:
        """What follows from that day on goes; what was moved or called off stays."""
        line, before = self.some(which), all_lessons()
        lines = {one.pk: one for one in (self.group_of(line) if whole else [line])}
        look, deed = (preview_group_stop, stop_group) if whole else (preview_stop, stop_series)
        if self.did(look, deed, series_id=line.pk, on=on) is None:
            return
        gone = {one.pk for one in before} - {one.pk for one in all_lessons()}
        assert gone == {
            one.pk
            for one in before
            if one.line in lines and one.day >= on and self.follows(lines[one.line], one)
        }

    @rule(who=st.integers(0, 3), on=DATES)
    def hand_over(self, who: int, on: date) -> None:
        """One goes to Dev, with every lesson from that day on; no hour is another."""
        link, before = self.links[who], all_lessons()
        self.did(
            preview_transfer,
            transfer,
            student_id=link.student_id,
            tutor_student_id=link.pk,
            to_tutor_id=self.cast.dev.pk,
            on=on,
        )
        hours = [(one.pk, one.day, one.starts_at, one.status) for one in all_lessons()]
        assert hours == [(one.pk, one.day, one.starts_at, one.status) for one in before]

    @rule(which=WHICH, verb=st.sampled_from(["cancel", "move", "skip", "restore"]), day=DATES)
    def one_date(self, which: int, verb: str, day: date) -> None:
        """Somebody changes one lesson, of one or of all; nothing else becomes another."""
        if not self.is_by_hand:
            return
        line, before = self.some(which), all_lessons()
        whole = which % 2 == 0
        row = next((one for one in before if (one.line, one.day) == (line.pk, day)), None)
        who: dict[str, Any] = {"requester": Requester(self.cast.owner, NOW)}
        try:
            if verb == "skip":
                (skip_group_date if whole else skip_date)(**who, series_id=line.pk, day=day)
            elif verb == "restore":
                (restore_group_date if whole else restore_date)(**who, series_id=line.pk, day=day)
            elif row and verb == "cancel":
                actions.cancel(**who, session_id=row.pk)
            elif row:
                start = row.starts_at + 2 * HOUR
                hours: dict[str, Any] = {"starts_at": start, "ends_at": start + HOUR}
                actions.reschedule(**who, session_id=row.pk, **hours)
        except TandemError:
            assert all_lessons() == before
            return
        self.is_all_by_deeds &= all_lessons() == before
        assert [one for one in all_lessons() if one.day != day] == [
            one for one in before if one.day != day
        ]

    @rule(which=WHICH)
    def undo(self, which: int) -> None:
        """A deed is taken back, as it was looked at; the last one leaves what was before it."""
        if not self.deeds:
            return
        is_last = which % 2 == 0
        number = len(self.deeds) - 1 if is_last else which % len(self.deeds)
        deed, before = self.deeds[number]
        if self.undone(deed):
            del self.deeds[number]
            if is_last and self.is_all_by_deeds and not self.is_mixed:
                assert facts() == before
            self.is_mixed |= number < len(self.deeds)

    def undone(self, deed: str) -> bool:
        """Undo a deed after a look; False where it is refused, and then nothing is another."""
        who: dict[str, Any] = {"requester": Requester(self.cast.owner, NOW), "deed_id": deed}
        was, before = facts(), {one.pk: one for one in all_lessons()}
        try:
            seen = preview_undo_of(**who)
            undo_deed(**who, expect=fingerprint(seen.shown))
        except TandemError:
            assert facts() == was
            return False
        after = {one.pk: one for one in all_lessons()}
        assert before.keys() - after.keys() == {one.pk for one in seen.removed}
        assert after.keys() - before.keys() == {one.pk for one in seen.planned_again}
        # What another holds meanwhile does not come back; the last deed first leaves nothing out.
        self.is_all_by_deeds &= not (seen.left or seen.left_dates)
        changed = {one.pk for one in seen.changed}
        for pk in before.keys() & after.keys() - changed:
            assert (before[pk].starts_at, before[pk].status) == (
                after[pk].starts_at, after[pk].status)  # fmt: skip
        return True

    @rule(order=st.randoms(use_true_random=False))
    def undo_in_any_order(self, order: Any) -> None:
        """What can be; where nothing is left, all is as it began, but for parts that are alike."""
        self.undo_all(order)

    def undo_all(self, order: Any) -> None:
        """Undo in an order that is tried again and again; None: the last first, and all."""
        while self.deeds:
            if order:
                order.shuffle(self.deeds)
            left = [one for one in reversed(self.deeds) if not self.undone(one[0])][::-1]
            if len(left) == len(self.deeds):
                break
            self.deeds = left
        if self.is_all_by_deeds:
            assert order or self.is_mixed or not self.deeds
            alike = facts() if order is None else without_cuts(facts())
            begin = self.begin if order is None else without_cuts(self.begin)
            assert self.deeds or alike == begin
        self.is_mixed = bool(self.deeds)

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        """Ben is where a group is, each student in one lesson."""
        rows = [*Session.objects.filter(status="scheduled").order_by("starts_at", "pk")]
        for number, one in enumerate(rows):
            for two in rows[number + 1 :]:
                if one.ends_at <= two.starts_at:
                    break
                assert one.student_id != two.student_id
                same = one.group is not None and one.group == two.group
                assert same or one.tutor_id != two.tutor_id


def test_a_group_is_what_naive_lists_have(cast: Cast) -> None:
    """Joining, leaving, changing all or one, dates of one, undoing in any order."""
    Groups.cast = cast
    Groups.links = [cast.ben_ana, cast.ben_cleo, third(cast), third(cast, "Gus Lind")]
    run_state_machine_as_test(
        Groups,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            deadline=None,
            derandomize="GROUP_EXAMPLES" not in os.environ,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
