"""A Tandem that was installed, asked over HTTP as a program of somebody else's would ask it."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError

SECONDS = 120


@dataclass(frozen=True)
class Site:
    """Where it listens on this machine."""

    port: int

    def ask(self, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
        """Return status and JSON; status 0 where nobody listens."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=30) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, error.read().decode()
        except (URLError, ConnectionError):
            return 0, None

    def answers(self, path: str) -> bool:
        """Whether a path is answered with 200."""
        return self.ask("GET", path)[0] == 200

    def make(self, path: str, token: str, body: Any) -> Any:
        """Create what is sent; exit with the answer where it is refused."""
        status, said = self.ask("POST", path, token, body)
        if status != 201:
            sys.exit(f"{status} instead of 201: {said}")
        return said

    def make_session(self, token: str, number: int) -> str:
        """Make a tutor, a student and a session of theirs; return the session's address."""
        tutor = {"fullName": f"Tutor {number}", "email": f"tutor{number}@example.org"}
        made = self.make("/api/tutors", token, tutor)["tutor"]
        student = {"fullName": f"Student {number}", "tutorId": made["id"], "subject": "Maths"}
        link = self.make("/api/students", token, student)["student"]["tutorStudents"][0]
        hour = {"startTime": "2027-03-01T16:00:00Z", "endTime": "2027-03-01T17:00:00Z"}
        made = self.make("/api/sessions", token, {"tutorStudentId": link["id"], **hour})
        return f"/api/sessions/{made['session']['id']}"


def free_port() -> int:
    """Return a port at which nobody listens: what answers there later is what was started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait for two minutes at most; exit where it never comes true."""
    until = time.monotonic() + SECONDS
    while not true():
        if time.monotonic() > until:
            sys.exit(f"Waited in vain until {what}.")
        time.sleep(0.2)


def run(command: list[str], *, given: str = "", **how: Any) -> str:
    """Run a command to its end; exit with what it said where it failed."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, **how)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return str(done.stdout)


def say(words: str) -> None:
    """Say what is done next, and when."""
    clock = time.strftime("%H:%M:%S")
    print(f"{clock} {re.sub(r'^.', lambda first: first[0].upper(), words)}", flush=True)
