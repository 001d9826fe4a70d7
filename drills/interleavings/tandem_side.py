"""What Tandem does in the catalogue: the product's own functions, over an actor's connection."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.db import connection as django_connection

from drills.interleavings.actors import Actor, Work
from tandem.lessons import actions as lessons
from tandem.lessons.transfers import transfer
from tandem.people import actions as people
from tandem.people.requester import Requester
from tandem.relationships import actions as relationships
from tandem.relationships.models import TutorStudent
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import OldSide
from tandem.upgrade.live import rollback as rolling_back
from tandem.upgrade.live import switch as switching
from tandem.upgrade.live.batch import Ground, prepare, run_batch, settle_for_whole_tables
from tandem.upgrade.live.catch_up import catch_up_missed
from tandem.upgrade.live.short_locks import RETRIED
from tandem.upgrade.live.shown_days import carry_over
from tandem.upgrade.live.state import read_state
from tandem.upgrade.without_timeouts import without_timeouts
from tests.upgrade.old_databases import ZONE

TRIES = 3
STARTS = datetime(2035, 6, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ground(connection: psycopg.Connection[Any]) -> Ground:
    """Set a connection up for batches."""
    prepare(connection)
    return Ground.made(connection, OldSide.read(connection, Names()), ZONE)


def upgrade(connection: psycopg.Connection[Any]) -> OldSide:
    """Set a connection up for the upgrade's other commands."""
    without_timeouts(connection)
    return OldSide.read(connection, Names())


def end_of_backfill(connection: psycopg.Connection[Any]) -> OldSide:
    """Set a connection up as a backfill leaves it when its batches are done."""
    prepare(connection)
    settle_for_whole_tables(connection)
    return OldSide.read(connection, Names())


def batch(size: int) -> Work:
    """Bring the next ``size`` students, again where somebody was in the way."""

    def work(actor: Actor) -> None:
        connection, made = actor.kept_connection("batch", ground)
        cursor = read_state(connection).cursor
        actor.use(connection)
        for left in reversed(range(TRIES)):
            try:
                run_batch(connection, made, after=cursor, size=size)
            except RETRIED:
                if not left:
                    raise
            else:
                return

    return work


def catch_up(actor: Actor) -> None:
    """Take what was noted, as the end of a backfill does."""
    connection, old = actor.kept_connection("end of backfill", end_of_backfill)
    actor.use(connection)
    catch_up_missed(connection, old)


def turn_days(actor: Actor) -> None:
    """Show who is primary from today, as `serve` does."""
    connection, _ = actor.kept_connection("upgrade", upgrade)
    actor.use(connection)
    carry_over(connection)


def switch(actor: Actor) -> None:
    connection, _ = actor.kept_connection("upgrade", upgrade)
    actor.use(connection)
    switching.switch(connection)


def rollback(actor: Actor) -> None:
    connection, _ = actor.kept_connection("upgrade", upgrade)
    actor.use(connection)
    rolling_back.rollback(connection)


def action(act: Callable[[str, str], object]) -> Work:
    """One of Tandem's actions: ``act`` is told s1's primary relationship and who takes part."""

    def work(actor: Actor) -> None:
        if django_connection.connection is not None and django_connection.connection.closed:
            django_connection.close()
        django_connection.ensure_connection()
        raw = django_connection.connection
        if actor.kept.get("tandem", (None,))[0] is not raw:
            actor.gate.guard(raw)
            actor.kept["tandem"] = raw, None
        primary = TutorStudent.objects.filter(student_id="s1", is_primary=True).values_list("pk")
        link = primary.get()[0]
        actor.use(raw)
        act(link, str(actor.slot))

    return work


def _now() -> datetime:
    return datetime.now(UTC)


def _pair(_link: str, _me: str) -> object:
    return relationships.pair(
        requester=Requester(None, _now()), tutor_id="t2", student_id="s1", subject="Botany"
    )


def _transfer(_link: str, _me: str) -> object:
    return transfer(
        requester=Requester(None, _now()), student_id="s1", to_tutor_id="t2", on=_now().date()
    )


def _plan(link: str, me: str) -> object:
    starts = STARTS + timedelta(days=int(me))
    return lessons.schedule(
        requester=Requester(None, _now()),
        tutor_student_id=link,
        starts_at=starts,
        ends_at=starts + HOUR,
    )


def _move(_link: str, _me: str) -> object:
    starts = STARTS + timedelta(days=30)
    return lessons.reschedule(
        requester=Requester(None, _now()),
        session_id="s1 next",
        starts_at=starts,
        ends_at=starts + HOUR,
    )


def _cancel(_link: str, _me: str) -> object:
    return lessons.cancel(requester=Requester(None, _now()), session_id="s1 next")


def _record(_link: str, _me: str) -> object:
    return lessons.edit(
        requester=Requester(None, _now()), session_id="s1 past", changes={"notes": "from Tandem"}
    )


def _rename(_link: str, _me: str) -> object:
    return people.update_student(
        requester=Requester(None, _now()), student_id="s1", changes={"full_name": "From Tandem"}
    )


ACTIONS: Mapping[str, Callable[[str, str], object]] = {
    "pair": _pair,
    "transfer": _transfer,
    "plan": _plan,
    "move": _move,
    "cancel": _cancel,
    "record": _record,
    "rename": _rename,
}
