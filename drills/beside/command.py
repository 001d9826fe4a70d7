"""``python -m drills beside``: the move with what others put beside a database. As root on Debian."""

import argparse
import time

from rich.console import Console

from drills.beside.clocks import clocks_days_apart
from drills.beside.dumps import dumped_meanwhile
from drills.beside.full_disk import a_disk_that_fills
from drills.beside.many_sessions import a_million_sessions_of_one
from drills.beside.pooler import behind_a_pooler
from drills.beside.replicas import a_standby_takes_over, a_subscriber_follows

TRIALS = {
    "PgBouncer in transaction mode": behind_a_pooler,
    "a standby that takes over": a_standby_takes_over,
    "a subscriber of the old tables": a_subscriber_follows,
    "pg_dump all the while": dumped_meanwhile,
    "a disk that fills": a_disk_that_fills,
    "two machines whose clocks are days apart": clocks_days_apart,
    "one student with a million sessions": a_million_sessions_of_one,
}


def main(options: argparse.Namespace) -> int:
    """Return 1 where one of them finds a fault."""
    console, faults = Console(), 0
    for name, trial in TRIALS.items():
        if options.only not in name:
            continue
        begun = time.monotonic()
        try:
            found = trial()
        except RuntimeError as error:
            found, faults = f"FAULT: {error}", faults + 1
        console.print(
            f"{name} ({time.monotonic() - begun:.0f} s): {found}", markup=False, highlight=False
        )
    return 1 if faults else 0
