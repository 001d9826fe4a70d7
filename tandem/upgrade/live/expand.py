"""Expand: Tandem's schema beside the old one, and the triggers that keep them in step."""

from functools import partial

import psycopg
from psycopg import sql

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.names import Names
from tandem.upgrade.legacy.old_side import SYNC, OldSide, quoted
from tandem.upgrade.legacy.shapes import SESSION
from tandem.upgrade.links import open_all, refuse_unreadable
from tandem.upgrade.live.already_there import INDEX, lacking_objects, lacking_triggers
from tandem.upgrade.live.catch_up import list_again, when_nobody_holds_it
from tandem.upgrade.live.lost_there import refuse_if_emptied
from tandem.upgrade.live.preconditions import blockers
from tandem.upgrade.live.rollback import rollback
from tandem.upgrade.live.short_locks import install, run_shortly, until_done
from tandem.upgrade.live.shown_days import note_who_is_shown
from tandem.upgrade.live.state import begin, read_state, set_phase
from tandem.upgrade.phases import Phase, refuse_out_of_turn
from tandem.upgrade.triggers.everything import objects
from tandem.upgrade.triggers.triggers import (
    nothing_shown,
    triggers_on_new,
    triggers_on_old,
    triggers_on_primary_days,
)
from tandem.upgrade.triggers.unheard import ALL_IS_LISTED, NOTHING_IS_SHOWN, list_unheard
from tandem.upgrade.triggers.unknown_tutors import ALL_THAT_TANDEM_HAS, list_unknown_tutors
from tandem.upgrade.triggers.unshown import record_everything
from tandem.upgrade.triggers.waiting import PATIENCE, PATIENCE_FOR_NOTES


def expand(
    connection: psycopg.Connection, *, names: Names, zone: str, deleted_there: bool = False
) -> OldSide:
    """Install the sync; every later write of the old application reaches Tandem.

    Tandem's own migrations are applied already. Raises UpgradeRefusedError when the old tables
    are not fit for it, or lost so many rows since a rollback that somebody has to say they were
    ``deleted_there``; with nothing changed.
    """
    state = read_state(connection)
    refuse_out_of_turn("expand", state.phase)
    old = fit_old_side(connection, names)
    refuse_unreadable(connection)
    if not deleted_there:
        refuse_if_emptied(connection, old)
    if state.phase is not Phase.EXPANDED:
        is_return = _holds_people(connection)
        if is_return and state.phase is Phase.NOT_BEGUN:
            install(connection, nothing_shown())
        with connection.transaction():
            if is_return and state.phase is Phase.NOT_BEGUN:
                for statement in record_everything():
                    connection.execute(sql.SQL(statement))
            begin(connection, names=names, schema=old.schema, zone=zone, is_return=is_return)
        open_all(connection)
    _make_objects(connection, list(objects(old, zone, home_of(connection))))
    install(connection, lacking_triggers(connection, triggers_on_primary_days()))
    note_who_is_shown(connection)
    is_return = read_state(connection).is_return
    if is_return:
        connection.execute(sql.SQL(NOTHING_IS_SHOWN))
    install(connection, lacking_triggers(connection, triggers_on_old(old)))
    _refuse_what_was_being_emptied(connection, old, deleted_there=deleted_there)
    if old.has(SESSION, "tutorId"):
        when_nobody_holds_it(connection, list_unknown_tutors(ALL_THAT_TANDEM_HAS))
    if is_return:
        _list_unheard(connection, old)
    install(connection, lacking_triggers(connection, triggers_on_new()))
    if (
        is_return
    ):  # what was done in Tandem after the list, and before it was shown, is as all before
        list_again(connection, old)
    set_phase(connection, Phase.EXPANDED)
    return old


def _refuse_what_was_being_emptied(
    connection: psycopg.Connection, old: OldSide, *, deleted_there: bool
) -> None:
    """Ask again what was asked first: the triggers waited for transactions that were open then.

    Nothing may be followed while the question is open, so the expansion takes itself back.
    """
    if deleted_there:
        return
    try:
        refuse_if_emptied(connection, old)
    except UpgradeRefusedError:
        rollback(connection)
        raise


def _make_objects(connection: psycopg.Connection, statements: list[str]) -> None:
    """Make what is lacking. Indexes of lists that every old write may add to, by themselves, at last."""

    def attempt(some: list[str], patience: str) -> None:
        run_shortly(connection, lacking_objects(connection, some), patience=patience)

    indexes = [one for one in statements if INDEX.match(one)]
    others = [one for one in statements if not INDEX.match(one)]
    until_done(SYNC, partial(attempt, others, PATIENCE))
    for index in indexes:
        until_done(SYNC, partial(attempt, [index], PATIENCE_FOR_NOTES))


def _list_unheard(connection: psycopg.Connection, old: OldSide) -> None:
    """What was written until the triggers told of it. Before that is known, they show nothing."""
    with connection.transaction():
        for statement in list_unheard(old):
            connection.execute(sql.SQL(statement))
        connection.execute(sql.SQL(ALL_IS_LISTED))


def fit_old_side(connection: psycopg.Connection, names: Names) -> OldSide:
    """Return the old tables. Raises UpgradeRefusedError where they are not fit for an upgrade."""
    old = OldSide.read(connection, names)
    if reasons := blockers(connection, old):
        raise UpgradeRefusedError(" ".join([*reasons, "Nothing was changed."]))
    return old


def home_of(connection: psycopg.Connection) -> str:
    """Return the quoted name of the schema in which Tandem's tables are."""
    row = connection.execute(
        "SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        " WHERE pg_class.oid = 'people_tutor'::regclass"
    ).fetchone()
    return quoted(row[0] if row else "public")


def _holds_people(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT EXISTS (SELECT FROM people_tutor)").fetchone()
    return bool(row and row[0])
