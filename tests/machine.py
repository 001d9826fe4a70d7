"""What the whole suite needs of the machine, beyond what pip installs."""

import os
import shutil
import subprocess
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
PACKAGES = {"chromium": "chromium", "node": "nodejs", "npm": "npm"}
"""A program -> Debian's package of it."""


def missing() -> list[str]:
    """Return the packages whose programs are not there."""
    there = {"chromium": CHROMIUM.exists()}
    return [
        package
        for program, package in PACKAGES.items()
        if not there.get(program, shutil.which(program) is not None)
    ]


def made_ready() -> str:
    """Install what is missing where that is allowed; return a sentence about what still is."""
    wanted = missing()
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {', '.join(wanted)}, which the tests need…", flush=True)  # noqa: T201 - it takes a while
        _install(wanted)
        wanted = missing()
    names = " ".join(wanted)
    return (
        f"The whole suite needs {' and '.join(wanted)} (on Debian: apt-get install {names}); "
        "`make quick` does without."
        if wanted
        else ""
    )


def _install(packages: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", "--quiet", "--quiet", *command],
            env=environment,
            stdout=subprocess.DEVNULL,
            check=False,
        )
