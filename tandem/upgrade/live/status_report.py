"""What `status` says to a person."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from tandem.kit.terminal import counted, printable
from tandem.kit.time import business_clock
from tandem.upgrade.live.report import NEXT
from tandem.upgrade.live.status import Status
from tandem.upgrade.phases import Phase

REMOVE = (
    "People's data stand in what is left behind. `tandem upgrade contract` and `rollback`, and the "
    "next backup into the same folder, remove what was not finished and the databases; what else is "
    "not needed, remove by hand."
)


def print_status(console: Console, found: Status, left: Sequence[str] = ()) -> None:
    """Print where the upgrade stands, what killed commands ``left`` behind, and what comes next."""
    for line in _where_it_stands(found):
        console.print(printable(line), highlight=False, soft_wrap=True)
    if found.rows:
        console.print(_rows(found))
    for line in (*_how_it_goes(found), *_backups(found, left), *_what_is_next(found)):
        console.print(printable(line), highlight=False, soft_wrap=True)


def _where_it_stands(found: Status) -> Iterator[str]:
    since = found.state.phase_since
    yield f"The upgrade is {found.state.phase.value}{f', since {business_clock(since)}' if since else ''}."
    if found.broken:
        yield f"BROKEN: {found.broken}"
    if found.running:
        yield f"At work: {found.running}"


def _rows(found: Status) -> Table:
    table = Table("", "Old application", "Tandem", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, (old, new) in found.rows.items():
        table.add_row(name, "-" if old is None else f"{old:,}", f"{new:,}")
    return table


def _how_it_goes(found: Status) -> Iterator[str]:
    if found.rate:
        yield f"Brought at {found.rate:,.0f} sessions a second."
    if found.in_hand:
        writes = counted(found.in_hand, "write", "writes")
        yield f"{writes} to be followed when a transaction of the old application ends."
    if left := found.missed - found.in_hand:
        what_to_do = "noted and not followed" if found.broken else "to catch up with: run backfill"
        yield f"{counted(left, 'write', 'writes')} {what_to_do}."


def _backups(found: Status, left: Sequence[str]) -> Iterator[str]:
    if found.state.phase is Phase.CONTRACTED:
        yield f"Backup of the old tables: {found.state.backup}"
    yield from (f"LEFT BEHIND: {line}" for line in left)
    if left:
        yield REMOVE


def _what_is_next(found: Status) -> Iterator[str]:
    state = found.state
    if state.verified_at:
        differences = counted(state.differing or 0, "difference", "differences")
        earlier = "" if state.is_verified or state.differing else ", in an earlier phase"
        yield f"Last verified {business_clock(state.verified_at)}: {differences}{earlier}."
    if not found.broken:
        yield f"Next: {NEXT[state.phase]}."
