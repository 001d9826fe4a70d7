"""The web server and its worker processes."""

import gc
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import Any

import structlog
from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.template.loader import get_template
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from tandem.serving.beats import EVERY, beats

MOST_CONNECTIONS = 2_000
"""Open at once in each worker. Each costs a few kilobytes, and what it has sent of a body."""
STOP_SECONDS = 30
"""How long a request that is being answered may take to end when the server is stopped."""
LARGEST_HEAD = 64 * 1024
BETWEEN_LOOKS = 0.02
"""Seconds between two looks at whether a worker listens."""
SHORT_LIFE = 5.0
"""Seconds: another in place of a worker that lived no longer than that has a moment to wait."""
log = structlog.get_logger()
Look = Callable[[], None]


class Server(Granian):  # type: ignore[misc, valid-type]  # chosen by the interpreter
    """granian's, which says so when it answers, and never gives up once it did.

    granian's own ends altogether when one worker dies twice within five seconds, can overlook the
    death of one while another is replaced, and knows nothing of one that hangs.
    """

    def __init__(
        self, *arguments: Any, answering: Callable[[], None], looks: Sequence[Look], **more: Any
    ) -> None:
        """``looks`` are called every second, by the process and thread that forks workers."""
        super().__init__(*arguments, **more)
        self._answering, self._looks = answering, (self._end_who_hangs, *looks)
        self._ended, self._answers = Event(), Event()

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        """Start the workers, and look for one that listens once all are forked.

        A thread beside a fork could hold a lock, as that of the output, which stays locked in the
        worker for good.
        """
        super().startup(spawn_target, target_loader)
        Thread(target=self._tell, daemon=True).start()

    def shutdown(self, *arguments: Any, **more: Any) -> None:
        """Stop the workers; nobody waits for them to listen any more.

        One that ends before it listens to a stop is no failure of a server that was told to stop.
        """
        self._ended.set()
        try:
            super().shutdown(*arguments, **more)
        except SystemExit:
            if not self.interrupt_signal:
                raise

    def _tell(self) -> None:
        """Call ``answering`` when somebody listens; each worker opens the port itself."""
        where = (self.bind_addr, self.bind_port)
        while not self._ended.wait(BETWEEN_LOOKS):
            with suppress(OSError), socket.create_connection(where, timeout=1):
                self._answers.set()
                self._answering()
                return

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        """Replace workers that have died, and those that hang, until told to stop.

        One that dies before anybody was answered is not replaced: then nothing here works.
        """
        looked_at = time.monotonic()
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait(EVERY)
            self.main_loop_interrupt.clear()
            if self.reload_signal:
                self._reload(spawn_target, target_loader)
            if self.interrupt_children and not self._answers.is_set():
                return
            while self.interrupt_children and not self.interrupt_signal:
                self._replace(self.interrupt_children.pop(0), spawn_target, target_loader)
            if time.monotonic() - looked_at >= EVERY:
                looked_at = time.monotonic()
                for look in self._looks:
                    look()

    def _replace(self, place: int, spawn_target: Any, target_loader: Any) -> None:
        dead = self.wrks[place]
        log.error("worker replaced", worker=dead.inner.pid, exit=dead.inner.exitcode)
        if time.monotonic() - dead.birth < SHORT_LIFE:
            time.sleep(EVERY)
        self._respawn_workers([place], spawn_target, target_loader)

    def _end_who_hangs(self) -> None:
        workers = [one.inner.pid for one in self.wrks if one.is_alive()]
        for pid in beats.silent(workers, settings.HANG_SECONDS):
            log.error("worker hangs", worker=pid, seconds=settings.HANG_SECONDS)
            os.kill(pid, signal.SIGKILL)


def run(host: str, port: int, *, answering: Callable[[], None], looks: Sequence[Look] = ()) -> None:
    """Serve until the process is told to stop; workers that die or hang are replaced.

    ``answering`` is called once, from another thread, when the first worker listens; ``looks``
    every second, between forks.
    """
    _allow_many_connections()
    # Every page and route is loaded here once, not by each worker while somebody waits.
    import_module(settings.ROOT_URLCONF)
    _load_templates()
    _close_connections()
    _keep_shared()
    os.register_at_fork(after_in_child=_end_when_told_to)
    Server(
        "tandem.serving.application:application",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=settings.WORKERS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=settings.REQUEST_SECONDS * 1000, max_buffer_size=LARGEST_HEAD
        ),
        websockets=False,
        ssl_cert=settings.TLS_CERTIFICATE,
        ssl_key=settings.TLS_KEY,
        backpressure=MOST_CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig={"loggers": {"_granian": {"handlers": [], "propagate": True}}},
        answering=answering,
        looks=looks,
    ).serve()


def _end_when_told_to() -> None:
    """Have a new worker end by SIGTERM until it listens to it itself: it answers nobody yet.

    It was forked with the handler of the server's own process, which would only make a note of it.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _load_templates() -> None:
    """Compile Tandem's templates, which the engine keeps: 145 ms that no worker needs once more."""
    folder = Path(str(settings.HERE)) / "web" / "templates"
    for file in folder.rglob("*.html"):
        get_template(str(file.relative_to(folder)))


def _keep_shared() -> None:
    """Keep what is loaded out of every later collection, so that workers go on sharing its memory.

    A collection writes into each object it looks at, and a worker that writes into a page of its
    parent's memory gets a copy of it: 40 MB in each process, a minute or two after the start. See
    https://docs.python.org/3/library/gc.html#gc.freeze
    """
    gc.collect()
    gc.freeze()


def _close_connections() -> None:
    """Close what this process has opened, and its pool: workers are forked from it.

    A pool has threads, which do not survive that. Each worker opens its own when it is asked first.
    """
    for one in connections.all(initialized_only=True):
        one.close()
        if isinstance(one, DatabaseWrapper):
            one.close_pool()


def _allow_many_connections() -> None:
    """Raise the limit of open files as far as this user may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
