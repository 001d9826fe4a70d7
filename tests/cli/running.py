"""Running `tandem` as a person does: another process, its words and its exit status."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

PATIENCE = 90.0


def tandem(
    *arguments: str, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``tandem`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "tandem", *arguments],
        input=given,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@contextmanager
def started(*arguments: str, output: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start ``tandem`` with its words going to ``output``, and end it if the block does not."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "tandem", *arguments],
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


class Process(Protocol):
    """What may still run."""

    returncode: int | None

    def poll(self) -> int | None: ...


def wait_for(pattern: str, output: Path, process: Process, *, every: float = 0.05) -> re.Match[str]:
    """Return the match of ``pattern`` once the process has said it; look ``every`` few seconds."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        words = output.read_text(encoding="utf-8", errors="replace")
        if found := re.search(pattern, words):
            return found
        if process.poll() is not None:
            raise AssertionError(f"ended with {process.returncode}: {words}")
        time.sleep(every)
    raise AssertionError(f"{pattern!r} was never said: {words}")


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


CSRF = "csrfmiddlewaretoken"


def secret_of(page: str) -> str:
    """Return what the form of a page proves its origin by."""
    secret = re.search(rf'name="{CSRF}" value="([^"]+)"', page)
    assert secret, page
    return secret[1]


class Browser:
    """Just enough of one: cookies, forms with their secret, and following of redirects."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    def cookie(self, name: str) -> str:
        """Return the value of a cookie that the site has set."""
        return next(one.value or "" for one in self._jar if one.name == name)

    def get(self, path: str) -> tuple[int, str]:
        """Return status and text of a page, waiting until the site answers at all."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self._opener.open(self.site + path) as answer:
                    return answer.status, answer.read().decode()
            except HTTPError as error:
                return error.code, error.read().decode()
            except URLError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def send(self, path: str, **fields: str) -> tuple[int, str]:
        """Fill in the form at ``path`` and send it; return where that leads."""
        return self.answer(self.get(path)[1], path, **fields)

    def answer(self, page: str, path: str, **fields: str) -> tuple[int, str]:
        """Send the form of a page that was got before; return where that leads."""
        form = urlencode({CSRF: secret_of(page), **fields}).encode()
        request = urllib.request.Request(self.site + path, form, {"Referer": self.site + path})
        with self._opener.open(request) as answer:
            return answer.status, answer.read().decode()

    def upload(
        self, page: str, path: str, name: str, content: bytes, /, **fields: str
    ) -> tuple[int, str]:
        """Send the form of a page with a file in the field ``name``; return what is answered."""
        line = "a-line-that-is-in-no-file"
        values = {CSRF: secret_of(page), **fields}
        disposed = 'Content-Disposition: form-data; name="{}"'
        texts = [
            f"--{line}\r\n{disposed.format(one)}\r\n\r\n{value}\r\n"
            for one, value in values.items()
        ]
        opening = f'--{line}\r\n{disposed.format(name)}; filename="file"\r\n\r\n'
        body = ("".join(texts) + opening).encode() + content + f"\r\n--{line}--\r\n".encode()
        kind = f"multipart/form-data; boundary={line}"
        headers = {"Referer": self.site + path, "Content-Type": kind}
        request = urllib.request.Request(self.site + path, body, headers)
        try:
            with self._opener.open(request) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
