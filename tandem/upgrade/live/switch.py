"""Switch: the old application reads on, and writes no more. Tandem's changes still reach it."""

import psycopg

from tandem.kit.terminal import counted
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.live.already_there import lacking_triggers
from tandem.upgrade.live.short_locks import install
from tandem.upgrade.live.shown_days import carry_over
from tandem.upgrade.live.state import read_state, set_phase
from tandem.upgrade.phases import Phase, refuse_out_of_turn, refuse_unverified
from tandem.upgrade.triggers.triggers import read_only_triggers
from tandem.upgrade.unplaced.guardians import make_guardians


def switch(connection: psycopg.Connection) -> None:
    """Make the old application read-only. Raises UpgradeRefusedError unless verified."""
    state = read_state(connection)
    refuse_out_of_turn("switch", state.phase)
    if state.phase is Phase.BACKFILLED:
        refuse_unverified("switch", verified=state.is_verified, differing=state.differing_now)
        refuse_missed(connection)
    if state.phase is not Phase.SWITCHED:
        triggers = read_only_triggers(OldSide.joined(connection, state.names))
        set_phase(connection, Phase.SWITCHING)
        install(connection, lacking_triggers(connection, triggers))
        make_guardians(connection)
        carry_over(connection)
        set_phase(connection, Phase.SWITCHED)


def refuse_missed(connection: psycopg.Connection) -> None:
    """Raise UpgradeRefusedError while a write of the old application is not followed yet."""
    row = connection.execute(f"SELECT count(*), min(why) FROM {SYNC}.missed".encode()).fetchone()
    if row and row[0]:
        raise UpgradeRefusedError(
            f"{counted(row[0], 'write', 'writes')} of the old application could not be followed at "
            f"once ({row[1]}). Run `tandem upgrade backfill`, which makes up for that, then verify. "
            "Nothing was changed."
        )
