"""Install the built wheel as deploy/ says, run the units' own commands, lose the data, restore it.

``python -m drills.installed``, as root on Debian: the commands run as another user. Everything is
in a folder under /tmp, which is gone afterwards. Exit 1 with a sentence where something is amiss.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drills.over_http import Site, free_port, run, say, wait_until

ROOT = Path(__file__).parents[1]
USER = "nobody"
PYTHON = "/usr/bin/python3"
"""The system's own: another, in somebody's home, the user of the service could not enter."""
SITE = Site(free_port())
PASSWORD = "a long enough secret"


class Installation:
    """A Tandem in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data, self.backups = folder / "data", folder / "backups"
        for one in (self.data, self.backups):
            one.mkdir(mode=0o700)
            shutil.chown(one, USER)
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.data),
            "TANDEM_HOME": str(self.data),
            "TANDEM_BACKUP_FOLDER": str(self.backups),
            "TANDEM_BASE_URL": f"http://127.0.0.1:{SITE.port}",
            "TANDEM_HEARTBEAT_SECONDS": "1",
        }

    def install(self) -> None:
        """Build the wheel and install it, and what it needs, into an empty venv."""
        say("building the wheel")
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        # Built from a copy: building leaves files beside the source.
        source = self.folder / "source"
        shutil.copytree(ROOT / "tandem", source / "tandem")
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, source)
        wheels = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(self.folder)]
        run([*pip, "wheel", *wheels, str(source)])
        (wheel,) = self.folder.glob("tandem-*.whl")
        say("installing it into an empty venv")
        run([PYTHON, "-m", "venv", str(self.folder / "opt")])
        pip[0] = str(self.folder / "opt" / "bin" / "python")
        requirements = str(ROOT / "requirements" / "run.txt")
        run([*pip, "install", "--require-hashes", "--requirement", requirements])
        run([*pip, "install", "--no-deps", str(wheel)])

    def command_of(self, unit: str) -> list[str]:
        """Return what a unit starts, from where this is installed and at a port of its own."""
        read = ConfigParser(strict=False, interpolation=None)
        read.read(ROOT / "deploy" / unit)
        words = read["Service"]["ExecStart"].replace("/opt/tandem", str(self.folder / "opt"))
        return words.replace("--port 8000", f"--port {SITE.port}").split()

    def tandem(self, *words: str, given: str = "") -> str:
        """Run a command as the user of the service and return what it said."""
        program = str(self.folder / "opt" / "bin" / "tandem")
        return run([program, *words], given=given, **self.as_user())

    def as_user(self) -> dict[str, Any]:
        return {"user": USER, "group": "nogroup", "extra_groups": [], "env": self.environment,
                "cwd": self.data}  # fmt: skip

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the site and the worker as their units do; stop them as systemd does."""
        units = ("tandem.service", "tandem-worker.service")
        log = (self.folder / "log").open("ab")
        parts = []
        try:
            for unit in units:
                command = self.command_of(unit)
                parts.append(subprocess.Popen(command, stderr=log, stdout=log, **self.as_user()))
                if unit == units[0]:
                    self._wait(parts, "/healthz")
            self._wait(parts, "/readyz")
            yield
        finally:
            for part in reversed(parts):
                part.terminate()
                part.wait(60)

    def _wait(self, parts: "list[subprocess.Popen[bytes]]", path: str) -> None:
        """Wait until a path is answered with 200; exit with the log where a part has ended."""

        def answers() -> bool:
            if any(part.poll() is not None for part in parts):
                sys.exit(f"Ended by itself:\n{(self.folder / 'log').read_text()[-2000:]}")
            return SITE.answers(path)

        wait_until(answers, f"{path} is answered")

    def verify_units(self) -> None:
        """Have systemd look at the units, with the program where this is installed."""
        folder = self.folder / "units"
        folder.mkdir()
        for file in (*(ROOT / "deploy").glob("*.service"), *(ROOT / "deploy").glob("*.timer")):
            text = file.read_text().replace("/opt/tandem", str(self.folder / "opt"))
            (folder / file.name).write_text(text.replace("=tandem\n", f"={USER}\n"))
        run(["systemd-analyze", "verify", *map(str, folder.iterdir())])

    def to_mend(self) -> list[str]:
        """Return the names of what `tandem doctor` finds amiss."""
        program = str(self.folder / "opt" / "bin" / "tandem")
        done = subprocess.run(
            [program, "doctor", "--json"],
            capture_output=True,
            text=True,
            check=False,
            **self.as_user(),
        )
        return [one["name"] for one in json.loads(done.stdout)["findings"] if not one["ok"]]


def main() -> None:
    """Do all of it."""
    with tempfile.TemporaryDirectory(prefix="tandem-drill-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        there = Installation(folder)
        there.install()
        if shutil.which("systemd-analyze"):
            say("the units, looked at by systemd")
            there.verify_units()
        with there.running():
            say("the story, over HTTP")
            there.tandem("user", "create", "--email", "oona@example.org", "--owner",
                         "--password-stdin", given=PASSWORD + "\n")  # fmt: skip
            token = there.tandem("token", "create", "--email", "oona@example.org").strip()
            kept = [SITE.make_session(token, number) for number in range(20)]
            say("a backup, by its unit's command, while people write")
            run(there.command_of("tandem-backup.service"), **there.as_user())
            SITE.make_session(token, 99)
            say("what the doctor says: no mail server is named here, and nothing else is amiss")
            if (found := there.to_mend()) != ["mail"]:
                sys.exit(f"To be mended: {', '.join(found)}")
        say("the data folder is lost")
        shutil.rmtree(there.data)
        there.data.mkdir(mode=0o700)
        shutil.chown(there.data, USER)
        (backup,) = there.backups.glob("*.dump")
        say("restoring")
        there.tandem("database", "restore", str(backup))
        with there.running():
            lost = [address for address in kept if SITE.ask("GET", address, token)[0] != 200]
            words = there.tandem("database", "run", "--", PYTHON, "-c", "print('up')")
        if lost or "up" not in words:
            sys.exit(f"Lost of what was acknowledged before the backup: {lost}")
        say(f"all {len(kept)} sessions that were acknowledged before the backup are there")


if __name__ == "__main__":
    if os.geteuid():
        sys.exit("This drill runs Tandem as another user, so it has to be started as root.")
    main()
