"""A copy of the tree in which protections are switched off, and tests are run."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drills.protections.data import ROOT, Protection

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "*.egg-info")
OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) (\S.*?)(?: - .*)?$", re.MULTILINE)
LONGEST = 600.0
"""Seconds for one protection's tests; without a protection a test may wait for its deadline."""


@dataclass(frozen=True)
class Ran:
    """What became of tests: names without parameters, and what pytest printed."""

    failed: frozenset[str]
    passed: frozenset[str]
    output: str


class Scratch:
    """The copy. ``root`` is where it lies."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT, root, ignore=LEFT_OUT, dirs_exist_ok=True)
        self._ticks = 0

    @contextmanager
    def without(self, protection: Protection) -> Iterator[None]:
        """Switch a protection off for the time of the block."""
        file = self.root / protection.file
        before = file.read_text(encoding="utf-8")
        self._write(file, protection.switched_off(self.root))
        try:
            yield
        finally:
            self._write(file, before)

    def _write(self, file: Path, text: str) -> None:
        """Write a file with a time of its own: what was compiled of it before is not used."""
        file.write_text(text, encoding="utf-8")
        self._ticks += 2
        moment = time.time() + self._ticks
        os.utime(file, (moment, moment))

    def run(self, tests: Iterable[str], *options: str) -> Ran:
        """Run tests in the copy, on the server that ``DATABASE_URL`` names."""
        command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "--no-header"]
        command += ["-p", "no:cacheprovider", *options, *dict.fromkeys(tests)]
        environment = {**os.environ, "PYTHONPATH": str(self.root)}
        try:
            done = subprocess.run(
                command, cwd=self.root, env=environment, capture_output=True, text=True,
                check=False, timeout=LONGEST,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Ran(frozenset(), frozenset(), f"They did not end within {LONGEST:.0f} seconds.")
        return _read(done.stdout + done.stderr)


def _read(output: str) -> Ran:
    found = [(kind, name.partition("[")[0]) for kind, name in OUTCOME.findall(output)]
    failed = {name for kind, name in found if kind == "FAILED"}
    broken = {name for kind, name in found if kind == "ERROR"}
    passed = {name for kind, name in found if kind == "PASSED"} - failed - broken
    return Ran(frozenset(failed), frozenset(passed), output)


def without_parameter(test: str) -> str:
    """Return a test's name as pytest has it before what it is run with."""
    return test.partition("[")[0]
