"""One order under way on real connections.

A step waits only when ``pg_blocking_pids`` says so, and goes on when it no longer does. Waits of
the product end by themselves after a time: an order may hold until then, or let others go first.
Whoever comes first after somebody began to wait comes a little later, so that of two waits the
earlier ends while the later goes on.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from drills.interleavings.actors import Actor
from drills.interleavings.catalogue import CATALOGUE, Transaction
from drills.interleavings.orders import Deed, Order, Token

LOOK, LONGEST_LOOK = 0.002, 0.008
STAGGER = 0.07
"""Seconds between the beginnings of two waits: the product's last 100 to 150 ms."""
LONGEST_HOLD = 0.6
"""Whoever waits longer waits for another's end, which then has to come first."""
STUCK, STUCK_AFTER = 60.0, 10_000
"""Seconds, and steps inside of one statement, after which something is wrong with the drill."""
STATE = """
SELECT pg_blocking_pids(%(pid)s),
  coalesce(pg_sequence_last_value(%(arrived)s::regclass), 0),
  (SELECT max(waitstart) FROM pg_locks WHERE pid = %(pid)s AND NOT granted)
"""
ALLOW = "SELECT setval(%s, greatest(%s, 1), %s)"
NATURAL = frozenset({"23503", "23505", "23514", "40001", "40P01"})
"""What an old write may meet with by itself: another took the key, or the row, first."""


@dataclass
class Outcome:
    """What became of one order."""

    order: Order
    waited: int = 0
    timed_out: int = 0
    kills: int = 0
    waited_at_end: list[int] = field(default_factory=list)
    waited_anew: set[int] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)


@dataclass
class Wait:
    """A wait for a lock: since when, for whom, and how far those had come by then.

    One step may wait several times, one time after the other.
    """

    since: datetime | None
    blockers: frozenset[int]
    moves_then: dict[int, int]


class Look(NamedTuple):
    """What the server says of a connection: who is in its way, its last halt, its wait's begin."""

    blockers: frozenset[int]
    arrived: int
    since: datetime | None


