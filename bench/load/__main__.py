"""Many people at once on the started product: ``python -m bench.load [options]``.

Prints how long they waited, what failed and the memory of Tandem's processes, and looks for every
acknowledged write in the database. With failures, a worker process is killed and the database is
restarted meanwhile. Exits with 1 when a target is missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench.load import judging, product
from bench.load.facts import Facts
from bench.load.filling import fill
from bench.load.product import Product
from bench.pages import Business
from tandem.kit import embedded

ALL_HERE = 0.1
"""The part of the time in which people arrive."""
MEMORY_AT, KILL_AT, RESTART_AT = 0.25, 0.35, 0.65
"""The parts of the time after which memory is looked at first, and things are made to fail."""


def main() -> None:
    options = _options()
    embedded.exit_on_terminate()  # and stop what was started on the way
    console = Console(width=120)
    business = Business(
        "load", options.students, max(1, round(options.sessions / options.students))
    )
    with (
        tempfile.TemporaryDirectory(prefix="tandem-load-", dir="/tmp") as name,
        embedded.running(Path(name)) as server,
    ):
        console.print(f"Filling: {business.students:,} students, {business.sessions:,} sessions…")
        facts = fill(server, business, options.people)
        with product.served(Path(name)) as running:
            missed = _load(console, running, facts, options)
        count, lost = judging.lost_writes(server.url(), Path(name) / "kept")
        console.print(f"{count:,} writes acknowledged, {len(lost)} of them not there")
    for sentence in (*missed, *lost):
        console.print(f"[red]Missed:[/red] {sentence}")
    sys.exit(1 if missed or lost else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--students", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--with-failures", action="store_true")
    return parser.parse_args()


def _load(
    console: Console, running: Product, facts: Facts, options: argparse.Namespace
) -> list[str]:
    """Let the people in, do what is to be done meanwhile, and print what they saw."""
    seconds = options.minutes * 60
    _print_conditions(console, options)
    began = time.monotonic()
    locust = _start_locust(running, facts, options.people, seconds)
    try:
        _sleep_until(began + seconds * MEMORY_AT)
        memory = [running.memory()]
        failures = Failures()
        if options.with_failures:
            failures = _fail(console, running, began, seconds)
        if locust.wait(seconds + 120):
            words = (running.home / "locust.log").read_text(encoding="utf-8")
            raise SystemExit(f"Locust could not do its work: {words}")
        memory.append(running.memory())
    finally:
        locust.kill()
    seen = judging.read_seen(running.home / "seen")
    judging.print_seen(console, seen)
    console.print(
        "Tandem's processes: {:.0f} MB once all were here, {:.0f} MB at the end".format(*memory)
    )
    faults = judging.faults(running.log_lines(), failures.killed)
    for line in faults[:5]:
        console.print(line, markup=False)
    missed = judging.missed(seen, failures.moments, memory)
    return [*missed, *([f"{len(faults)} faults"] if faults else [])]


def _start_locust(
    running: Product, facts: Facts, people: int, seconds: float
) -> "subprocess.Popen[bytes]":
    paths = {name: running.home / name.lower() for name in ("PEOPLE", "SEEN", "KEPT")}
    facts.write(paths["PEOPLE"])
    for name in ("SEEN", "KEPT"):
        paths[name].touch()
    arguments = {
        "--locustfile": Path(__file__).with_name("people.py"),
        "--host": running.address,
        "--users": people,
        "--spawn-rate": people / (seconds * ALL_HERE),
        "--run-time": f"{round(seconds)}s",
        "--stop-timeout": 60,
        "--loglevel": "WARNING",
        "--exit-code-on-error": 0,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "locust", "--headless", "--only-summary"]
        + [str(part) for pair in arguments.items() for part in pair],
        env={**os.environ, **{f"LOAD_{name}": str(path) for name, path in paths.items()}},
        stdout=subprocess.DEVNULL,
        stderr=(running.home / "locust.log").open("wb"),
    )


@dataclass(frozen=True)
class Failures:
    """When each was, by the system's clock, and the process numbers of the workers killed."""

    moments: tuple[float, ...] = ()
    killed: tuple[int, ...] = ()


def _fail(console: Console, running: Product, began: float, seconds: float) -> Failures:
    """Kill a worker, later restart the database."""
    _sleep_until(began + seconds * KILL_AT)
    killed = time.time()
    worker = running.kill_web_worker()
    console.print("A worker process was killed")
    _sleep_until(began + seconds * RESTART_AT)
    restarted = time.time()
    took = running.restart_postgresql()
    console.print(f"The database was restarted, which took {took:.1f} s")
    return Failures((killed, restarted), (worker,))


def _sleep_until(moment: float) -> None:
    time.sleep(max(0, moment - time.monotonic()))


def _print_conditions(console: Console, options: argparse.Namespace) -> None:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    console.print(
        f"{options.people} people for {options.minutes:g} minutes; {os.cpu_count()} cores, which "
        f"the people share; load before {load} (1, 5, 15 minutes)"
    )


if __name__ == "__main__":
    main()
