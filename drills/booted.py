"""Install Tandem as deploy/README.md says in a Debian that systemd boots; kill, stop and boot it again.

``python -m drills.booted``, as root where ``debootstrap`` and ``systemd-container`` are installed
and port 8000 is free. The Debian is made from packages and booted by ``systemd-nspawn``; what the
page has in its first block is carried out there, word by word. Packages of Python are fetched
outside. Everything is in a folder under /tmp, which is gone afterwards. Exit 1 with a sentence
where something is amiss.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.container import PATH, WHEELS, fetch
from drills.over_http import Site, run, say, wait_until

ROOT = Path(__file__).parents[1]
SITE = Site(8000)
PASSWORD, OWNER = "a long enough secret", "oona@example.org"
PACKAGES = "systemd-sysv,dbus,python3,python3-venv,ca-certificates"
SETTINGS = "TANDEM_BASE_URL=http://127.0.0.1:8000\nTANDEM_HEARTBEAT_SECONDS=1\n"
UNITS = ("tandem.service", "tandem-worker.service", "tandem-backup.service")
MOST_EXPOSED = "20"
"""Tenths: what ``systemd-analyze security`` may find open, of a hundred."""
STOPS_WITHIN = 60.0
AS_TANDEM = ["setpriv", "--reuid=tandem", "--regid=tandem", "--clear-groups"]
SERVER = """for one in /proc/[0-9]*; do
  tr '\\0' ' ' <"$one/cmdline" 2>/dev/null | grep -q 'bin/[p]ostgres -D' && tail -n 1 "$one/cgroup"
done; true"""
"""Tells to which unit the database's server belongs."""


