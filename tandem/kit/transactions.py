"""One action, one transaction: retried when another got in its way, refused in plain words.

Every action locks rows in one order, so that two of them wait for each other but never in a ring:
Tutor by id, Student by id, TutorStudent by id, Session by id.
"""

import random
import time
from collections.abc import Callable, Mapping
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


class ChangedMeanwhileError(Exception):
    """What was read before the locks were held is no longer so: the action starts again."""


def one_transaction(
    refusals: Refusals, *, keep: bool = True, names_actor: bool = True
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run an action in one transaction (in a savepoint, where one is open already).

    A violated constraint becomes the ConflictError that ``refusals`` gives it. Lock time-outs,
    deadlocks and serialization failures are tried again a few times, then refused as ``busy``.
    A preview does not ``keep`` what it wrote on the way. The database is told who acts unless
    nothing is written that it keeps the history of: see ``say_who_acts``.
    """

    def decorate(action: Callable[P, R]) -> Callable[P, R]:
        @wraps(action)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            for pause in PAUSES:
                try:
                    with transaction.atomic():
                        say_who_acts(kwargs.get("actor") if names_actor else None)
                        result = action(*args, **kwargs)
                        if not keep:
                            transaction.set_rollback(True)
                        return result
                except ChangedMeanwhileError:
                    pass
                except OperationalError as error:
                    if _sqlstate(error) not in RETRIED:
                        raise
                    before_retry.send(sender=one_transaction)
                except DatabaseError as error:
                    if refusal := _refusal(error, refusals):
                        raise refusal from error
                    raise
                time.sleep(random.uniform(0, pause))  # noqa: S311 - a pause is no secret
            raise ConflictError(
                "busy",
                "Somebody else is changing the same things just now. Nothing was changed; "
                "try again in a moment.",
            )

        return run

    return decorate


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


def _sqlstate(error: OperationalError) -> str | None:
    cause = error.__cause__
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None
