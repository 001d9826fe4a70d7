"""People who use Tandem, as locust plays them: each acts, waits 5 to 15 seconds and acts again.

A tenth are owners, six tenths tutors, the rest parents. Run by ``python -m bench.load``, which says
in the environment who they are (``LOAD_PEOPLE``) and where to write what they saw (``LOAD_SEEN``)
and which of their writes were acknowledged (``LOAD_KEPT``).
"""

import json
import os
import random
import time
import uuid
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task

from bench.load.facts import CREATED, DROPPED, UNAVAILABLE, Facts

PATIENCE = 30
TRIES = 15
"""How often a write is sent again, with its key, while the site is away."""
MINUTES = timedelta(minutes=45)
facts = Facts.read(Path(os.environ["LOAD_PEOPLE"]))
seen, kept = (Path(os.environ[name]) for name in ("LOAD_SEEN", "LOAD_KEPT"))


def note(
    name: str, response_time: float, response: Any, exception: Exception | None, **_rest: Any
) -> None:
    """Write down each answer, or why there was none."""
    answered = response is not None and response.status_code != DROPPED
    line = {
        "at": time.time(),
        "name": name,
        "ms": response_time,
        "status": response.status_code if answered else DROPPED,
        "retry_after": answered and "retry-after" in response.headers,
        "error": type(exception).__name__ if exception else "",
    }
    append(seen, line)


events.request.add_listener(note)  # type: ignore[no-untyped-call]


def append(path: Path, line: dict[str, Any]) -> None:
    """Write a line at the end of a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


class Person(HttpUser):
    """Somebody at an address of their own."""

    abstract = True
    wait_time = between(5, 15)
    kind = ""

    def on_start(self) -> None:
        """Become one of those who are prepared."""
        self.me = facts.people[self.kind].pop()
        self.client.headers["X-Forwarded-For"] = self.me["address"]
        if cookie := self.me.get("cookie"):
            self.client.cookies.set("sessionid", cookie)

    def look(self, path: str, name: str, **query: str) -> None:
        self.client.get(path, params=query, name=f"{self.kind}: {name}", timeout=PATIENCE)

    def call(self, method: str, path: str, name: str, **options: Any) -> Any:
        """Ask the API with a token."""
        headers = {"Authorization": f"Bearer {self.me['token']}", **options.pop("headers", {})}
        return self.client.request(
            method,
            f"/api/{path}",
            name=f"{self.kind}: {name}",
            headers=headers,
            timeout=PATIENCE,
            **options,
        )

    def write(self, path: str, name: str, body: dict[str, Any]) -> Any:
        """Send a write until it is answered, always with the same key; None if it never is."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        for _ in range(TRIES):
            answer = self.call("POST", path, name, json=body, headers=key)
            if answer.status_code not in {DROPPED, UNAVAILABLE}:
                return answer.json() if answer.ok else None
            time.sleep(1)
        return None


class Owner(Person):
    """Looks at everything, and looks for somebody."""

    kind, weight = "owner", 1

    @task(3)
    def dashboard(self) -> None:
        self.look("/", "dashboard")

    @task(2)
    def students(self) -> None:
        self.look("/students", "students")

    @task(2)
    def search(self) -> None:
        self.look("/students", "search", q=f"student {random.randrange(facts.students)}")

    @task(3)
    def student(self) -> None:
        self.look(f"/students/s{random.randrange(facts.students)}", "student")

    @task(2)
    def week(self) -> None:
        self.look("/calendar", "week", tutor=f"t{random.randint(1, facts.tutors)}")

    @task(2)
    def list_students(self) -> None:
        self.call("GET", "students", "GET students", params={"limit": "50"})


class Tutor(Person):
    """Plans sessions, records what was held, and looks at the list."""

    kind, weight = "tutor", 6

    def on_start(self) -> None:
        super().on_start()
        self.hours = count()

    @task(3)
    def dashboard(self) -> None:
        self.look("/", "dashboard")

    @task(2)
    def week(self) -> None:
        self.look("/calendar", "week")

    @task(2)
    def sessions(self) -> None:
        self.call("GET", "sessions", "GET sessions", params={"limit": "50"})

    @task(2)
    def plan(self) -> None:
        self._planned(facts.free_from + timedelta(hours=next(self.hours)))

    @task(2)
    def record(self) -> None:
        session = self._planned(facts.free_until - timedelta(hours=1 + next(self.hours)))
        if session is None:
            return
        done = {"notes": session["notes"], "homework": "Page 7", "progress": 4}
        if self.write(f"sessions/{session['id']}/complete", "POST complete", done):
            self._keep(session["id"], "completed")

    def _planned(self, starts: datetime) -> Any:
        body = {
            "tutorStudentId": random.choice(self.me["relationships"]),
            "startTime": starts.isoformat(),
            "endTime": (starts + MINUTES).isoformat(),
            "notes": f"load {uuid.uuid4()}",
        }
        answer = self.write("sessions", "POST sessions", body)
        if answer is None:
            return None
        self._keep(answer["session"]["id"], CREATED)
        return answer["session"]

    def _keep(self, session_id: str, state: str) -> None:
        append(kept, {"id": session_id, "state": state})


class Parent(Person):
    """Opens the link that the tutor sent."""

    kind, weight = "parent", 3

    @task
    def open(self) -> None:
        self.look(f"/parent/{self.me['link']}", "page")
