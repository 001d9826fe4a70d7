"""Whoever asks what stands against a lesson is answered the same: the rules, the quick way, SQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.insights.free_time import free_time
from tandem.insights.matching import Hours
from tandem.kit.errors import ConflictError
from tandem.kit.time import local_date
from tandem.lessons.actions import book
from tandem.lessons.booking import try_to_book
from tandem.lessons.models import Closure, Session, TimeOff
from tandem.lessons.steps import planned_lesson
from tandem.lessons.surroundings import hindrances_of
from tandem.people.models import Student, Tutor
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast, at

EXAMPLES = int(os.environ.get("ANSWER_EXAMPLES", "150"))
PLAN = "INSERT INTO lessons_session (tutor_student_id, starts_at, ends_at) VALUES (%s, %s, %s)"
CODES = {
    "session_relationship_open": {"wrong_status"},
    "session_not_in_cover": {"only_cover"},
    "session_within_relationship": {"outside_relationship"},
    "session_people_active": {"tutor_inactive", "student_inactive"},
    "session_tutor_not_away": {"tutor_away"},
    "session_on_open_day": {"closed"},
    "session_tutor_in_one_place": {"tutor_busy"},
    "session_student_in_one_place": {"student_busy"},
}
"""The database's name of a refusal -> the codes that it stands for."""
TAKEN = {"tutor_away", "closed", "tutor_busy", "student_busy"}
FIRST = date(2026, 11, 17)
DAYS = st.integers(-2, 2).map(lambda days: FIRST + timedelta(days=days))
QUARTER = timedelta(minutes=15)
STARTS = st.integers(-96, 2 * 96).map(lambda number: at(17, 0) + number * QUARTER)
SPANS = st.tuples(STARTS, st.integers(1, 8)).map(lambda one: (one[0], one[0] + one[1] * QUARTER))
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Other:
    """A session of somebody: of the same tutor, of the same student, of neither."""

    whose: str
    span: Span
    status: str
    fault: str


@dataclass(frozen=True)
class Facts:
    """What there is when Cara and Ana are to meet."""

    hours: Span
    started_on: date
    days: int | None
    status: str
    kind: str
    zone: str
    tutor_active: bool
    student_active: bool
    away: tuple[str, Span] | None
    closed: tuple[date, int] | None
    other: Other | None


