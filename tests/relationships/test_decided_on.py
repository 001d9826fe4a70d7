"""What was decided by a day, active or paused: the statement and the history say the same."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tandem.kit.errors import TandemError
from tandem.kit.named_sql import fetch_rows
from tandem.people.days import state_then
from tandem.people.requester import Requester
from tandem.relationships.actions import pair, pause, resume
from tandem.relationships.events import state_of
from tandem.relationships.history import decided_on
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.cast import TERM, Cast

THEN = sql.SQL(
    "SELECT {} FROM relationships_tutorstudent relationship WHERE relationship.id = %(id)s"
).format(state_then("relationship", "day"))
BEGIN = date(2026, 11, 2)
STEPS = st.lists(
    st.tuples(st.sampled_from([pause, resume]), st.integers(0, 3), st.integers(0, 6)), max_size=6
)
"""What is done, how many days after the step before, and how many days late."""


def then(row: TutorStudent, day: date) -> str:
    ((state,),) = fetch_rows(THEN.as_string(None), {"id": row.pk, "day": day})
    return str(state)


@given(STEPS)
@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_both_say_the_same(cast: Cast, steps: list[Any]) -> None:
    """Whatever was paused and resumed when, entered late or not, for every day."""
    with transaction.atomic():
        today = BEGIN
        for action, later, late in steps:
            today += timedelta(days=later)
            now = datetime.combine(today, time(12), UTC)
            try:
                with transaction.atomic():
                    on = today - timedelta(days=late)
                    action(requester=Requester(None, now), tutor_student_id=cast.ben_ana.pk, on=on)
            except TandemError:
                continue
        row = TutorStudent.objects.get(pk=cast.ben_ana.pk)
        lines = list(RelationshipEvent.objects.order_by("id"))
        for away in range(-8, 22):
            day = BEGIN + timedelta(days=away)
            told = decided_on(lines, row.pk, day)
            assert told is not None
            assert then(row, day) == told
        assert then(row, TERM - timedelta(days=1)) == "planned"
        assert then(row, date(2027, 1, 1)) == row.status == state_of(row).status
        transaction.set_rollback(True)


def test_a_relationship_without_a_history_is_as_it_stands(cast: Cast) -> None:
    """What other programs left without a line: nothing else is known of it."""
    pair(requester=Requester(None, datetime.combine(BEGIN, time(12), UTC)), tutor_id=cast.dev.pk,
         student_id=cast.cleo.pk, started_on=TERM)  # fmt: skip
    row = TutorStudent.objects.create(
        tutor=cast.cara, student=cast.cleo, started_on=TERM, status="paused"
    )
    lines = [one for one in RelationshipEvent.objects.all() if one.relationship_id != row.pk]
    assert decided_on(lines, row.pk, BEGIN) is None
    assert then(row, BEGIN) == "paused"
