"""Runs orders in the database of one world, and looks at both sides after each."""

import threading

import psycopg

from drills.interleavings import worlds
from drills.interleavings.actors import Actor
from drills.interleavings.aftermath import Aftermath
from drills.interleavings.catalogue import CATALOGUE
from drills.interleavings.footprints import footprints
from drills.interleavings.halts import SLOTS
from drills.interleavings.orders import Order
from drills.interleavings.run import STUCK, Outcome, Run
from drills.interleavings.scheduler import Steps


class Stepper:
    """One world's database with connections for a few transactions at once."""

    def __init__(self, url: str, name: str) -> None:
        self.url, self.name = url, name
        self.changed = threading.Condition()
        self.control = psycopg.connect(url, autocommit=True)
        self.actors = [Actor(url, slot, self.changed) for slot in range(1, SLOTS + 1)]
        self.aftermath = Aftermath(url)
        self.known: dict[tuple[str, bool], Steps] = {}

    def close(self) -> None:
        for actor in self.actors:
            actor.close()
        self.aftermath.close()
        self.control.close()

    def forget_tandem(self) -> None:
        """Tandem works on another database now; connect anew when it works here again."""
        for actor in self.actors:
            actor.forget_tandem()

    def steps(self, name: str, *, inside: bool = False) -> Steps:
        """Return what the steps of a transaction touch when it has the world to itself."""
        if (name, inside) not in self.known:
            worlds.put_back(self.control)
            actor, transaction = self.actors[0], CATALOGUE[name]
            actor.begin(transaction.work, recording=True)
            with self.changed:
                self.changed.wait_for(lambda: actor.is_done, STUCK)
            recorded = actor.gate.recording or []
            for within in (False, True):
                prints = footprints(recorded, inside=within)
                self.known[name, within] = Steps(prints, transaction.students)
        return self.known[name, inside]

    def run(self, order: Order) -> Outcome:
        """Run an order from the world's beginning; look at both sides when all have ended."""
        worlds.put_back(self.control)
        outcome = Run(self.control, self.changed, self.actors, order).go()
        outcome.differences += self.aftermath.differences(order)
        return outcome
