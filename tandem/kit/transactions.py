"""One action, one transaction: retried when another got in its way, refused in plain words.

Every action locks rows in one order, so that two of them wait for each other but never in a ring:
Tutor by id, Student by id, TutorStudent by id, Session by id.
"""

import random
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.dispatch import Signal

from tandem.kit.errors import ConflictError, TandemError

P = ParamSpec("P")
R = TypeVar("R")

LOCK_TIMEOUT, DEADLOCK, NOT_SERIALIZABLE = "55P03", "40P01", "40001"
RETRIED = frozenset({LOCK_TIMEOUT, DEADLOCK, NOT_SERIALIZABLE})
AWAY = ("08", "57P01", "57P02", "57P03", "53300")
"""How SQLSTATEs begin where the server ends, starts, or takes no more connections."""
GIVEN_UP = "57014"
"""The server has given a statement up: it took longer than it may, or somebody ended it."""
OLD_SIDE = "tandem_sync.show_"
"""In an error's context: an older application shares the database for a time, and a rule of its own
(a trigger, a key of a table that is not known) is against what it was to be shown."""
# Seconds at most before each further try. A pause is drawn at random below it, so that two who
# met once do not meet again.
PAUSES = (0.05, 0.1, 0.2, 0.4)

before_retry = Signal()
"""Sent when an action met a lock: nothing is open any more but what its caller had open before."""

Refusals = Mapping[str, tuple[str, str]]
"""The name of a constraint -> the stable reason and the sentence of the conflict it stands for."""


BUSY = (
    "busy",
    (
        "Somebody else is changing the same things just now. Nothing was changed; "
        "try again in a moment."
    ),
)
"""The reason and the sentence of a conflict with what goes on at the same moment."""

_refusals: ContextVar[dict[str, tuple[str, str]] | None] = ContextVar("refusals", default=None)
"""Those of the action that is going on, and of those in it: what is found at its end is theirs."""


class ChangedMeanwhileError(Exception):
    """What was read before the locks were held is no longer so: the action starts again."""


def one_transaction(
    refusals: Refusals, *, keep: bool = True, names_actor: bool = True
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run an action in one transaction (in a savepoint, where one is open already).

    A violated constraint becomes the ConflictError that ``refusals`` gives it. Lock time-outs,
    deadlocks and serialization failures are tried again a few times, then refused as ``busy``.
    An action within another starts that again, not itself: what was locked on the way is let go.
    A preview does not ``keep`` what it wrote on the way. The database is told who acts unless
    nothing is written that it keeps the history of: see ``say_who_acts``.
    """

    def decorate(action: Callable[P, R]) -> Callable[P, R]:
        @wraps(action)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            def once() -> R:
                with transaction.atomic():
                    say_who_acts(
                        getattr(kwargs.get("requester"), "who", None) if names_actor else None
                    )
                    result = action(*args, **kwargs)
                    if not keep:
                        transaction.set_rollback(True)
                    return result

            larger = _refusals.get()
            if larger is None:
                return _started_again(once, dict(refusals))
            larger.update(refusals)
            return _in_words(once, refusals)

        return run

    return decorate


def as_one(part: Callable[[], R]) -> R:
    """Do what holds several actions in one transaction: all of it starts again, or none is done.

    What the database finds at the very end (a deferred trigger, a row that another holds) comes
    after the last action; the actions' own refusals hold for it.
    """
    return one_transaction({}, names_actor=False)(part)()


def _started_again(once: Callable[[], R], refusals: dict[str, tuple[str, str]]) -> R:
    """Try a few times; ``refusals`` grows by those of the actions on the way."""
    for pause in PAUSES:
        within = _refusals.set(refusals)
        try:
            return _in_words(once, refusals)
        except ChangedMeanwhileError:
            pass
        except OperationalError as error:
            if not met_another(error):
                raise
            before_retry.send(sender=one_transaction)
        finally:
            _refusals.reset(within)
        time.sleep(random.uniform(0, pause))  # noqa: S311 - a pause is no secret
    raise ConflictError(*BUSY)


def _in_words(once: Callable[[], R], refusals: Refusals) -> R:
    try:
        return once()
    except DatabaseError as error:
        if not met_another(error) and (refusal := _refusal(error, refusals)):
            raise refusal from error
        raise


def say_who_acts(actor: Any) -> None:
    """Tell the database, for this transaction, which account's changes it records.

    Nobody (a command): what was said before stays, because an action may be part of another.
    """
    if actor is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('tandem.actor', %s, true)", [actor.pk])


def _refusal(error: DatabaseError, refusals: Refusals) -> TandemError | None:
    said = error.__cause__.diag if isinstance(error.__cause__, psycopg.Error) else None
    if said and OLD_SIDE in (said.context or ""):
        return ConflictError(
            "old_application_refused",
            f"The old application's database refused this: {said.message_primary}. "
            "Nothing was changed.",
        )
    broken = said.constraint_name if said and isinstance(error, IntegrityError) else None
    return ConflictError(*refusals[broken]) if broken and broken in refusals else None


def database_is_away(error: BaseException) -> bool:
    """Tell whether the server could not be reached, or went away: to try again makes sense."""
    cause = error.__cause__ if isinstance(error, DatabaseError | InterfaceError) else error
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    # Without a SQLSTATE nobody answered: a connection that broke, or none to be had in time.
    return cause.sqlstate is None or cause.sqlstate.startswith(AWAY)


def took_too_long(error: BaseException) -> bool:
    """Tell whether the server gave a statement up; nothing of its transaction was kept."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    return isinstance(cause, psycopg.Error) and cause.sqlstate == GIVEN_UP


def met_another(error: BaseException) -> bool:
    """Tell whether a statement gave way to somebody else's: nothing was wrong, try again."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    return isinstance(cause, psycopg.Error) and cause.sqlstate in RETRIED