class Machine:
    """A Debian in a folder, and the process of its systemd while it is up."""

    def __init__(self, folder: Path) -> None:
        self.root, self.said = folder / "debian", folder / "nspawn"
        self._whole: subprocess.Popen[bytes] | None = None

    def make(self, wheels: Path) -> None:
        """Make it, and put a checkout into it."""
        run(
            [
                "debootstrap",
                "--variant=minbase",
                f"--include={PACKAGES}",
                "bookworm",
                str(self.root),
            ]
        )
        shutil.copytree(wheels, self.root / WHEELS[1:])
        for name in ("tandem", "deploy", "requirements"):
            shutil.copytree(ROOT / name, self.root / "src" / name)
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, self.root / "src")

    def before_boot(self, line: str) -> None:
        """Carry out a line of the page in the checkout."""
        fetched = [f"PATH={PATH}", "PIP_NO_INDEX=1", f"PIP_FIND_LINKS={WHEELS}"]
        words = ["/usr/bin/env", "-i", *fetched, "/bin/sh", "-ec", f"cd /src; {line}"]
        run(["chroot", str(self.root), *words])

    @contextmanager
    def up(self) -> Iterator[None]:
        """Boot it; when the block is left, shut it down as who presses its button."""
        command = ["systemd-nspawn", "--register=no", "--keep-unit", "--console=pipe", "--boot"]
        with self.said.open("ab") as output:
            self._whole = subprocess.Popen(
                [*command, f"--directory={self.root}"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            wait_until(lambda: bool(self._first()) and self._is_up(), "it has booted")
            yield
            subprocess.run(self._inside("systemctl", "poweroff"), check=False, capture_output=True)
            self._whole.wait(90)
        finally:
            if first := self._first():  # all in there end with it
                os.kill(int(first), signal.SIGKILL)
            self._whole.wait(90)

    def run(self, *words: str, given: str = "") -> str:
        """Run words in the booted machine, as root."""
        return run(self._inside(*words), given=given)

    def begin(self, *words: str) -> "subprocess.Popen[bytes]":
        """Begin to run words there."""
        return subprocess.Popen(self._inside(*words))

    def tandem(self, *words: str, given: str = "") -> str:
        """Run a command of Tandem as the page says, with the service's settings."""
        lines = ["TANDEM_HOME=/var/lib/tandem", *SETTINGS.split()]
        program = ["env", *lines, "/opt/tandem/bin/tandem"]
        return self.run(*AS_TANDEM, *program, *words, given=given)

    def _inside(self, *words: str) -> list[str]:
        entered = ["nsenter", f"--target={self._first()}", *["-m", "-u", "-i", "-p", "-C"]]
        return [*entered, "/usr/bin/env", "-i", f"PATH={PATH}", "SYSTEMD_PAGER=", *words]

    def _first(self) -> str:
        pid = self._whole.pid if self._whole else 0
        children = Path(f"/proc/{pid}/task/{pid}/children")
        return (children.read_text().split() or [""])[0] if children.exists() else ""

    def _is_up(self) -> bool:
        asked = self._inside("systemctl", "is-system-running")
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        return done.stdout.strip() in {"running", "degraded"}


def installing() -> list[str]:
    """Return the lines of the page's first block, without what is said beside them."""
    page = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^```\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return found[1].splitlines() if found else []


def main() -> None:
    """Do all of it."""
    with tempfile.TemporaryDirectory(prefix="tandem-drill-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        say("fetching Python packages, making a Debian")
        fetch(folder / "wheels")
        machine = Machine(folder)
        machine.make(folder / "wheels")
        later = [line for line in installing() if line.startswith("systemctl")]
        for line in installing():
            if line not in later:
                say(f"$ {line[:100]}")
                machine.before_boot(line)
        (machine.root / "etc" / "tandem.env").write_text(SETTINGS)
        with machine.up():
            token, kept = _first_day(machine, later)
        say("it is shut down, and booted again")
        with machine.up():
            _is_ready()
            _all_there(kept, token)
            _stops(machine)
            _journal(machine, token)


def _first_day(machine: Machine, later: list[str]) -> tuple[str, list[str]]:
    """Start, work, kill and back up; return a token and what was acknowledged."""
    for line in later:
        say(f"$ {line[:100]}")
        machine.run("/bin/sh", "-ec", line)
    if SITE.ask("GET", "/healthz")[0] != 200:
        sys.exit("It is said to be started, and does not answer.")
    _is_ready()
    _belongs_to_the_site(machine)
    machine.tandem(
        *("user", "create", "--email", OWNER, "--owner", "--password-stdin"), given=PASSWORD + "\n"
    )
    token = machine.tandem("token", "create", "--email", OWNER).strip()
    kept = [SITE.make_session(token, number) for number in range(5)]
    for unit in UNITS:
        machine.run("systemd-analyze", "security", f"--threshold={MOST_EXPOSED}", unit)
    say("the worker is started again, and nobody notices")
    begun = machine.begin("systemctl", "restart", "tandem-worker")
    while begun.poll() is None:
        _all_there(kept, token)
    say("one of the site's processes is killed, then the first of them")
    main_of = machine.run("systemctl", "show", "--property=MainPID", "--value", "tandem").strip()
    machine.run(
        "/bin/sh", "-ec", f"kill -9 $(cut -d' ' -f1 /proc/{main_of}/task/{main_of}/children)"
    )
    _is_ready()
    machine.run("/bin/sh", "-ec", f"kill -9 {main_of}")
    wait_until(lambda: not SITE.answers("/healthz"), "it is gone")
    _is_ready()
    _all_there(kept, token)
    _belongs_to_the_site(machine)
    say("a backup, by its unit")
    machine.run("systemctl", "start", "tandem-backup.service")
    machine.run("systemctl", "is-active", "tandem-backup.timer")
    (dump,) = (machine.root / "var/lib/tandem/backups").glob("*.dump")
    say(f"{dump.stat().st_size:,} bytes")
    return token, kept


def _is_ready() -> None:
    begun = time.monotonic()
    wait_until(lambda: SITE.answers("/readyz"), "it is ready")
    say(f"ready after {time.monotonic() - begun:.0f} seconds")


def _all_there(kept: list[str], token: str) -> None:
    if lost := [address for address in kept if SITE.ask("GET", address, token)[0] != 200]:
        sys.exit(f"Lost of what was acknowledged, or not answered: {lost}")


def _belongs_to_the_site(machine: Machine) -> None:
    """Else whoever stops the worker stops the database."""
    (where,) = machine.run("/bin/sh", "-c", SERVER).split()
    if not where.endswith("/tandem.service"):
        sys.exit(f"The database's server belongs to {where}.")


def _stops(machine: Machine) -> None:
    """In time, in good order, with nothing left of it."""
    begun = time.monotonic()
    machine.run("systemctl", "stop", "tandem.service")
    seconds = time.monotonic() - begun
    said = machine.run("systemctl", "show", "--property=Result", "--value", *UNITS[:2]).split()
    if said != ["success"] * 2 or seconds > STOPS_WITHIN:
        sys.exit(f"Stopped after {seconds:.0f} seconds: {said}")
    if left := machine.run("/bin/sh", "-c", SERVER).split():
        sys.exit(f"The database's server goes on in {left}.")
    say(f"stopped in {seconds:.1f} seconds")


def _journal(machine: Machine, token: str) -> None:
    """Lines of each request, no fault, and nobody's name, address or token."""
    units = [word for unit in UNITS for word in ("--unit", unit)]
    lines = machine.run("journalctl", "--no-pager", "--output=cat", *units)
    for secret in (token, OWNER, PASSWORD, "tutor1@example.org", "Student 1", "Traceback"):
        if secret in lines:
            sys.exit(f"The journal has {secret!r}.")
    if '"route":"/api/sessions' not in lines and '"event":"request"' not in lines:
        sys.exit("The journal has no requests.")
    say(f"{len(lines.splitlines())} lines in the journal, none with anything personal")


if __name__ == "__main__":
    if os.geteuid() or not (shutil.which("debootstrap") and shutil.which("systemd-nspawn")):
        sys.exit(
            "This drill boots a Debian, so it needs root and Debian's packages debootstrap and "
            "systemd-container."
        )
    with socket.socket() as probe:
        if not probe.connect_ex(("127.0.0.1", SITE.port)):
            sys.exit(f"Port {SITE.port}, at which the units serve, is taken on this machine.")
    main()
