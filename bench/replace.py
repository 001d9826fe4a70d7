"""Complete replacement beside pgloader's copy of the same file to the same server.

pgloader copies tables, makes their indexes and keys, and stops there. The replacement backs the
file up, maps it, makes Tandem's indexes, keys and exclusions, and compares every row. What pgloader
needs to come as far is SQL that a person writes by hand: that is the third side.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from tandem.kit import embedded
from tandem.sample import write_sample
from tandem.upgrade.replace import bulk
from tandem.upgrade.replace.replacement import FILLED

FOLDER = Path(__file__).parent

OF_PGLOADER, OF_PGLOADER_AND_SQL = 1.7, 1.0
Side = Callable[[embedded.Server, Path, str], int]
RECIPE = """LOAD DATABASE FROM sqlite://{file} INTO postgresql://{user}@unix:{socket}:5432/{name}
WITH include drop, create tables, create indexes, reset sequences
SET work_mem to '192MB', maintenance_work_mem to '512MB'
EXCLUDING TABLE NAMES LIKE '_prisma_migrations';
"""


def main(options: argparse.Namespace) -> None:
    """Measure both sides in turn, print the table and the ratio of the medians."""
    console = Console()
    if not _have_pgloader():
        console.print("pgloader is not here and cannot be installed; only Tandem is measured.")
    with tempfile.TemporaryDirectory(prefix="tandem-bench-", dir="/tmp") as folder:
        home, file = Path(folder), Path(folder) / "one-tutor.sqlite"
        embedded.make_home(home)
        counts = write_sample(
            file,
            tutors=options.tutors,
            students=options.students,
            sessions=options.sessions,
            today=datetime.now(UTC).date(),
            dates="iso",  # pgloader cannot read the integer milliseconds that Prisma also writes
        )
        with embedded.running(home) as server:
            console.print(
                f"{counts.tutors:,} tutors, {counts.students:,} students, {counts.sessions:,} "
                f"sessions; {file.stat().st_size / 1e6:,.0f} MB; PostgreSQL {server.version}; "
                f"{os.cpu_count()} cores; {options.rounds} rounds"
            )
            _compare(console, options, server, file)


def _compare(
    console: Console, options: argparse.Namespace, server: embedded.Server, file: Path
) -> None:
    sides: dict[str, Side] = {"Tandem": _tandem}
    if shutil.which("pgloader"):
        sides |= {"pgloader": _pgloader, "pgloader, then SQL": _pgloader_and_sql}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    memory: dict[str, int] = {}
    for number in range(options.rounds):
        for name, side in sides.items():
            took, peak = _timed(server, file, f"{side.__name__}_{number}", side)
            seconds[name].append(took)
            memory[name] = max(memory.get(name, 0), peak)
    table = Table("Side", "Median s", "Min s", "Max s", "Sessions/s", "Peak memory MB", box=None)
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        numbers = (middle, min(taken), max(taken), options.sessions / middle, memory[name] / 1024)
        table.add_row(name, *(f"{number:,.1f}" for number in numbers))
    console.print(table)
    for name, most in (("pgloader", OF_PGLOADER), ("pgloader, then SQL", OF_PGLOADER_AND_SQL)):
        if name in seconds:
            ratio = statistics.median(seconds["Tandem"]) / statistics.median(seconds[name])
            console.print(f"Tandem / {name}: {ratio:.2f} (to reach: at most {most})")


def _prepare(url: str) -> None:
    """Make Tandem's own tables, as every command does on a new database; pgloader has none."""
    _run(
        [sys.executable, "-c", "from tandem.cli import environment as e; e.set_up(); e.migrate()"],
        DATABASE_URL=url,
    )


def _timed(
    server: embedded.Server,
    file: Path,
    name: str,
    side: Side,
) -> tuple[float, int]:
    """Return the seconds that a side takes, and the peak memory in KiB of its own process."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        if side is not _pgloader:
            _prepare(server.url(name))
        connection.execute("CHECKPOINT")
        begun = time.perf_counter()
        peak = side(server, file, name)
        took = time.perf_counter() - begun
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    return took, peak


def _run(command: list[str], **environment: str) -> int:
    """Run a command to its end and return its peak memory in KiB."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=output
        )
        _, status, used = os.wait4(process.pid, 0)
        if status:
            output.seek(0)
            raise SystemExit(f"{command[0]} failed:\n{output.read().decode(errors='replace')}")
    return used.ru_maxrss


def _tandem(server: embedded.Server, file: Path, name: str) -> int:
    peak = _run(
        [sys.executable, "-m", "tandem", "upgrade", "replace", "--from", str(file), "--json"],
        DATABASE_URL=server.url(name),
        TANDEM_HOME=str(file.parent),
    )
    shutil.rmtree(file.parent / "backups")
    return peak


def _pgloader(server: embedded.Server, file: Path, name: str) -> int:
    recipe = file.with_name("pgloader.load")
    recipe.write_text(
        RECIPE.format(file=file, user="tandem", socket=server.socket_dir, name=name),
        encoding="utf-8",
    )
    return _run(["pgloader", str(recipe)])


def _pgloader_and_sql(server: embedded.Server, file: Path, name: str) -> int:
    peak = _pgloader(server, file, name)
    with psycopg.connect(server.url(name)) as connection, connection.transaction():
        bulk.settle(connection)
        dropped = bulk.drop_indexes(connection, FILLED)
        connection.execute((FOLDER / "replace_by_hand.sql").read_bytes())
        bulk.recreate_indexes(connection, dropped)
        connection.execute(f"ANALYZE {', '.join(FILLED)}".encode())
        found = connection.execute((FOLDER / "replace_compared.sql").read_bytes()).fetchone()
    if found != (0,):
        raise SystemExit(f"The SQL by hand made another {found} rows of them.")
    return peak


def _have_pgloader() -> bool:
    """Find pgloader, or install Debian's package where that is possible."""
    if shutil.which("pgloader") is None and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "--quiet"], check=False, capture_output=True)
        subprocess.run(
            ["apt-get", "install", "--yes", "--quiet", "pgloader"], check=False, capture_output=True
        )
    return shutil.which("pgloader") is not None
