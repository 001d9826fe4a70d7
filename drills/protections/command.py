"""Switch each protection off, run the tests that are to notice, and list what stayed green."""

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from drills.protections.data import Protection, named
from drills.protections.scratch import Ran, Scratch, without_parameter
from tests.security.asvs import Requirement, requirements

REUSED = "--reuse-db"
LAST_LINES = 15


def main(options: argparse.Namespace) -> int:
    """Return 1 where a test did not notice, or could not be run."""
    console = Console(highlight=False, soft_wrap=True)
    chosen = named(options.only.split(",") if options.only else [])
    with tempfile.TemporaryDirectory(prefix="tandem-protections-") as folder:
        scratch = Scratch(Path(folder))
        if unwell := unwell_before(scratch, chosen):
            console.print(f"Nothing was switched off: these fail as it is.\n{unwell}", markup=False)
            return 1
        findings = [line for one in chosen for line in tried(console, scratch, one)]
    for line in findings:
        console.print(line, markup=False)
    if not options.only:
        console.print(covered(chosen), markup=False)
    console.print(f"{len(chosen)} protections switched off: {len(findings)} findings")
    return 1 if findings else 0


def unwell_before(scratch: Scratch, chosen: Iterable[Protection]) -> str:
    """Return what fails with every protection on; nothing where all is well."""
    tests = {test for one in chosen for test in one.tests}
    ran = scratch.run(sorted(tests), REUSED, "--create-db")
    missing = {without_parameter(test) for test in tests} - ran.passed
    if not missing:
        return ""
    return "\n".join([*sorted(missing), *ran.output.splitlines()[-LAST_LINES:]])


def tried(console: Console, scratch: Scratch, one: Protection) -> list[str]:
    """Switch one off, run its tests, and return what stayed green."""
    with scratch.without(one):
        ran = scratch.run(one.tests, *((REUSED,) if not one.migrates else ("--create-db",)))
    found = unnoticed(one, ran)
    console.print(f"{'GREEN' if found else 'ok   '} {one.name}", markup=False)
    return found


def unnoticed(one: Protection, ran: Ran) -> list[str]:
    """Return a line for each test that did not fail though the protection was off."""
    lines = []
    for test in dict.fromkeys(map(without_parameter, one.tests)):
        if test in ran.passed:
            lines.append(f"{one.name}: {test} stayed green")
        elif test not in ran.failed:
            last = " / ".join(ran.output.splitlines()[-LAST_LINES:])
            lines.append(f"{one.name}: {test} did not run: {last}")
    return lines


def uncovered(chosen: Iterable[Protection]) -> list[Requirement]:
    """Return the lines of ASVS that name a test, of which no protection switches anything off."""
    tests = {without_parameter(test) for one in chosen for test in one.tests}
    return [
        one
        for one in requirements()
        if one.way == "test" and not tests & {without_parameter(test) for test in one.shown_by}
    ]


def covered(chosen: list[Protection]) -> str:
    """Say how many lines of ASVS were tried."""
    tested = [one for one in requirements() if one.way == "test"]
    left = uncovered(chosen)
    numbers = ", ".join(one.number for one in left)
    return (
        f"{len(tested) - len(left)} of {len(tested)} lines with a test were tried; not: {numbers}"
    )
