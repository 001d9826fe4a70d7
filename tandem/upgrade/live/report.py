"""What the gradual upgrade says to a person."""

import sys
from collections.abc import Sequence

from rich.console import Console

from tandem.kit.terminal import counted, printable
from tandem.upgrade.live.archive import ARCHIVE
from tandem.upgrade.live.backfill import Backfilled
from tandem.upgrade.live.contract import Contracted
from tandem.upgrade.live.plan import Planned
from tandem.upgrade.live.preflight import LiveChecked
from tandem.upgrade.live.rollback import Kept, RolledBack
from tandem.upgrade.phases import Phase
from tandem.upgrade.replace.report import print_checked, print_contents

NEXT = {
    Phase.NOT_BEGUN: "check, then expand",
    Phase.EXPANDING: "expand, which was interrupted",
    Phase.EXPANDED: "backfill",
    Phase.BACKFILLED: "verify, then switch",
    Phase.SWITCHING: "switch, which was interrupted",
    Phase.SWITCHED: "verify, then contract",
    Phase.ROLLING_BACK: "rollback, which was interrupted",
    Phase.ROLLED_BACK: "expand, to begin again",
    Phase.CONTRACTING: "contract, which was interrupted",
    Phase.CONTRACTED: "nothing: the upgrade is finished",
}


AFTER_VERIFYING = {
    Phase.BACKFILLED: "when Tandem is to take over, tandem upgrade switch",
    Phase.SWITCHED: "tandem upgrade contract",
}
AFTER_DIFFERENCES = {
    Phase.BACKFILLED: "tandem upgrade backfill, then verify. What differs still, rollback, expand and "
    "backfill bring in step: what the old application says counts.",
}
BACK_IN_STEP = (
    "tandem upgrade rollback, then expand and backfill, which bring both sides in step: what the old "
    "application says counts."
)


def after_verifying(phase: Phase, differing: int) -> str:
    """Return the next step, once both sides were compared."""
    if differing:
        return f"Next: {AFTER_DIFFERENCES.get(phase, BACK_IN_STEP)}"
    return f"Next: {AFTER_VERIFYING.get(phase, NEXT[phase])}"


def print_plan(planned: Sequence[Planned]) -> None:
    """Print a script that a person can read, each statement under its lock."""
    phase = ""
    for one in planned:
        if one.phase != phase:
            phase = one.phase
            sys.stdout.write(f"\n-- == {phase} ==\n")
        sys.stdout.write(f"-- Lock: {one.lock}\n{one.statement.rstrip()};\n")


def backfilled(done: Backfilled) -> str:
    """Return what a backfill did, in two sentences, what the old side cannot say, and the next step."""
    students, sessions = (
        done.brought.get(name, 0) for name in ("people_student", "lessons_session")
    )
    brought = (
        f"{counted(students, 'student', 'students')} and {counted(sessions, 'session', 'sessions')} "
        "were brought over"
        if students or sessions
        else "Every student and session had been brought over before"
    )
    rows = done.brought_up_to_date
    again = f" Brought up to date: {counted(rows, 'row', 'rows')}." if rows else ""
    keeps = "".join(f" Tandem keeps {_kept(kept)}." for kept in done.kept)
    return (
        f"{brought}; this run took {done.seconds:.1f} s.{again}{keeps} Next: tandem upgrade verify"
    )


def rolled_back(done: RolledBack) -> str:
    """Return what Tandem keeps that the old application cannot see."""
    if not done.kept:
        return "The old application works as before, with everything that was written meanwhile."
    lines = [
        f"  {kept.what}: {kept.rows:,} ({', '.join(kept.samples)})" for kept in done.kept
    ]  # of one row, too, the words are right so
    return "\n".join(
        [
            "The old application works as before. What it cannot express stays in Tandem's tables:",
            *lines,
        ]
    )


def _kept(kept: Kept) -> str:
    return f"{kept.rows:,} {kept.what} ({', '.join(kept.samples)})"


def contracted(done: Contracted) -> str:
    """Return where everything is now."""
    if not done.tables:
        return f"The upgrade was finished before. Backup: {done.backup}"
    where = "were removed" if done.dropped else f"lie in the schema {ARCHIVE}"
    return (
        f"The upgrade is finished. The old tables ({', '.join(done.tables)}) {where}.\n"
        f"Backup, restored and compared: {done.backup}\n  SHA-256 {done.sha256}"
    )


def print_live_checked(console: Console, found: LiveChecked) -> None:
    """Print what a check of the live tables found."""
    if found.blockers:
        print_contents(console, found.checked)
        console.print("Faults were not looked for: something is in the way, see below.")
    else:
        print_checked(console, found.checked, next_step="tandem upgrade expand")
    for note in found.notes:
        console.print(printable(note), highlight=False)
    for sentence in found.blockers:
        console.print(printable(f"In the way: {sentence}"), highlight=False)
    if found.blockers:
        console.print("Do not go on before these are settled.")
