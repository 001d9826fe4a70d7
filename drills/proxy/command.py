"""``python -m drills proxy``: Tandem behind nginx, as deploy/nginx.conf sets it up. As root on Debian."""

import argparse
import time

from rich.console import Console

from drills.proxy import people, strangers
from drills.proxy.stand import stand

TRIALS = {
    "somebody signs in": people.somebody_signs_in,
    "a program with a token": people.a_program_with_a_token,
    "files, and what browsers keep": people.files_and_what_is_kept,
    "a calendar and lists": people.a_calendar_and_lists,
    "what comes in the clear": strangers.in_the_clear,
    "old TLS": strangers.old_tls,
    "claims about who asks": strangers.claims_about_who_asks,
    "bodies in pieces, and too large": strangers.bodies,
    "long addresses": strangers.long_addresses,
    "four hundred that never end": strangers.four_hundred_that_never_end,
    "Tandem is gone": strangers.tandem_is_gone,
    "what nginx wrote down": strangers.what_was_written_down,
}
"""In this order: after the last but one nobody is there any more, and the last looks at all."""

FAULTS = (RuntimeError, AssertionError, LookupError, OSError)
"""What is not as it should be: said by a trial, by what reads an answer, or no answer at all."""


def main(options: argparse.Namespace) -> int:
    """Return 1 where one of them finds a fault."""
    console, faults = Console(), 0
    with stand() as place:
        for name, trial in TRIALS.items():
            if options.only not in name:
                continue
            begun = time.monotonic()
            try:
                found = trial(place)
            except FAULTS as error:
                found, faults = f"FAULT: {type(error).__name__} {error}", faults + 1
            console.print(
                f"{name} ({time.monotonic() - begun:.1f} s): {found}", markup=False, highlight=False
            )
    return 1 if faults else 0
