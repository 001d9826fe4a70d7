"""The older application, played by a real Prisma client in a process of its own."""

import fcntl
import itertools
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent / "old_application"
LEGACY = Path(__file__).parents[2] / "legacy"
SCHEMAS = ("one_tutor.prisma", "half_migrated.prisma")
NOTHING_DOWNLOADED = {
    "PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true",
    "PRISMA_QUERY_ENGINE_LIBRARY": "/bin/true",
    "PRISMA_HIDE_UPDATE_MESSAGE": "1",
    "CHECKPOINT_DISABLE": "1",
}
PATIENCE = 30


class OldApplicationError(Exception):
    """What the old application was told by its database."""


def install() -> None:
    """Install Prisma as the lock file has it, and make its clients, where that was not done."""
    npm = shutil.which("npm")
    assert npm, "The tests of the gradual upgrade play the old application with npm and Node.js."
    with (HERE / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        made = HERE / "node_modules" / "half_migrated" / "schema.prisma"
        stamp = HERE / "node_modules" / ".installed"
        schemas = [LEGACY / name for name in SCHEMAS]
        wanted = "".join(f.read_text() for f in (HERE / "package-lock.json", *schemas))
        if made.exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        run(npm, "ci", "--ignore-scripts", "--no-progress")
        for schema in schemas:
            shutil.copyfile(schema, HERE / "schema.prisma")
            run(npm, "exec", "--", "prisma", "generate", "--schema", "schema.prisma", "--no-hints")
        stamp.write_text(wanted)


def run(*command: str, **environment: str) -> str:
    """Run a command where Prisma is installed; return what it printed."""
    done = subprocess.run(
        command,
        cwd=HERE,
        env={**os.environ, **NOTHING_DOWNLOADED, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Stage:
    """A process of Node.js in which old applications play.

    One for all tests: to start it and load Prisma takes as long as most of them.
    """

    def __init__(self) -> None:
        node = shutil.which("node")
        assert node
        self._process = subprocess.Popen(
            [node, "play.mjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[Future[list[Any]], list[float]]] = {}
        self._sending = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def number(self) -> int:
        """Return a number that nothing else here has."""
        return next(self._numbers)

    def ask(self, milliseconds: list[float], **request: Any) -> "Future[list[Any]]":
        """Send a request; the answer comes when it comes, and how long it took then."""
        number, future = self.number(), Future[list[Any]]()
        self._waiting[number] = future, milliseconds
        assert self._process.stdin
        with self._sending:
            self._process.stdin.write(json.dumps({"id": number, **request}, default=_moment) + "\n")
            self._process.stdin.flush()
        return future

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            said = json.loads(line)
            future, milliseconds = self._waiting.pop(said["id"])
            if "error" in said:
                future.set_exception(OldApplicationError(said["error"]))
            else:
                milliseconds.append(said["milliseconds"])
                future.set_result(said["result"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(PATIENCE)


class OldApplication:
    """Does what it is told, several things at once, and remembers how long each took.

    ``half``: it is the application of a half-moved database, which knows connections.
    """

    def __init__(self, stage: Stage, url: str, *, half: bool = False) -> None:
        self.stage, self._url, self._number = stage, url, stage.number()
        self._client = "./node_modules/half_migrated/index.js" if half else "@prisma/client"
        self.milliseconds: list[float] = []

    def begin(self, *steps: dict[str, Any], together: bool = False) -> "Future[list[Any]]":
        """Send steps, as one transaction if ``together``; the answer comes when it comes."""
        request = {"of": self._number, "steps": steps, "together": together}
        return self.stage.ask(self.milliseconds, **request)

    def do(self, model: str, action: str, **args: Any) -> Any:
        """Do one thing and return what the client returned; OldApplicationError otherwise."""
        return self.begin(step(model, action, **args)).result(PATIENCE)[0]

    def together(self, *steps: dict[str, Any]) -> list[Any]:
        """Do several things in one transaction."""
        return self.begin(*steps, together=True).result(PATIENCE)

    def __enter__(self) -> Self:
        opening = {"open": self._number, "url": _for_node(self._url), "client": self._client}
        self.stage.ask([], **opening).result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.ask([], close=self._number).result(PATIENCE)


AT_ONCE = 8
"""As many as its pool has connections: a web server's workers are not without end either."""


class Busy:
    """The old application at work in the background: many writes a second, all kinds of them.

    Fewer where the machine is too slow: what waits for a connection of its own pool tells nothing.
    """

    def __init__(
        self, old: OldApplication, deeds: Sequence[list[dict[str, Any]]], *, a_second: int = 50
    ) -> None:
        self._old, self._deeds, self._pause = old, deeds, 1 / a_second
        self._over, self._free = threading.Event(), threading.Semaphore(AT_ONCE)
        self.futures: list[Future[list[Any]]] = []
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        for steps in itertools.cycle(self._deeds):
            while not self._free.acquire(timeout=self._pause):
                if self._over.is_set():
                    return
            future = self._old.begin(*steps, together=len(steps) > 1)
            self.futures.append(future)
            future.add_done_callback(lambda _: self._free.release())
            if self._over.wait(self._pause):
                return

    def failures(self) -> list[str]:
        """Return what failed, after all has been answered."""
        errors = [future.exception(PATIENCE) for future in list(self.futures)]
        return [str(error) for error in errors if error]

    def __enter__(self) -> Self:
        self._old.milliseconds.clear()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        deadline = time.monotonic() + PATIENCE
        while not all(future.done() for future in self.futures):
            assert time.monotonic() < deadline, "The old application was left without an answer."
            time.sleep(0.01)


def step(model: str, action: str, **args: Any) -> dict[str, Any]:
    """Return a step of the old application, in Prisma's words."""
    return {"model": model, "action": action, "args": args}


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _for_node(url: str) -> str:
    """Return an address that node-postgres understands; a host of libpq's query is a socket."""
    return url
