"""What a dump holds, as pg_restore lists it, and taking but some of it."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from tandem.upgrade.errors import UpgradeRefusedError


def contents_of(program: str, path: Path) -> list[str]:
    """Return a dump's table of contents, a line for each thing in it.

    Raises UpgradeRefusedError for a file that pg_restore, whose path ``program`` is, cannot read.
    """
    return _output(program, "--list", path).splitlines()


def schema_of(contents: Iterable[str]) -> str:
    """Return the schema that a dump holds."""
    found = [re.search(r"^\d+; \d+ \d+ SCHEMA - (.+) \S+$", line) for line in contents]
    return next((match[1] for match in found if match), "public")


@contextmanager
def listed(lines: Iterable[str]) -> Iterator[str]:
    """Yield the option by which pg_restore takes these lines of a table of contents alone."""
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".list") as wanted:
        wanted.write("\n".join(lines) + "\n")
        wanted.flush()
        yield f"--use-list={wanted.name}"


def sql_of(program: str, path: Path, lines: Iterable[str]) -> str:
    """Return the SQL, without rows, of these lines of a table of contents. It is to be read only."""
    with listed(lines) as wanted:
        return _output(program, wanted, "--schema-only", "--file=-", path)


def _output(program: str, *arguments: str | Path) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise UpgradeRefusedError(f"The backup {arguments[-1]} cannot be read: {said}.")
    return done.stdout.decode(errors="replace")
