"""An owner who agrees on what begins and ends when, while the clock goes from day to day.

People pair, end, transfer, pause, reopen and correct, with dates in the past and ahead, while the
clock goes from day to day. After each step, for every day: one tutor is primary where anybody
teaches, rights follow the dates, no tutor has more students than places, and who is asked about an
earlier day hears what was shown on it, unless somebody has put that day right since.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
)

from tandem.insights import lists
from tandem.insights.student_page import student_page
from tandem.kit.errors import TandemError
from tandem.kit.fingerprints import fingerprint
from tandem.kit.named_sql import run_read
from tandem.lessons import corrections, end_relationship, reopening, transfers, undo, undoing
from tandem.lessons.models import Deed, Session
from tandem.people.models import Student, Tutor
from tandem.people.queries import teaches_now, viewer_of, visible_students
from tandem.people.requester import Requester
from tandem.relationships import actions as pairing
from tandem.relationships.events import state_of
from tandem.relationships.history import replay
from tandem.relationships.models import PrimaryPeriod, RelationshipEvent, TutorStudent
from tandem.relationships.rules import OPEN, RelationshipState
from tests.cast import Cast, user
from tests.primaries import check_periods, stored

BEGIN = date(2026, 11, 2)
ZONE = ZoneInfo("Europe/London")
AWAY = st.integers(-8, 12)
WHICH = st.integers(0, 20)
STATE = (TutorStudent, PrimaryPeriod, RelationshipEvent, Session)
WIDE = ["end", "end", "transfer", "hand over"]
OF_A_LESSON = ("pk", "tutor_student", "starts_at", "ends_at", "status")
Answer = frozenset[tuple[str, bool, str]]
"""Who teaches a student on a day, whether as the primary one, and whether it is paused."""


class Days(RuleBasedStateMachine):
    """An owner agrees on what begins and ends when; the clock goes on."""

    cast: ClassVar[Cast]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.today = BEGIN
        self.checked: list[Any] = []
        self.told: dict[tuple[str, date], Answer] = {}
        self.decided: dict[str, str] = {}
        self.tutors = [self.cast.ben, self.cast.cara, self.cast.dev]
        self.students = [self.cast.ana, self.cast.cleo]

    def teardown(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.savepoint_rollback(self.savepoint)

    @property
    def now(self) -> datetime:
        return datetime.combine(self.today, time(12), ZONE)

    def day(self, away: int) -> date:
        return self.today + timedelta(days=away)

    def link(self, which: int) -> TutorStudent:
        rows = list(TutorStudent.objects.order_by("started_on", "id"))
        return rows[which % len(rows)]

    def tries(self, action: Callable[..., Any], student_id: str, **arguments: Any) -> bool:
        """Do it and return True, or be refused.

        What the deed changes on days that are over is forgotten.
        """
        before = self.days_of(student_id)
        with suppress(TandemError):
            action(requester=Requester(self.cast.owner, self.now), **arguments)
            self.forget_what_changed(student_id, before, self.days_of(student_id))
            return True
        return False

    def days_of(self, student_id: str) -> set[tuple[date, date, str]]:
        links = TutorStudent.objects.filter(student=student_id, kind="regular")
        rows = [state_of(row) for row in links]
        return {
            (one.started_on, one.ended_on or date.max, f"{one.id} {one.status == 'pending'}")
            for one in rows
        }

    def forget_what_changed(self, student_id: str, before: set[Any], after: set[Any]) -> None:
        """Only days of relationships that were begun, ended or put right since may be other."""
        touched = before ^ after
        for start, end, _ in touched:
            for key in [key for key in self.told if key[0] == student_id]:
                if start <= key[1] < end:
                    del self.told[key]

    @rule(
        tutor=st.integers(0, 2),
        student=st.integers(0, 1),
        subject=st.sampled_from(["", "Art"]),
        away=AWAY,
        primary=st.booleans(),
    )
    def pair(self, tutor: int, student: int, subject: str, away: int, *, primary: bool) -> None:
        student_id = self.students[student].pk
        self.tries(
            partial(pairing.pair, tutor_id=self.tutors[tutor].pk, student_id=student_id),
            student_id,
            subject=subject,
            started_on=self.day(away),
            primary=primary,
        )

    @rule(
        which=WHICH,
        action=st.sampled_from([pairing.pause, pairing.resume]),
        away=st.sampled_from([0, 0, 0, -1, -4]),
    )
    def pause(self, which: int, action: Callable[..., Any], away: int) -> None:
        """What is entered late is put right for the days from then on."""
        row, on = self.link(which), self.day(away)
        was = state_of(row).on(self.today)
        if self.tries(action, row.student_id, tutor_student_id=row.pk, on=on):
            assert was in {*OPEN, "planned"}
            self.decided[row.pk] = "paused" if action is pairing.pause else "active"
            for key in [key for key in self.told if key[0] == row.student_id and key[1] >= on]:
                del self.told[key]

    @rule(which=WHICH, away=st.integers(0, 12))
    def make_primary(self, which: int, away: int) -> None:
        row = self.link(which)
        day = self.day(away)
        if self.tries(pairing.make_primary, row.student_id, tutor_student_id=row.pk, on=day):
            since = max(day, row.started_on)
            others = PrimaryPeriod.objects.filter(student=row.student_id).exclude(tutor_student=row)
            ends = [one.ends_on or date.max for one in others]
            assert all(one <= since for one in ends), "somebody else is primary later"

    @rule(which=WHICH, subject=st.sampled_from(["", "Art"]))
    def change_subject(self, which: int, subject: str) -> None:
        row = self.link(which)
        was = state_of(row).on(self.today)
        if self.tries(
            partial(pairing.change_subject, subject=subject),
            row.student_id,
            tutor_student_id=row.pk,
        ):
            assert was in {*OPEN, "planned"}

    @rule(which=WHICH, away=AWAY, mode=st.sampled_from(["refuse", "cancel", "cancel"]))
    def end(self, which: int, away: int, mode: str) -> None:
        row = self.link(which)
        named: dict[str, Any] = {"tutor_student_id": row.pk, "future_sessions": mode}
        self.tries(end_relationship.end, row.student_id, **named, on=self.day(away))

    @rule(which=WHICH, tutor=st.integers(0, 2), away=AWAY, mode=st.sampled_from(["move", "cancel"]))
    def transfer(self, which: int, tutor: int, away: int, mode: str) -> None:
        row = self.link(which)
        self.tries(
            partial(transfers.transfer, student_id=row.student_id),
            row.student_id,
            tutor_student_id=row.pk,
            to_tutor_id=self.tutors[tutor].pk,
            on=self.day(away),
            future_sessions=mode,
        )

    @rule(which=WHICH, tutor=st.integers(0, 2), away=AWAY, what=st.sampled_from(WIDE))
    def there_and_back(self, which: int, tutor: int, away: int, what: str) -> None:
        """What is undone at once leaves everybody primary on the days on which they were.

        And every lesson as it was.
        """
        row = self.link(which)
        before = self.primaries(), self.diary()
        if self.wide(what, row, self.tutors[tutor].pk, self.day(away)):
            assert self.undo(Deed.objects.latest("pk").pk), what
            assert (self.primaries(), self.diary()) == before, what

    def diary(self) -> list[Any]:
        return [*Session.objects.order_by("pk").values_list(*OF_A_LESSON)]

    def primaries(self) -> list[Any]:
        marked = TutorStudent.objects.filter(is_primary=True).order_by("student")
        return [*(stored(one.pk) for one in self.students), list(marked.values_list("pk"))]

    def wide(self, what: str, row: TutorStudent, tutor_id: str, on: date) -> bool:
        who: dict[str, Any] = {"requester": Requester(self.cast.owner, self.now), "on": on}
        to: dict[str, Any] = {"to_tutor_id": tutor_id}
        deeds: dict[str, Callable[[], Any]] = {
            "end": lambda: end_relationship.end(
                **who, tutor_student_id=row.pk, future_sessions="cancel"
            ),
            "transfer": lambda: transfers.transfer(
                **who, **to, student_id=row.student_id, tutor_student_id=row.pk
            ),
            "hand over": lambda: transfers.transfer_all(**who, **to, from_tutor_id=row.tutor_id),
        }
        return self.for_all(deeds[what])

    def undo(self, deed_id: str) -> bool:
        """Look, and undo what was looked at."""
        who: dict[str, Any] = {
            "requester": Requester(self.cast.owner, self.now),
            "deed_id": deed_id,
        }

        def deed() -> None:
            plan = undoing.preview_undo_of(**who)
            undoing.undo_deed(**who, expect=fingerprint(plan.shown))

        return self.for_all(deed)

    def for_all(self, action: Callable[[], Any]) -> bool:
        """Do what may change the days of every student, or be refused."""
        before = {one.pk: self.days_of(one.pk) for one in self.students}
        with suppress(TandemError):
            action()
            for student_id, days in before.items():
                self.forget_what_changed(student_id, days, self.days_of(student_id))
            return True
        return False

    @rule(which=WHICH)
    def undo_a_deed(self, which: int) -> None:
        waiting = Deed.objects.filter(undone_at=None).order_by("-pk").values_list("pk", flat=True)
        if waiting:
            self.undo(waiting[which % min(len(waiting), 4)])

    @rule()
    def undo_transfer(self) -> None:
        row = TutorStudent.objects.exclude(transferred_from=None).order_by("-id").first()
        if row is not None:
            self.tries(undo.undo_transfer, row.student_id, tutor_student_id=row.pk)

    @rule(which=WHICH, away=AWAY)
    def correct_start(self, which: int, away: int) -> None:
        row = self.link(which)
        named = {"tutor_student_id": row.pk, "started_on": self.day(away)}
        self.tries(corrections.correct_start, row.student_id, **named)

    @rule(which=WHICH, away=AWAY)
    def correct_end(self, which: int, away: int) -> None:
        row = self.link(which)
        named = {"tutor_student_id": row.pk, "ended_on": self.day(away)}
        self.tries(corrections.correct_dates, row.student_id, **named)

    @rule(which=WHICH)
    def reopen(self, which: int) -> None:
        row = self.link(which)
        self.tries(reopening.reopen, row.student_id, tutor_student_id=row.pk)

    @rule(which=WHICH)
    def remove(self, which: int) -> None:
        row = self.link(which)
        if TutorStudent.objects.count() > 1:
            self.tries(corrections.remove, row.student_id, tutor_student_id=row.pk)

    @rule(days=st.integers(1, 4))
    def time_goes_on(self, days: int) -> None:
        """What is shown at the end of each day is remembered."""
        for _ in range(days):
            answers = self.answers(self.today)
            for student in self.students:
                told = self.on_the_pages(student)
                assert answers[student.pk] == told
                self.told[student.pk, self.today] = told
            self.today += timedelta(days=1)

    def on_the_pages(self, student: Student) -> Answer:
        """Return what the student's own page says today, which the list says as well."""
        viewer = viewer_of(self.cast.owner, now=self.now)
        page = student_page(viewer, student.pk, now=self.now)
        told = frozenset(
            (one.row.id, one.row.is_primary, one.row.status)
            for one in page.relationships
            if one.row.status in OPEN
        )
        listed = run_read(lists.relationships_of_students(viewer, [student.pk]))[student.pk]
        assert told == {(one.id, one.is_primary, one.status) for one in listed if one.is_open}
        return told

    def answers(self, day: date) -> dict[str, Answer]:
        """Return what is answered about a day, of every student."""
        viewer, keys = viewer_of(self.cast.owner, now=self.now), [one.pk for one in self.students]
        found = run_read(lists.relationships_of_students(viewer, keys, as_of=day))
        return {
            key: frozenset((one.id, one.is_primary, one.status) for one in found[key])
            for key in keys
        }

    @invariant()
    def everything_holds(self) -> None:
        """On every day, in every state; one that a refusal left is not gone through again."""
        rows = [list(model.objects.order_by("pk").values_list()) for model in STATE]
        if [self.today, *rows] != self.checked:
            self.check()
            self.checked = [self.today, *rows]

    def check(self) -> None:
        links = list(TutorStudent.objects.all())
        check_periods()
        self.the_answer_about_a_day_stays()
        self.the_history_replays(links)
        self.what_was_decided_holds(links)
        for tutor in self.tutors:
            own = [state_of(row) for row in links if row.tutor_id == tutor.pk]
            self.rights_follow_the_dates(tutor, own)
            self.nobody_has_more_than_they_have_room_for(tutor, own)

    def the_answer_about_a_day_stays(self) -> None:
        for day in {day for _, day in self.told}:
            answers = self.answers(day)
            for student in self.students:
                told = self.told.get((student.pk, day), answers[student.pk])
                assert answers[student.pk] == told, (student.full_name, day)

    def the_history_replays(self, links: list[TutorStudent]) -> None:
        assert replay(RelationshipEvent.objects.all()) == {row.pk: state_of(row) for row in links}

    def what_was_decided_holds(self, links: list[TutorStudent]) -> None:
        """Only a pause makes one paused and a resumption active, whatever its dates become."""
        for row in links:
            assert row.status == self.decided.setdefault(row.pk, row.status)
            assert state_of(row).on(self.today) in {row.status, "planned", "ended"}

    def rights_follow_the_dates(self, tutor: Tutor, own: list[RelationshipState]) -> None:
        viewer = viewer_of(user(tutor), now=self.now)
        taught = {one.student for one in own if one.on(self.today) in OPEN}
        for student in self.students:
            assert teaches_now(viewer, student.pk) is (student.pk in taught)
        assert taught <= set(visible_students(viewer).values_list("pk", flat=True))

    def nobody_has_more_than_they_have_room_for(
        self, tutor: Tutor, own: list[RelationshipState]
    ) -> None:
        if tutor.capacity is not None:
            for day in {one.started_on for one in own}:
                assert sum(one.takes_place_on(day) for one in own) <= tutor.capacity
