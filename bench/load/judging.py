"""What was seen, against what is to be reached."""

import json
import signal
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from bench.load.facts import CREATED, DROPPED, UNAVAILABLE

P95_MS = 500
AWAY_SECONDS = 10
MEMORY_TIMES = 1.2
"""So many times the memory of the start counts as flat."""
UNEXPECTED_EXIT = "Unexpected exit from worker"
"""What granian says when a worker ends that was not told to, with the worker's place alone."""
DROPS = frozenset(
    {"ConnectionError", "ChunkedEncodingError", "ProtocolError", "RemoteDisconnected",
     "ConnectionResetError", "BrokenPipeError", "IncompleteRead"}
)  # fmt: skip
"""How a connection that the server closed appears to a client."""


@dataclass(frozen=True)
class Seen:
    """One answer; ``at`` is when it came, by the system's clock, ``error`` why there was none."""

    at: float
    name: str
    ms: float
    status: int
    retry_after: bool
    error: str

    @property
    def failed(self) -> bool:
        return bool(self.error)

    def is_excused(self, failures: Iterable[float]) -> bool:
        """Tell whether it is what may happen for some seconds after one of the failures."""
        away = self.status == UNAVAILABLE and self.retry_after
        dropped = self.status == DROPPED and self.error in DROPS
        return (away or dropped) and any(0 <= self.at - one <= AWAY_SECONDS for one in failures)


def read_seen(path: Path) -> list[Seen]:
    """Return what the people saw."""
    return [Seen(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def print_seen(console: Console, seen: Sequence[Seen]) -> None:
    """Print how long people waited, by what they asked, and for everything."""
    table = Table("Who: what", "Requests", "p50 ms", "p95", "p99", "worst", "errors", box=None)
    for name in sorted({one.name for one in seen}):
        table.add_row(name, *_row([one for one in seen if one.name == name]))
    table.add_row("all", *_row(seen))
    console.print(table)


def _row(seen: Sequence[Seen]) -> tuple[str, ...]:
    times = [one.ms for one in seen]
    marks = (*(percentile(times, p) for p in (50, 95, 99)), max(times))
    failed = sum(one.failed for one in seen)
    return (f"{len(seen):,}", *(f"{one:,.0f}" for one in marks), str(failed))


def percentile(times: Sequence[float], percent: int) -> float:
    """Return what ``percent`` of the times are at most."""
    if len(times) == 1:
        return times[0]
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def missed(seen: Sequence[Seen], failures: Sequence[float], memory: Sequence[float]) -> list[str]:
    """Return a sentence for each target that was missed."""
    found = []
    p95 = percentile([one.ms for one in seen], 95)
    if p95 > P95_MS:
        found.append(f"p95 is {p95:,.0f} ms; to reach: {P95_MS}.")
    unexcused = [one for one in seen if one.failed and not one.is_excused(failures)]
    for one in unexcused[:10]:
        after = min((one.at - at for at in failures if one.at >= at), default=None)
        when = "" if after is None else f", {after:.1f} s after a failure"
        found.append(f"{one.name}: {one.status} {one.error}{when}.")
    if len(unexcused) > 10:
        found.append(f"{len(unexcused)} errors of this kind in all.")
    begin, end = memory
    if end > begin * MEMORY_TIMES:
        found.append(f"Memory grew from {begin:.0f} to {end:.0f} MB; to reach: {MEMORY_TIMES}.")
    return found


def faults(log: Iterable[str], killed: Iterable[int]) -> list[str]:
    """Return the lines of the log that tell of a fault.

    The end of a worker that was killed on purpose is none, but it is one when the log is silent
    about it; ``killed`` are those workers' process numbers.
    """
    found = [line for line in log if '"level":"error"' in line.replace(" ", "")]
    for worker in killed:
        told = [line for line in found if _is_replaced(json.loads(line), worker)]
        if not told:
            found.append(f"The log does not tell that the killed worker {worker} was replaced.")
            continue
        found.remove(told[0])
        exits = [line for line in found if UNEXPECTED_EXIT in line]
        for line in exits[:1]:
            found.remove(line)
    return found


def _is_replaced(line: Mapping[str, object], worker: int) -> bool:
    """Tell whether the line says that the worker was killed and another took its place."""
    return (line.get("event"), line.get("worker"), line.get("exit")) == (
        "worker replaced",
        worker,
        -signal.SIGKILL,
    )


def lost_writes(url: str, kept: Path) -> tuple[int, list[str]]:
    """Return how many writes were acknowledged, and a sentence for each that is not there."""
    lines = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT id, status, notes FROM lessons_session WHERE notes LIKE 'load %'"
        ).fetchall()
    return len(lines), lost(lines, rows)


def lost(
    acknowledged: Sequence[Mapping[str, str]], rows: Sequence[tuple[str, str, str]]
) -> list[str]:
    """Return a sentence for each write that ``rows`` (id, status, notes) has not, or has twice."""
    there = {session_id: status for session_id, status, _ in rows}
    found = [
        f"Session {line['id']} was {line['state']}; there is {there.get(line['id'], 'nothing')}."
        for line in acknowledged
        if there.get(line["id"], "") not in _fitting(line["state"])
    ]
    if twice := len(rows) - len({notes for _, _, notes in rows}):
        found.append(f"{twice} sessions are there twice, though each was sent with one key.")
    return found


def _fitting(state: str) -> frozenset[str]:
    # A completion whose answer was lost may have been made all the same.
    return frozenset({"scheduled", "completed"}) if state == CREATED else frozenset({state})