OTHERS = st.builds(
    Other,
    st.sampled_from(["tutor", "student", "nobody"]),
    SPANS,
    st.sampled_from(["scheduled", "completed", "cancelled", "no_show"]),
    st.sampled_from(["", "", "overlap"]),
)
MOSTLY = [True, True, True, False]
FACTS = st.builds(
    Facts,
    hours=SPANS,
    started_on=st.one_of(st.just(date(2026, 9, 1)), DAYS),
    days=st.one_of(st.none(), st.integers(0, 4)),
    status=st.sampled_from(
        ["active", "active", "active", "paused", "pending", "declined", "ended"]
    ),
    kind=st.sampled_from(["regular", "regular", "regular", "cover"]),
    zone=st.sampled_from(["", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"]),
    tutor_active=st.sampled_from(MOSTLY),
    student_active=st.sampled_from(MOSTLY),
    away=st.one_of(st.none(), st.tuples(st.sampled_from(["tutor", "other"]), SPANS)),
    closed=st.one_of(st.none(), st.tuples(DAYS, st.integers(1, 2))),
    other=st.one_of(st.none(), OTHERS),
)


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written meanwhile is taken back."""
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(savepoint)


def write(facts: Facts, cast: Cast) -> TutorStudent:
    """Let it be so, without the actions that would refuse some of it; return the relationship."""
    row = cast.cara_ana
    ended_on = None
    if facts.days is not None and facts.status in {"active", "paused"}:
        ended_on = facts.started_on + timedelta(days=facts.days)
    TutorStudent.objects.filter(pk=row.pk).update(
        started_on=facts.started_on,
        ended_on=ended_on,
        status=facts.status,
        kind=facts.kind,
        legacy_fault="no_end_date" if facts.status == "ended" else "",
    )
    Tutor.objects.filter(pk=cast.cara.pk).update(active=facts.tutor_active, time_zone=facts.zone)
    Student.objects.filter(pk=cast.ana.pk).update(active=facts.student_active)
    if facts.away:
        who, (starts_at, ends_at) = facts.away
        tutor = cast.cara if who == "tutor" else cast.dev
        TimeOff.objects.create(tutor=tutor, starts_at=starts_at, ends_at=ends_at)
    if facts.closed:
        day, number = facts.closed
        Closure.objects.create(name="Fair", starts_on=day, ends_on=day + timedelta(days=number))
    if facts.other:
        write_other(facts.other, cast)
    return TutorStudent.objects.select_related("tutor", "student").get(pk=row.pk)


def write_other(other: Other, cast: Cast) -> None:
    """Write another session: Ana's is with Ben, Cara's is of Cleo, whom she teaches for it."""
    link = cast.ben_ana if other.whose == "student" else cast.ben_cleo
    if other.whose == "tutor":
        link = TutorStudent.objects.create(
            tutor=cast.cara, student=cast.cleo, started_on=date(2026, 9, 1), is_primary=False
        )
    Session.objects.create(
        tutor_student=link,
        tutor_id=link.tutor_id,
        student_id=link.student_id,
        starts_at=other.span[0],
        ends_at=other.span[1],
        status=other.status,
        legacy_fault=other.fault,
        created_at=NOW,
    )


def codes(link: TutorStudent, hours: Span) -> set[str]:
    """Return what the rules have against a new lesson."""
    session = Session(
        tutor_student=link,
        tutor=link.tutor,
        student=link.student,
        starts_at=hours[0],
        ends_at=hours[1],
    )
    lesson = planned_lesson(session, link, link.tutor, link.student, is_new=True)
    return {one.code for one in hindrances_of([lesson])}


def is_booked_quickly(cast: Cast, link: TutorStudent, hours: Span) -> bool:
    """Tell whether the quick way books it."""
    with taken_back():
        done = try_to_book(
            viewer_of(cast.owner),
            now=NOW,
            tutor_student_id=link.pk,
            starts_at=hours[0],
            ends_at=hours[1],
            series_id=None,
            fields={},
        )
    return done is not None


def refused_by_action(cast: Cast, link: TutorStudent, hours: Span) -> set[str]:
    """Return the codes with which the action refuses it."""
    model = Session(starts_at=hours[0], ends_at=hours[1])
    with taken_back():
        try:
            book([link.pk], model, {}, requester=Requester(cast.owner, NOW), override=())
        except ConflictError as refusal:
            return {one["code"] for one in refusal.details["conflicts"]}
    return set()


def refused_by_database(link: TutorStudent, hours: Span) -> str | None:
    """Return the name with which the database refuses it to another program."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL tandem.application = 'off'")
            cursor.execute(PLAN, [link.pk, *hours])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("SET LOCAL tandem.application = 'on'")
    except DatabaseError as error:
        cause = error.__cause__
        return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else str(error)
    return None


def are_free(cast: Cast, hours: Span) -> bool:
    """Tell whether the hours are offered as free."""
    minutes = int((hours[1] - hours[0]) / timedelta(minutes=1))
    found = free_time(
        viewer_of(cast.owner),
        tutor_id=cast.cara.pk,
        student_id=cast.ana.pk,
        within=Hours(*hours),
        minutes=minutes,
    )
    return bool(found.hours)


def is_well_inside(link: TutorStudent, hours: Span) -> bool:
    """Tell whether no zone's clock puts a lesson on the first or the last day, or outside."""
    day = local_date(hours[0], "UTC")
    ends = link.ended_on
    a_day = timedelta(days=1)
    return link.started_on <= day - a_day and (ends is None or day + a_day < ends)


def test_everybody_who_judges_says_the_same(cast: Cast) -> None:
    """For whatever facts there are, a new lesson is refused by all of them, or by none."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(facts=FACTS)
    def hold(facts: Facts) -> None:
        with taken_back():
            link = write(facts, cast)
            against = codes(link, facts.hours)
            assert refused_by_action(cast, link, facts.hours) == against
            quickly = is_booked_quickly(cast, link, facts.hours)
            assert not (quickly and against)
            assert quickly or against or not is_well_inside(link, facts.hours)
            assert are_free(cast, facts.hours) == (not against & TAKEN)
            name = refused_by_database(link, facts.hours)
            assert (name is None) == (not against), (name, against)
            assert name is None or CODES[name] & against

    hold()
