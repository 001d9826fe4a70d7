"""A started ``tandem serve``, and ways to ask it that an ordinary client would not think of."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from subprocess import Popen
from typing import Any

import psycopg
from psycopg import sql

from tests.cli.forked import Running, forked_and_running
from tests.cli.running import Browser, free_port, started, wait_for

PATIENCE = 60.0


@dataclass(frozen=True)
class People:
    """Who is in the database: tokens by name, ids by the cast's names."""

    tokens: Mapping[str, str]
    ids: Mapping[str, str]
    parent_link: str


def gathered(url: str) -> People:
    """Put the cast into a database, and return who they are."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.served.people"],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
    )
    return People(**json.loads(done.stdout))


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> Any:
        """The problem that this is; it says what happened in ``detail`` and for old callers."""
        assert self.headers["content-type"] == "application/problem+json", (self.status, self.body)
        problem = self.json
        assert problem["status"] == self.status
        assert problem["error"] == problem["detail"]
        return problem


@dataclass(frozen=True)
class Site:
    """A Tandem that runs at a port of this machine."""

    port: int
    process: "Popen[bytes] | Running"
    output: Path
    database: str
    people: People

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        return f"http://{self.host}"

    def browser(self) -> Browser:
        return Browser(self.address)

    def bearer(self, who: str = "owner") -> dict[str, str]:
        """Return the header by which the owner, or Ben, calls."""
        return {"Authorization": f"Bearer {self.people.tokens[who]}"}

    def id(self, name: str) -> str:
        return self.people.ids[name]

    def connect(self, seconds: float = PATIENCE) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=seconds)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        who: str | None = "owner",
        seconds: float = PATIENCE,
    ) -> Answer:
        """Send one request over a connection of its own; ``body`` is JSON unless it is bytes."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        everything = {**kind, **(self.bearer(who) if who else {}), **(headers or {})}
        connection = self.connect(seconds)
        try:
            connection.request(method, path, sent, everything)
            return answer_of(connection.getresponse())
        finally:
            connection.close()

    def line(self) -> socket.socket:
        """Return a bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def say(self, *parts: bytes) -> Answer:
        """Send bytes as they are and return the answer."""
        with self.line() as line:
            for part in parts:
                line.sendall(part)
            return heard(line)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database, or write as Tandem does: nothing is judged."""
        ours = "-c tandem.application=on"
        with psycopg.connect(self.database, autocommit=True, options=ours) as connection:
            found = connection.execute(sql.SQL(statement), values)
            return found.fetchall() if found.description else []

    def words(self) -> str:
        """Return all that was said on standard output and standard error."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the log, which are JSON."""
        return [json.loads(line) for line in self.words().splitlines() if line.startswith("{")]


def heard(line: socket.socket, method: str = "GET") -> Answer:
    """Return the answer that comes over a bare connection."""
    response = HTTPResponse(line, method=method)
    response.begin()
    return answer_of(response)


def answer_of(response: HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


Begin = Callable[..., AbstractContextManager["Popen[bytes] | Running"]]


@contextmanager
def served(
    database: str, people: People, folder: Path, *arguments: str, **environment: str
) -> Iterator[Site]:
    """Start Tandem on ``database`` with a data folder inside ``folder``, and stop it.

    What it loads is loaded already (see ``tests.cli.forked``).
    """
    with _served(forked_and_running, database, people, folder, *arguments, **environment) as site:
        yield site


@contextmanager
def served_in_earnest(
    database: str, people: People, folder: Path, *arguments: str, **environment: str
) -> Iterator[Site]:
    """As ``served``, but as anybody starts it."""
    with _served(started, database, people, folder, *arguments, **environment) as site:
        yield site


@contextmanager
def _served(
    begin: Begin,
    database: str,
    people: People,
    folder: Path,
    *arguments: str,
    **environment: str,
) -> Iterator[Site]:
    port, output = free_port(), folder / "output"
    with begin(
        *("serve", "--port", str(port), *arguments),
        output=output,
        DATABASE_URL=database,
        TANDEM_HOME=str(folder / "home"),
        **environment,
    ) as process:
        wait_for(r"Tandem is at", output, process)
        site = Site(port, process, output, database, people)
        site.browser().get("/accounts/login/")
        yield site
