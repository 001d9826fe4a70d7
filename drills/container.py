"""Carry out the Dockerfile's steps in a Debian of its own, run what it runs, stop it, run it again.

``python -m drills.container``, as root where ``debootstrap`` is installed and port 8000 is free. No
Docker is needed: each stage is a folder made from Debian's packages, a step is a command that
runs with the folder as its root, and what the image runs is process 1 there, as in a container.
Packages of Python are fetched outside and given to the steps, as an index might be known out
there alone. Everything is in a folder under /tmp, which is gone afterwards. Exit 1 with a sentence
where something is amiss.
"""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from drills.over_http import Site, run, say, wait_until

ROOT = Path(__file__).parents[1]
SITE = Site(8000)
PASSWORD = "a long enough secret"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""As Docker has it where nothing else is said."""
WHEELS = "/wheels"
BASES = {"debian:bookworm-slim": "bookworm"}
APART = """mount --make-rprivate / && mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm"
exec chroot "$@"
"""
"""What a container has of its own: its processes, and memory that they share."""


@dataclass
class Stage:
    """One stage of the image, as a folder, and what its steps have set."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    user: str = "root"
    said: dict[str, list[str]] = field(default_factory=dict)
    """What is only kept for later: CMD, HEALTHCHECK and their like, as words."""

    def command(self, words: list[str]) -> list[str]:
        """Return what runs words in the stage, as its user, as process 1."""
        names = [f"{name}={value}" for name, value in self.environment.items()]
        inside = [f"--userspec={self.user}", str(self.root), "/usr/bin/env", "-i", *names, *words]
        alone = ["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child"]
        return [*alone, "sh", "-ec", APART, str(self.root), *inside]

    def run(self, words: list[str], given: str = "") -> str:
        """Run words to their end, as a container of their own, and return what they said."""
        return run(self.command(words), given=given)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield each instruction of a Dockerfile and what follows it, lines put together."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, rest.strip()


def build(text: str, folder: Path) -> Stage:
    """Carry out a Dockerfile and return its last stage."""
    stages: dict[str, Stage] = {}
    stage = None
    for name, rest in instructions(text):
        say(f"{name} {rest[:90]}")
        if name == "FROM":
            base, _, called = rest.partition(" AS ")
            stage = stages[called] = Stage(_root_of(base, folder, called or "last"))
        elif stage is not None:
            _step(stage, stages, name, rest)
    if stage is None:
        sys.exit("The Dockerfile begins no stage.")
    return stage


def _root_of(base: str, folder: Path, called: str) -> Path:
    """Return a folder with a base image's Debian, made from packages once."""
    made = folder / "debian"
    if not made.exists():
        run(["debootstrap", "--variant=minbase", BASES[base], str(made)])
    root = folder / called
    run(["cp", "--archive", str(made), str(root)])
    shutil.copy("/etc/resolv.conf", root / "etc")
    shutil.copytree(folder / "wheels", root / WHEELS[1:])
    return root


def _step(stage: Stage, stages: dict[str, Stage], name: str, rest: str) -> None:
    match name:
        case "RUN":
            fetched = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS}
            apart = Stage(stage.root, stage.environment | fetched, stage.user)
            apart.run(["/bin/sh", "-c", rest])
        case "COPY":
            _copy(stage, stages, rest.split())
        case "ENV":
            stage.environment |= dict(one.split("=", 1) for one in shlex.split(rest))
        case "USER":
            stage.user = rest
        case "VOLUME" | "EXPOSE" | "STOPSIGNAL" | "CMD" | "HEALTHCHECK":
            stage.said[name] = _words(rest)
        case _:
            sys.exit(f"This drill cannot carry out {name}.")


def _copy(stage: Stage, stages: dict[str, Stage], words: list[str]) -> None:
    source = ROOT
    if words[0].startswith("--from="):
        source = stages[words.pop(0).removeprefix("--from=")].root
    *names, to = words
    target = stage.root / to[1:]
    (target if to.endswith("/") else target.parent).mkdir(parents=True, exist_ok=True)
    for name in names:
        run(["cp", "--archive", "--no-target-directory" if not to.endswith("/") else "--force",
             str(source / name.removeprefix("/")), str(target)])  # fmt: skip


def _words(rest: str) -> list[str]:
    """Return the words of CMD [...], HEALTHCHECK --options CMD [...], or of a plain line."""
    if "[" in rest:
        words: list[str] = json.loads(rest[rest.index("[") :])
        return words
    return rest.split()


@contextmanager
def running(stage: Stage, log: Path) -> Iterator[None]:
    """Run the image's own command until the block is left; then stop it as Docker does."""
    with log.open("ab") as output:
        whole = subprocess.Popen(stage.command(stage.said["CMD"]), stdout=output, stderr=output)
        try:
            wait_until(lambda: whole.poll() is not None or SITE.answers("/readyz"), "it is ready")
            if whole.poll() is not None:
                sys.exit(f"It ended by itself:\n{log.read_text()}")
            yield
            os.kill(_first(whole), getattr(signal, stage.said["STOPSIGNAL"][0]))
            if status := whole.wait(10):  # Docker kills what takes longer.
                sys.exit(f"It stopped with status {status}:\n{log.read_text()}")
        finally:
            if whole.poll() is None:
                os.kill(_first(whole), signal.SIGKILL)  # and all in there end with it
                whole.wait()


def _first(whole: "subprocess.Popen[bytes]") -> int:
    """Return the number that process 1 of a container has outside."""
    children = Path(f"/proc/{whole.pid}/task/{whole.pid}/children").read_text().split()
    return int(children[0])


def main() -> None:
    """Do all of it."""
    with tempfile.TemporaryDirectory(prefix="tandem-drill-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        fetch(folder / "wheels")
        image = build((ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8"), folder)
        log = folder / "log"
        with running(image, log):
            say("people work with it")
            image.run(["tandem", "user", "create", "--email", "oona@example.org", "--owner",
                       "--password-stdin"], given=PASSWORD + "\n")  # fmt: skip
            token = image.run(["tandem", "token", "create", "--email", "oona@example.org"]).strip()
            kept = [SITE.make_session(token, number) for number in range(20)]
            image.run(image.said["HEALTHCHECK"])
        say("it is stopped, and started again on the same volume")
        with running(image, log):
            lost = [address for address in kept if SITE.ask("GET", address, token)[0] != 200]
    if lost:
        sys.exit(f"Lost of what was acknowledged: {lost}")
    say(f"all {len(kept)} sessions are there")


def fetch(wheels: Path) -> None:
    """Fetch the Python packages that are locked into a folder."""
    say("fetching Python packages")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"]
    for name in ("build.txt", "run.txt"):
        requirements = ["--require-hashes", "--requirement", str(ROOT / "requirements" / name)]
        run([*pip, "--only-binary=:all:", "--dest", str(wheels), *requirements])


if __name__ == "__main__":
    if os.geteuid() or not shutil.which("debootstrap"):
        sys.exit("This drill makes a Debian, so it needs root and Debian's package debootstrap.")
    with socket.socket() as probe:
        if not probe.connect_ex(("127.0.0.1", SITE.port)):
            sys.exit(f"Port {SITE.port}, at which the image serves, is taken on this machine.")
    main()
