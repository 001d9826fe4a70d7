"""Anybody does anything on any date, and after every step the rules hold."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Manager, QuerySet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tandem.kit.errors import TandemError
from tandem.lessons import (
    actions,
    corrections,
    cover,
    end_relationship,
    reopening,
    swapping,
    transfers,
    undo,
)
from tandem.lessons.models import Session
from tandem.lessons.queries import visible_sessions
from tandem.people.models import Tutor
from tandem.people.queries import viewer_of, visible_students
from tandem.people.requester import Requester
from tandem.relationships import actions as pairing
from tandem.relationships import requests
from tandem.relationships.events import state_of
from tandem.relationships.history import replay
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.queries import visible_relationships
from tests.cast import NOW, Cast, at, user
from tests.lessons.sound import (
    check_one_place,
    check_relationships_apart,
    check_sessions_within,
    check_told,
)
from tests.primaries import check_periods

EXAMPLES = int(os.environ.get("ORDER_EXAMPLES", "25"))
"""How many histories to play; more by hand."""
OWNER, OWN = "the owner", "the tutor in question"
WHO = st.sampled_from([OWNER, OWN, "ben", "dev"])
WHICH = st.integers(0, 40)
DAYS = st.integers(0, 9).map(lambda days: date(2026, 11, 2) + timedelta(days=days))
STATE: tuple[Manager[Any], ...] = (
    TutorStudent.objects,
    Session.objects,
    RelationshipEvent.objects,
)
HOURS = st.tuples(st.integers(2, 11), st.integers(7, 9), st.sampled_from([30, 60, 90]))


class Business(RuleBasedStateMachine):
    """A small business in which an owner and three tutors do whatever they are let.

    Dev is far to the west, so that a day there is not the same day for the others.
    """

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.checked: list[Any] = []
        self.tutors = [self.cast.ben, self.cast.cara, self.cast.dev]
        self.students = [self.cast.ana, self.cast.cleo]

    @initialize(diary=st.lists(st.tuples(WHICH, HOURS), min_size=3, max_size=6))
    def plan(self, diary: list[tuple[int, tuple[int, int, int]]]) -> None:
        for which, when in diary:
            self.book(who=OWNER, which=which, when=when)

    def teardown(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.savepoint_rollback(self.savepoint)

    def link(self, which: int, status: str = "active") -> TutorStudent:
        """Return a relationship; one of that status three times as often as another."""
        rows = list(TutorStudent.objects.order_by("started_on", "id"))
        apt = [row for row in rows if state_of(row).final_status == status]
        chosen = [*apt, *apt, *rows]
        return chosen[which % len(chosen)]

    def tries(
        self, action: Callable[..., Any], who: str, tutor_id: str = "", **arguments: Any
    ) -> None:
        """Do it, or be refused; what a refusal leaves is checked like everything else."""
        staff = {OWNER: self.cast.owner, "ben": user(self.cast.ben), "dev": user(self.cast.dev)}
        actor = staff.get(who) or user(Tutor.objects.get(pk=tutor_id))
        with suppress(TandemError):
            action(requester=Requester(actor, NOW), **arguments)

    @rule(
        who=WHO,
        tutor=st.integers(0, 2),
        student=st.integers(0, 1),
        subject=st.sampled_from(["", "Physics", "Art"]),
        on=DAYS,
        ask=st.booleans(),
    )
    def pair(
        self, who: str, tutor: int, student: int, subject: str, on: date, *, ask: bool
    ) -> None:
        self.tries(
            partial(requests.request if ask else pairing.pair, tutor_id=self.tutors[tutor].pk),
            who,
            self.tutors[tutor].pk,
            student_id=self.students[student].pk,
            subject=subject,
            started_on=on,
        )

    @rule(
        who=WHO,
        which=WHICH,
        change=st.sampled_from(
            [
                ("pending", requests.accept),
                ("pending", requests.decline),
                ("active", pairing.pause),
                ("paused", pairing.resume),
                ("active", pairing.make_primary),
                ("active", partial(pairing.change_subject, subject="Art")),
            ]
        ),
    )
    def change(self, who: str, which: int, change: tuple[str, Callable[..., Any]]) -> None:
        status, action = change
        row = self.link(which, status)
        self.tries(action, who, row.tutor_id, tutor_student_id=row.pk)

    @rule(who=WHO, which=WHICH, on=DAYS, mode=st.sampled_from(["refuse", "cancel"]))
    def end(self, who: str, which: int, on: date, mode: str) -> None:
        row = self.link(which)
        arguments = {"tutor_student_id": row.pk, "on": on, "future_sessions": mode}
        self.tries(end_relationship.end, who, row.tutor_id, **arguments)

    @rule(
        which=WHICH,
        tutor=st.integers(0, 2),
        on=DAYS,
        mode=st.sampled_from(["move", "cancel"]),
    )
    def move(self, which: int, tutor: int, on: date, mode: str) -> None:
        row = self.link(which)
        self.tries(
            transfers.transfer,
            OWNER,
            student_id=row.student_id,
            tutor_student_id=row.pk,
            to_tutor_id=self.tutors[tutor].pk,
            on=on,
            future_sessions=mode,
        )

    @rule(giver=st.integers(0, 2), receiver=st.integers(0, 2), on=DAYS)
    def move_all(self, giver: int, receiver: int, on: date) -> None:
        self.tries(
            transfers.transfer_all,
            OWNER,
            from_tutor_id=self.tutors[giver].pk,
            to_tutor_id=self.tutors[receiver].pk,
            on=on,
        )

    @rule()
    def undo(self) -> None:
        row = TutorStudent.objects.exclude(transferred_from=None).order_by("-id").first()
        if row is not None:
            self.tries(undo.undo_transfer, OWNER, tutor_student_id=row.pk)

    @rule(who=st.sampled_from([OWNER, OWNER, OWN]), which=WHICH, on=DAYS)
    def correct_start(self, who: str, which: int, on: date) -> None:
        row = self.link(which)
        arguments = {"tutor_student_id": row.pk, "started_on": on}
        self.tries(corrections.correct_start, who, row.tutor_id, **arguments)

    @rule(who=st.sampled_from([OWNER, OWNER, OWN]), which=WHICH)
    def reopen(self, who: str, which: int) -> None:
        row = self.link(which, "ended")
        self.tries(reopening.reopen, who, row.tutor_id, tutor_student_id=row.pk)

    @rule(who=st.sampled_from([OWNER, OWN]), which=WHICH)
    def remove(self, who: str, which: int) -> None:
        row = self.link(which)
        if TutorStudent.objects.count() > 1:
            self.tries(corrections.remove, who, row.tutor_id, tutor_student_id=row.pk)

    @rule(who=WHO, which=WHICH, other=WHICH)
    def swap(self, who: str, which: int, other: int) -> None:
        sessions = list(Session.objects.filter(status="scheduled").order_by("starts_at", "id"))
        if sessions:
            pair = [sessions[number % len(sessions)] for number in (which, other)]
            named = {"session_ids": [one.pk for one in pair]}
            self.tries(swapping.swap, who, pair[0].tutor_id, **named)

    @rule(who=WHO, which=WHICH, when=HOURS)
    def book(self, who: str, which: int, when: tuple[int, int, int]) -> None:
        day, hour, minutes = when
        row = self.link(which)
        self.tries(
            actions.schedule,
            who,
            row.tutor_id,
            tutor_student_id=row.pk,
            starts_at=at(day, hour),
            ends_at=at(day, hour) + timedelta(minutes=minutes),
        )

    @rule(
        who=WHO,
        which=WHICH,
        action=st.sampled_from(
            [
                actions.complete,
                actions.cancel,
                actions.no_show,
                actions.reinstate,
                actions.delete,
                partial(actions.reschedule, starts_at=at(5, 8), ends_at=at(5, 9)),
            ]
        ),
    )
    def settle(self, who: str, which: int, action: Callable[..., Any]) -> None:
        sessions = list(Session.objects.order_by("starts_at", "id"))
        if sessions:
            session = sessions[which % len(sessions)]
            self.tries(action, who, session.tutor_id, session_id=session.pk)

    @rule(which=WHICH, tutor=st.integers(0, 2))
    def cover(self, which: int, tutor: int) -> None:
        sessions = list(Session.objects.order_by("starts_at", "id"))
        if sessions:
            session_id = sessions[which % len(sessions)].pk
            taken = partial(cover.cover, tutor_id=self.tutors[tutor].pk)
            self.tries(taken, OWNER, session_id=session_id)

    @invariant()
    def the_rules_hold(self) -> None:
        """In every state; one that a refusal left as it was is not gone through again."""
        state = [list(rows.order_by("pk").values_list()) for rows in STATE]
        if state != self.checked:
            self.check()
            self.checked = state

    def check(self) -> None:
        links = {row.pk: row for row in TutorStudent.objects.all()}
        sessions = list(Session.objects.all())
        check_primary(links.values())
        check_relationships_apart(links.values())
        check_sessions_within(sessions, links, {tutor.pk: tutor for tutor in self.tutors})
        check_one_place(sessions)
        check_told(sessions)
        present = {key: state_of(row) for key, row in links.items()}
        assert replay(RelationshipEvent.objects.all()) == present
        check_periods()
        for tutor in self.tutors:
            check_scope(tutor, list(links.values()), sessions)


def check_primary(links: Iterable[TutorStudent]) -> None:
    """A student has one primary relationship exactly when there is an open one."""
    going = {row.student_id for row in links if row.is_open}
    marked = [row.student_id for row in links if row.is_primary and row.is_open]
    assert sorted(marked) == sorted(going)


def check_scope(tutor: Tutor, links: list[TutorStudent], sessions: list[Session]) -> None:
    """A tutor sees their students and sessions, and of others only who teaches those beside."""
    viewer = viewer_of(user(tutor))
    own = [row for row in links if row.tutor_id == tutor.pk and row.status != "declined"]
    now = {row.student_id for row in own if row.is_open}
    seen = {row for row in links if row in own or row.student_id in now}
    assert ids(visible_students(viewer)) == {row.student_id for row in own}
    assert ids(visible_relationships(viewer)) == {row.pk for row in seen}
    assert ids(visible_sessions(viewer)) == {one.pk for one in sessions if one.tutor_id == tutor.pk}


def ids(rows: QuerySet[Any]) -> set[str]:
    return set(rows.values_list("pk", flat=True))


def test_whatever_people_do_the_rules_hold(cast: Cast) -> None:
    """Any people doing anything on any dates leave a state that keeps every rule."""
    cast.dev.time_zone = "America/Los_Angeles"
    cast.dev.save()
    Business.cast = cast
    run_state_machine_as_test(
        Business,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert TutorStudent.objects.count() == 3
