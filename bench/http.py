"""The product as it is served, over HTTP, beside what it replaces and what is possible.

Three servers stand on one PostgreSQL: ``tandem serve``; the older application's same work (Node's
own server with a real Prisma client, two processes); and the bare limit, which is Tandem's web
server around a pool and one statement that makes the JSON. wrk asks them in turns. Neither of the
others asks who calls, counts requests, or checks what is booked.
"""

import argparse
import os
import secrets
import statistics
import tempfile
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.over_http import data, servers
from bench.over_http.servers import Measured, Server
from bench.pages import Business
from tandem.kit import embedded

SECONDS, WARM_UP = 3, 1
CONNECTIONS = (1, 8)
STUDENTS, WEEKS = 2_000, 10
EMPTY_DASHBOARD_MS = 10
HOURS = count(0, 10_000)
"""Where each run begins to book: no run books as many hours."""


@dataclass(frozen=True)
class Request:
    """What is asked, with which callers, of which servers, and what is to be reached."""

    name: str
    path: str
    callers: str = "tokens"
    sides: tuple[str, ...] = ("Old", "Bare", "Tandem")
    of_old: float | None = None
    of_bare: float | None = None
    books: bool = False
    apart: int = 1
    """How far the next booking's student stands from the one before; a tutor has 25 in a row."""
    written: bool = False


REQUESTS = (
    Request("GET /api/students?limit=50", "/api/students?limit=50", of_old=1.5, of_bare=0.7),
    Request("GET /api/students/{id}", "/api/students/s7", of_old=1.5, of_bare=0.7),
    Request("the same, 304", "/api/students/s7", "tags", ("Bare", "Tandem"), of_bare=0.7),
    Request("POST /api/sessions", "/api/sessions", of_old=0.8, books=True, apart=37),
    Request("POST, 25 in a row for one tutor", "/api/sessions", books=True),
    Request("GET /api/dashboard", "/api/dashboard", of_old=1.5, of_bare=0.7),
    Request(
        "students, while written", "/api/students?limit=50", written=True, sides=("Bare", "Tandem")
    ),
    Request("student, while written", "/api/students/s7", written=True, sides=("Bare", "Tandem")),
    Request("dashboard, while written", "/api/dashboard", written=True, sides=("Bare", "Tandem")),
    Request("dashboard, empty", "/api/dashboard", "empty", ("Empty",)),
    *(
        Request(f"page {path}", path, "cookie", ("Tandem",))
        for path in ("/", "/students", "/students/s7", "/sessions", "/calendar", "/tutors")
    ),
)


def main(options: argparse.Namespace) -> None:
    """Start every side on one PostgreSQL, measure in turns and print the table."""
    console = Console(width=140)
    servers.wrk()
    os.environ["TANDEM_SECRET_KEY"] = secrets.token_urlsafe(48)
    os.environ["TANDEM_PAGES_PER_MINUTE"] = str(10**9)  # one account opens them all
    with tempfile.TemporaryDirectory(prefix="tandem-bench-", dir="/tmp") as name, ExitStack() as up:
        folder = Path(name)
        server = up.enter_context(embedded.running(folder))
        sides, callers = _started(server, folder, up)
        _print_conditions(console, server)
        wanted = [one for one in REQUESTS if (options.only or "") in one.name]
        _print(console, {one: _rounds(one, sides, callers, options.rounds) for one in wanted})


def _started(
    server: embedded.Server, folder: Path, up: ExitStack
) -> tuple[dict[str, Server], dict[str, Path]]:
    """Return the servers, by name, and files of callers' headers."""
    business = Business("http", STUDENTS, WEEKS)
    old = data.make_old(server, business)
    full, people = data.make_tandem(server, "full", business)
    empty, owner = data.make_tandem(server, "empty", Business("empty", 0, 0))
    place = servers.Place(folder, data.postmaster(full))
    sides = [
        up.enter_context(servers.old_application(old, place)),
        up.enter_context(servers.bare(full, place)),
        up.enter_context(servers.tandem("Tandem", full, place)),
        up.enter_context(servers.tandem("Empty", empty, place)),
    ]
    named = {side.name: side for side in sides}
    tag = _tag(named["Tandem"], people.tokens[0])
    lines = {
        "tokens": people.tokens,
        "tags": [f"{token}\tIf-None-Match: {tag}" for token in people.tokens],
        "cookie": [people.cookie],
        "empty": owner.tokens,
    }
    return named, {name: _written(folder / name, some) for name, some in lines.items()}


