"""A worker that is killed while it hands letters over: all go out, under the same names."""

import os
import re
import signal
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from tests.cli.running import started
from tests.served.conftest import Start
from tests.served.site import Site

PATIENCE = 120.0
ON = """INSERT INTO lessons_noticesettings (id, is_on, kinds, updated_at)
VALUES (1, true, '["planned", "moved", "cancelled"]', now())"""
WAITING = """SELECT count(*) FROM lessons_notice
WHERE sent_at IS NULL AND failure = '' AND guardian_id IS NOT NULL"""
MOMENTS = ("EHLO", "MAIL", "DATA", ".", "QUIT")
"""What a mail server hears, one after the other, while a letter is handed over."""


@dataclass
class Post:
    """A mail server that kills whoever speaks to it when it hears a word, once."""

    port: int = 0
    victim: int | None = None
    moment: str = ""
    letters: list[str] = field(default_factory=list)

    def heard(self, word: str) -> None:
        if self.victim is not None and word == self.moment:
            os.kill(self.victim, signal.SIGKILL)
            self.victim = None

    def names(self) -> dict[str, set[str]]:
        """Return the names under which letters to each address came."""
        found = defaultdict(set)
        for one in self.letters:
            to, name = (
                re.search(rf"^{header}: (.*?)\r?$", one, re.MULTILINE)
                for header in ("To", "Message-ID")
            )
            assert to
            assert name
            found[to[1]].add(name[1])
        return found

    def talk(self, line: socket.socket) -> None:
        with line, line.makefile("rwb") as said:
            _say(said, b"220 mail.example")
            for words in said:
                word = words[:4].decode().strip().upper()
                if word == "DATA":
                    self.heard(word)
                    _say(said, b"354 go on")
                    self.letters.append(_letter(said))
                    self.heard(".")
                else:
                    self.heard(word)
                _say(said, b"221 bye" if word == "QUIT" else b"250 yes")


def _say(said: object, words: bytes) -> None:
    said.write(words + b"\r\n")  # type: ignore[attr-defined]
    said.flush()  # type: ignore[attr-defined]


def _letter(said: Iterator[bytes]) -> str:
    """Return a letter that came to its end; of another a mail server knows nothing."""
    lines: list[bytes] = []
    for one in said:
        if one.rstrip(b"\r\n") == b".":
            return b"".join(lines).decode()
        lines.append(one)
    raise ConnectionError("Whoever spoke is gone.")


@contextmanager
def post_office() -> Iterator[Post]:
    """Yield a mail server that lives as long as the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        post = Post(listening.getsockname()[1])
        threading.Thread(target=_serve, args=[post, listening], daemon=True).start()
        yield post


def _serve(post: Post, listening: socket.socket) -> None:
    while True:
        try:
            line, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=[post, line], daemon=True).start()


def _talk(post: Post, line: socket.socket) -> None:
    try:
        post.talk(line)
    except OSError:  # whoever spoke was killed
        return


def waiting(site: Site) -> int:
    """Return how many letters wait."""
    with psycopg.connect(site.database) as database:
        row = database.execute(WAITING).fetchone()
    assert row
    return int(row[0])


def a_letter_for_each(site: Site) -> None:
    """Let two deeds be told to a guardian each, and undo a third before it is done."""
    with psycopg.connect(site.database) as database:
        database.execute(ON)
    for name, relationship, hour in (("ana", "ben_ana", 8), ("cleo", "ben_cleo", 10)):
        body = {
            "fullName": "Guardian",
            "email": f"{name}@home.example",
            "studentIds": [site.id(name)],
        }
        assert site.ask("POST", "/api/guardians", body).status == 201
        for day in (4, 5, 6):
            lesson = {
                "tutorStudentId": site.id(relationship),
                "startTime": f"2150-05-0{day}T{hour:02}:00:00Z",
                "endTime": f"2150-05-0{day}T{hour + 1:02}:00:00Z",
            }
            assert site.ask("POST", "/api/sessions", lesson).status == 201
    with psycopg.connect(site.database) as database:
        database.execute(
            "INSERT INTO lessons_sessionevent (session_id, student_id, what)"
            " SELECT session_id, student_id, 'cancelled' FROM lessons_sessionevent"
        )
        database.rollback()


def test_a_killed_worker_loses_nothing(start: Start) -> None:
    """Killed at each moment of handing a letter over; then one lives, and sends what is left."""
    with start("--no-worker") as site, post_office() as post:
        a_letter_for_each(site)
        assert waiting(site) == 6
        environment = {
            "DATABASE_URL": site.database,
            "TANDEM_HOME": str(site.output.with_name("home")),
            "TANDEM_HEARTBEAT_SECONDS": "1",
            "EMAIL_URL": f"smtp://127.0.0.1:{post.port}",
        }
        output = site.output.with_name("worker.txt")
        for moment in MOMENTS:
            with started("worker", output=output, **environment) as worker:
                post.moment, post.victim = moment, worker.pid
                assert worker.wait(PATIENCE) == -signal.SIGKILL
        assert waiting(site) > 0
        with started("worker", output=output, **environment):
            until = time.monotonic() + PATIENCE
            while waiting(site):
                assert time.monotonic() < until, output.read_text()
                time.sleep(0.2)
        names = post.names()
        families = {to: found for to, found in names.items() if to.endswith("@home.example")}
        assert {to: len(found) for to, found in families.items()} == {
            "ana@home.example": 3,
            "cleo@home.example": 3,
        }
        assert len(post.letters) > 6
        assert not [one for one in post.letters if "Cancelled" in one]