class Run:
    """One order under way."""

    def __init__(
        self,
        control: psycopg.Connection[Any],
        changed: threading.Condition,
        actors: Sequence[Actor],
        order: Order,
    ) -> None:
        self.control, self.changed, self.order = control, changed, order
        self.parts: list[Transaction] = [CATALOGUE[part.name] for part in order.parts]
        self.actors = actors[: len(self.parts)]
        self.outcome = Outcome(order)
        self.arrived = [0] * len(self.parts)
        self.moves = [0] * len(self.parts)
        self.waits: dict[int, Wait] = {}
        self.fresh_wait = False

    def go(self) -> Outcome:
        for number, part in enumerate(self.order.parts):
            self._begin(number, inside=part.inside)
        last = {token.actor: n for n, token in enumerate(self.order.tokens)}
        done = 0
        while done < len(self.order.tokens):
            token = self.order.tokens[done]
            done += self._do(token, _repeated(self.order.tokens, done))
            if token.actor in self.waits and token.deed is Deed.STEP and last[token.actor] < done:
                self.outcome.waited_at_end.append(token.actor)
        self._drain()
        for number, actor in enumerate(self.actors):
            if actor.error is not None:
                self._judge(number, actor.error)
        return self.outcome

    def _begin(self, number: int, *, inside: bool) -> None:
        actor, transaction = self.actors[number], self.parts[number]
        for name in ("arrived", "allowed") if inside else ():
            self.control.execute("SELECT setval(%s, 1, false)", [f"drills.{name}_{actor.slot}"])
        actor.begin(transaction.work, inside=inside)
        with self.changed:
            self.changed.wait_for(lambda: actor.is_done or actor.gate.is_waiting, STUCK)

    def _do(self, token: Token, times: int) -> int:
        """Do what a token says, or what so many equal ones say; return for how many it was done."""
        actor = self.actors[token.actor]
        if actor.is_done:
            return times
        if token.deed is Deed.KILL:
            self._kill(token.actor)
        elif token.deed is Deed.HOLD_ONE_WAIT:
            self._hold(token.actor, one_wait=True)
        elif token.actor in self.waits:
            if self._hold(token.actor) and token.deed is Deed.STEP and not actor.is_done:
                return self._step(token.actor, times)
        elif token.deed is Deed.STEP:
            return self._step(token.actor, times)
        return 1

    def _step(self, number: int, times: int = 1) -> int:
        """Let some steps go, and see what becomes of them and of those who waited for it.

        Returns how many went; a statement of its own, or a wait, ends them.
        """
        if self.fresh_wait:
            time.sleep(STAGGER)
            self._settle()
            self.fresh_wait = False
        actor, before = self.actors[number], self.arrived[number]
        if actor.inside:
            allowed = before + times - 1
            self.control.execute(ALLOW, [f"drills.allowed_{actor.slot}", allowed, allowed > 0])
        if actor.gate.is_waiting:
            with self.changed:
                actor.gate.is_waiting = False
                actor.gate.permits += 1
                self.changed.notify_all()
        if self._reaches_a_halt(number, before + times):
            self.moves[number] += 1
            is_between = not (actor.is_done or actor.gate.is_waiting)
        else:
            self._waits_now(number)
            is_between = False
        went = self.arrived[number] - before + (not is_between)
        self._settle()
        return went

    def _reaches_a_halt(self, number: int, halt: int) -> bool:
        """Wait until a halt is reached, of its own or that one, and return True; False where it
        waits for another.
        """
        actor, begun, pause = self.actors[number], time.monotonic(), LOOK
        while time.monotonic() - begun < STUCK:
            with self.changed:
                is_there = self.changed.wait_for(
                    lambda: actor.is_done or actor.gate.is_waiting, pause
                )
            if is_there and not actor.inside:
                return True
            look = self._look(number)
            self.arrived[number] = look.arrived
            if is_there or look.arrived >= halt:
                return True
            if look.blockers:
                return False
            pause = min(2 * pause, LONGEST_LOOK)
        raise RuntimeError(f"{self.order}: {actor.slot} neither waits nor goes on")

    def _look(self, number: int) -> Look:
        actor = self.actors[number]
        facts = {"pid": actor.pid, "arrived": f"drills.arrived_{actor.slot}"}
        row = self.control.execute(STATE, facts).fetchone()
        blockers, arrived, since = row or ([], 0, None)
        return Look(frozenset(blockers), int(arrived) if actor.inside else 0, since)

    def _waits_now(self, number: int, *, is_first: bool = True) -> None:
        """Once it may go on, it goes as far as its next halt."""
        look = self._look(number)
        if (actor := self.actors[number]).inside:
            self.control.execute(
                ALLOW, [f"drills.allowed_{actor.slot}", look.arrived, look.arrived > 0]
            )
        self.outcome.waited += 1
        if not is_first:
            self.outcome.waited_anew.add(number)
        self.waits[number] = Wait(look.since, look.blockers, self._moves_by_pid())
        self.fresh_wait = True

    def _moves_by_pid(self) -> dict[int, int]:
        return {actor.pid: self.moves[n] for n, actor in enumerate(self.actors)}

    def _settle(self) -> None:
        """Whoever is no longer in anybody's way goes on, to the next halt or to another wait."""
        for number in list(self.waits):
            if self._goes_on(number):
                self._end_wait(number)

    def _goes_on(self, number: int) -> bool:
        """Tell whether a step that waited has ended. What follows another wait is counted anew."""
        actor = self.actors[number]
        if actor.is_done or actor.gate.is_waiting:
            return True
        look, since = self._look(number), self.waits[number].since
        if not look.blockers:
            if self._reaches_a_halt(number, self.arrived[number] + 1):
                return True
        elif since is None or look.since is None or look.since == since:
            self.waits[number].since = since or look.since
            return False
        self._end_wait(number)
        self._waits_now(number, is_first=False)
        return False

    def _end_wait(self, number: int) -> None:
        wait = self.waits.pop(number)
        self.moves[number] += 1
        now = self._moves_by_pid()
        moved = any(now.get(pid) != wait.moves_then.get(pid) for pid in wait.blockers)
        self.outcome.timed_out += not moved

    def _hold(self, number: int, *, one_wait: bool = False) -> bool:
        """Let nobody go on until this one does; False where that takes too long.

        ``one_wait``: or until it waits for something else.
        """
        begun, before = time.monotonic(), self.waits.get(number)
        while number in self.waits and not (one_wait and self.waits[number] is not before):
            if time.monotonic() - begun > LONGEST_HOLD:
                return False
            with self.changed:
                self.changed.wait(LONGEST_LOOK)
            self._settle()
        self.fresh_wait = number in self.waits
        return True

    def _kill(self, number: int) -> None:
        actor = self.actors[number]
        if not actor.pid:
            return
        self.outcome.kills += 1
        self.control.execute("SELECT pg_terminate_backend(%s, 5000)", [actor.pid])
        self.moves[number] += 1
        with self.changed:
            actor.gate.is_shut = False
            self.changed.notify_all()
            self.changed.wait_for(lambda: actor.is_done, STUCK)
        self.waits.pop(number, None)
        self._settle()

    def _drain(self) -> None:
        """Let all come to their end, each as far as it can go, in turn."""
        begun = time.monotonic()
        while not all(actor.is_done for actor in self.actors):
            if time.monotonic() - begun > STUCK:
                self.outcome.differences.append("it came to no end")
                for number, actor in enumerate(self.actors):
                    if not actor.is_done:
                        self._kill(number)
                return
            free = [
                n
                for n, actor in enumerate(self.actors)
                if not actor.is_done and n not in self.waits
            ]
            if free:
                self._step(free[0], STUCK_AFTER)
            else:
                with self.changed:
                    self.changed.wait(LONGEST_LOOK)
                self._settle()

    def _judge(self, number: int, error: BaseException) -> None:
        """A write of the old application fails for reasons of its own alone."""
        part = self.parts[number]
        self.outcome.errors[part.name] = f"{type(error).__name__}: {error}".split("\n")[0]
        state = getattr(error, "sqlstate", None)
        killed = any(t.deed is Deed.KILL and t.actor == number for t in self.order.tokens)
        if not part.is_old or killed:
            return
        others = [other for n, other in enumerate(self.parts) if n != number]
        alone = not any(other.writes_old_side for other in others)
        if alone or not (state in NATURAL or state == "25006"):
            self.outcome.differences.append(
                f"an old write failed: {self.outcome.errors[part.name]}"
            )


def _repeated(tokens: Sequence[Token], at: int) -> int:
    """Return how many equal steps follow from ``at``."""
    if tokens[at].deed is not Deed.STEP:
        return 1
    return next((n for n, token in enumerate(tokens[at:]) if token != tokens[at]), len(tokens) - at)