def _written(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _tag(server: Server, authorization: str) -> str:
    name, _, value = authorization.partition(": ")
    url = f"http://127.0.0.1:{server.port}/api/students/s7"
    with urllib.request.urlopen(urllib.request.Request(url, headers={name: value})) as answer:
        return str(answer.headers["ETag"])


Rates = Mapping[tuple[str, int], list[Measured]]


def _rounds(
    request: Request, sides: Mapping[str, Server], callers: Mapping[str, Path], rounds: int
) -> Rates:
    """Return what each side did in each round, by side and number of connections."""
    turns = [(name, connections) for connections in CONNECTIONS for name in request.sides]
    found: dict[tuple[str, int], list[Measured]] = {turn: [] for turn in turns}
    for number in range(rounds + 1):
        for name, connections in turns:
            with data.written_meanwhile(sides[name].url) if request.written else nullcontext():
                measured = sides[name].measured(
                    request.path,
                    _arguments(request, name),
                    callers[request.callers],
                    connections=connections,
                    seconds=SECONDS if number else WARM_UP,
                )
            if number:
                found[name, connections].append(measured)
    return found


def _arguments(request: Request, side: str) -> tuple[str, ...]:
    names_it_by = "studentId" if side == "Old" else "tutorStudentId"
    kind = names_it_by if request.books else "read"
    return (kind, str(STUDENTS), str(next(HOURS)), str(request.apart))


def _print_conditions(console: Console, server: embedded.Server) -> None:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    console.print(
        f"{STUDENTS:,} students, {STUDENTS * WEEKS:,} sessions; PostgreSQL {server.version}; "
        f"{os.cpu_count()} cores; load before the first round {load} (1, 5, 15 minutes)"
    )


def _print(console: Console, found: Mapping[Request, Rates]) -> None:
    columns = ("Request", "Connections", "Old /s", "Bare /s", "Tandem /s", "min to max")
    table = Table(*columns, "of old", "of bare", "process ms", "bare's", "with PG", box=None)
    for request, rates in found.items():
        for connections in CONNECTIONS:
            table.add_row(*_row(request, rates, connections))
    console.print(table)
    console.print(
        "Medians of the rounds. In brackets what is to be reached; process ms: how long Tandem's "
        f"processes worked for a request (empty dashboard: at most {EMPTY_DASHBOARD_MS}), and how "
        "long the bare limit's did; with PG: the bare limit's processor time, PostgreSQL's "
        "included, beside Tandem's (as of bare, but whatever else wants the processors)."
    )


def _row(request: Request, rates: Rates, connections: int) -> tuple[str, ...]:
    sides = {
        name: statistics.median(one.per_second for one in rates[name, connections])
        for name in request.sides
    }
    side = request.sides[-1]
    mine = rates[side, connections]
    each = [one.per_second for one in mine]
    return (
        request.name,
        str(connections),
        *(f"{sides[name]:,.0f}" if name in sides else "" for name in ("Old", "Bare")),
        f"{sides[side]:,.0f}",
        f"{min(each):,.0f} to {max(each):,.0f}",
        _ratio(sides[side], sides.get("Old"), request.of_old),
        _ratio(sides[side], sides.get("Bare"), request.of_bare),
        f"{statistics.median(one.process_ms for one in mine):.2f}",
        *_beside_bare(rates, connections, mine),
    )


def _beside_bare(rates: Rates, connections: int, mine: Sequence[Measured]) -> tuple[str, str]:
    """Return the bare limit's process time, and its whole processor time as a part of Tandem's."""
    bare = rates.get(("Bare", connections))
    if not bare:
        return "", ""
    whole = [
        statistics.median(one.process_ms + one.database_ms for one in side) for side in (bare, mine)
    ]
    process_ms = statistics.median(one.process_ms for one in bare)
    return f"{process_ms:.2f}", f"{whole[0] / whole[1]:.2f}"


def _ratio(mine: float, other: float | None, to_reach: float | None) -> str:
    if other is None:
        return ""
    return f"{mine / other:.2f}" + (f" ({to_reach})" if to_reach else "")
