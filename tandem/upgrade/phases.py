"""The phases of a gradual upgrade: what each may follow and what each guarantees. No database."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tandem.kit.terminal import counted
from tandem.upgrade.errors import UpgradeRefusedError


class Phase(Enum):
    """Where a gradual upgrade stands. Its value is what the database remembers."""

    NOT_BEGUN = "not begun"
    EXPANDING = "expanding"
    EXPANDED = "expanded"
    BACKFILLED = "backfilled"
    SWITCHING = "switching"
    SWITCHED = "switched"
    ROLLING_BACK = "rolling back"
    ROLLED_BACK = "rolled back"
    CONTRACTING = "contracting"
    CONTRACTED = "contracted"


@dataclass(frozen=True)
class Command:
    """One command: the phases it may follow, those it passes through and leaves behind.

    A command that was killed half way left ``during``, which it may follow itself.
    """

    name: str
    follows: frozenset[Phase]
    during: Phase
    leaves: Phase
    guarantee: str
    instead: str


def _command(
    name: str,
    follows: tuple[Phase, ...],
    passes: tuple[Phase, Phase],
    guarantee: str,
    instead: str,
) -> Command:
    return Command(name, frozenset({*follows, *passes}), *passes, guarantee, instead)


COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        _command(
            "expand",
            (Phase.NOT_BEGUN, Phase.ROLLED_BACK),
            (Phase.EXPANDING, Phase.EXPANDED),
            "Every new row of the old application reaches Tandem, in its own transaction.",
            "There is nothing to expand.",
        ),
        _command(
            "backfill",
            (Phase.EXPANDED,),
            (Phase.EXPANDED, Phase.BACKFILLED),
            "Both schemas say the same after every commit.",
            "Begin with `tandem upgrade expand`.",
        ),
        _command(
            "switch",
            (Phase.BACKFILLED,),
            (Phase.SWITCHING, Phase.SWITCHED),
            "The old application reads and no longer writes; both schemas still say the same.",
            "Run `tandem upgrade expand` and `tandem upgrade backfill` first.",
        ),
        _command(
            "rollback",
            (
                Phase.EXPANDING,
                Phase.EXPANDED,
                Phase.BACKFILLED,
                Phase.SWITCHING,
                Phase.SWITCHED,
                Phase.CONTRACTING,
            ),
            (Phase.ROLLING_BACK, Phase.ROLLED_BACK),
            "The old application works as before, with every write that its schema can express.",
            "There is nothing to take back.",
        ),
        _command(
            "contract",
            (Phase.SWITCHED,),
            (Phase.CONTRACTING, Phase.CONTRACTED),
            "The old tables lie in legacy_archive and in a backup that was restored and compared.",
            "Only a switched upgrade can be contracted: begin with `tandem upgrade expand`.",
        ),
    )
}
GO_ON: Mapping[Phase, str] = {
    Phase.EXPANDING: (
        "Run `tandem upgrade expand` again, which was interrupted; `tandem upgrade rollback` goes back."
    ),
    Phase.EXPANDED: "Next is `tandem upgrade backfill`; `tandem upgrade rollback` goes back.",
    Phase.BACKFILLED: (
        "Next are `tandem upgrade verify` and `tandem upgrade switch`; `tandem upgrade rollback` goes back."
    ),
    Phase.SWITCHING: (
        "Run `tandem upgrade switch` again, which was interrupted; `tandem upgrade rollback` goes back."
    ),
    Phase.SWITCHED: (
        "Next are `tandem upgrade verify` and `tandem upgrade contract`; `tandem upgrade rollback` goes back."
    ),
    Phase.ROLLING_BACK: "Run `tandem upgrade rollback` again, which was interrupted.",
    Phase.CONTRACTING: (
        "Run `tandem upgrade contract` again, which was interrupted; `tandem upgrade rollback` goes back."
    ),
}
"""What to do in a phase instead of a command that cannot follow; where none is under way, the
command says what must come before it."""
BOTH_RUN = frozenset({Phase.BACKFILLED, Phase.SWITCHING, Phase.SWITCHED, Phase.CONTRACTING})
"""The phases in which both schemas hold every row, so that they can be compared."""


def refuse_out_of_turn(name: str, phase: Phase) -> None:
    """Raise UpgradeRefusedError when the command ``name`` may not follow ``phase``."""
    command = COMMANDS[name]
    if name != "contract":
        refuse_finished(phase)
    if phase not in command.follows:
        raise UpgradeRefusedError(
            f"`{name}` cannot follow here: the upgrade is {phase.value}. "
            f"{GO_ON.get(phase, command.instead)} "
            "Nothing was changed."
        )


def refuse_finished(phase: Phase) -> None:
    """Raise UpgradeRefusedError where the old tables are put away: nothing is left to look at."""
    if phase is Phase.CONTRACTED:
        raise UpgradeRefusedError(
            "The upgrade is finished: the old tables were put away. Nothing was changed. "
            "`tandem upgrade restore BACKUP` brings the old database back into another one."
        )


def refuse_unverified(name: str, *, verified: bool, differing: int | None) -> None:
    """Raise UpgradeRefusedError unless both schemas were compared in this phase and agree."""
    if not verified:
        found = (
            f"found {counted(differing, 'difference', 'differences')}"
            if differing
            else "is missing in this phase"
        )
        raise UpgradeRefusedError(
            f"`{name}` needs a verification, which {found}. Run `tandem upgrade verify`, and "
            "come back when it finds no difference. Nothing was changed."
        )
