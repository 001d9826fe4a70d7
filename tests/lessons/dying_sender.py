"""A worker, or who plans a lesson, that is killed before it speaks to the database once too often.

A process of one thread is told over standard input, a JSON line each time, what to do and how often
it may speak to the database before it dies; it forks one that does so, and says how it ended.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Self

import django
import psycopg

TODAY = datetime(2150, 5, 5, 18, tzinfo=UTC)
"""A Tuesday evening: what is on the next day is reminded of."""
NEVER = 10**6


class Mortal:
    """Counts what is said to the server, commits as well: statements are not all of it."""

    left = NEVER

    @staticmethod
    def wait(connection: psycopg.Connection[Any], *args: Any, **kwargs: Any) -> Any:
        if Mortal.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        Mortal.left -= 1
        return SAID(connection, *args, **kwargs)


SAID = psycopg.Connection.wait


class Sender:
    """Does what it is told in a process that dies before it has spoken once too often."""

    def __init__(self, database: str, mail: str) -> None:
        self.environment = {"DATABASE_URL": database, "EMAIL_URL": mail}

    def completes(self, work: str, *, says: int = NEVER) -> bool:
        """Tell whether the work came to its end; otherwise it was killed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([work, says]) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        assert status in {0, -signal.SIGKILL}, f"{work} failed"
        return status == 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.lessons.dying_sender"],
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


def begin() -> None:
    """Let a lesson of tomorrow be planned and told to a guardian, and to its tutor."""
    from tests.cast import gather  # noqa: PLC0415 - models load once Django is set up
    from tests.lessons.post import a_guardian  # noqa: PLC0415 - as above

    a_guardian(gather())
    plan()


def plan() -> None:
    """Plan one more lesson of tomorrow, by its owner."""
    from tandem.lessons.actions import schedule  # noqa: PLC0415 - as above
    from tandem.lessons.models import Session  # noqa: PLC0415 - as above
    from tandem.people.models import Account  # noqa: PLC0415 - as above
    from tandem.people.requester import Requester  # noqa: PLC0415 - as above
    from tandem.relationships.models import TutorStudent  # noqa: PLC0415 - as above

    starts_at = TODAY + timedelta(days=1, hours=-12 + Session.objects.count())
    schedule(
        requester=Requester(Account.objects.get(is_owner=True), TODAY),
        tutor_student_id=TutorStudent.objects.get(
            tutor__full_name="Ben", subject__name="Physics"
        ).pk,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
    )


def call_off() -> None:
    """Call every lesson off, by its owner."""
    from tandem.lessons.actions import cancel  # noqa: PLC0415 - as above
    from tandem.lessons.models import Session  # noqa: PLC0415 - as above
    from tandem.people.models import Account  # noqa: PLC0415 - as above
    from tandem.people.requester import Requester  # noqa: PLC0415 - as above

    requester = Requester(Account.objects.get(is_owner=True), TODAY)
    for session in Session.objects.all():
        cancel(requester=requester, session_id=session.pk)


def send() -> None:
    """Do what the worker does about letters, once."""
    from tandem.serving.worker import remind, tell_families  # noqa: PLC0415 - as above

    remind(TODAY)
    tell_families(TODAY)


def work_on(name: str, says: int) -> None:
    """Do it in this process, which dies before it has spoken once too often."""
    works: dict[str, Callable[[], None]] = {
        "begin": begin,
        "plan": plan,
        "call off": call_off,
        "send": send,
    }
    psycopg.Connection.wait = Mortal.wait  # type: ignore[assignment, method-assign]
    Mortal.left = says
    works[name]()


def _write_a_letter() -> None:
    """Let all that letters are made of be read before anybody is forked."""
    from django.db import connection  # noqa: PLC0415 - as above
    from django.template.loader import get_template  # noqa: PLC0415 - as above

    from tandem.people.rules import is_address  # noqa: PLC0415 - as above

    for kind in ("html", "txt"):
        get_template(f"letters/notices/letter.{kind}")
    assert is_address("maria@home.example")
    send()  # nothing is there yet
    connection.close()


def main() -> None:
    """Answer each line with the exit status of the process that was forked for it."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what is logged is no answer
    django.setup()
    for module in ("tandem.serving.worker", "tests.lessons.post", "django.core.mail.backends.smtp"):
        import_module(module)  # once, for all who are forked
    _write_a_letter()
    for line in sys.stdin:
        name, says = json.loads(line)
        child = os.fork()
        if child == 0:
            work_on(name, says)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


if __name__ == "__main__":
    main()
