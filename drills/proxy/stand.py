"""nginx before a started Tandem, with Debian's own settings and ``deploy/nginx.conf``.

The file is taken as it lies there, but for what an installer fills in: ports that are free, a
certificate of the drill's own, and a folder for what is logged. The name in it stays.
"""

import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

from drills.beside.stand import wait_for
from drills.server import empty_tandem
from tests.cli.running import free_port
from tests.served.certificates import a_certificate
from tests.served.site import Answer, Site, answer_of, gathered, served_in_earnest
from tests.upgrade.old_databases import database

ROOT = Path(__file__).parents[2]
PROGRAM, DEBIANS = Path("/usr/sbin/nginx"), Path("/etc/nginx/nginx.conf")
NAME = "tutoring.example.org"
VISITOR = "127.0.0.9"
"""Where a visitor comes from who is neither the proxy nor this drill itself."""


def install() -> None:
    """Install nginx where that is allowed; RuntimeError with a sentence where it is not."""
    if os.geteuid() != 0:
        raise RuntimeError("this needs root: nginx works as another user")
    if PROGRAM.exists():
        return
    if not shutil.which("apt-get"):
        raise RuntimeError("this needs nginx: install Debian's package nginx-light")
    subprocess.run(["apt-get", "install", "--yes", "--quiet", "nginx-light"], check=True)


def expect(true: object, words: str) -> None:
    """RuntimeError with words where something is not so."""
    if not true:
        raise RuntimeError(words)


@dataclass(frozen=True)
class CookieAnswer(Answer):
    """An answer, and each cookie that it sets."""

    cookies: list[str]


@dataclass(frozen=True)
class Stand:
    """A site, and the ports at which nginx answers for it."""

    site: Site
    folder: Path
    plain: int
    encrypted: int

    def connect(self, sender: str = VISITOR, *, plain: bool = False) -> HTTPConnection:
        """Return a connection to nginx, from an address of this machine."""
        where: dict[str, Any] = {"timeout": 60, "source_address": (sender, 0)}
        if plain:
            return HTTPConnection("127.0.0.1", self.plain, **where)
        return HTTPSConnection("127.0.0.1", self.encrypted, context=trusting_all(), **where)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        sender: str = VISITOR,
        plain: bool = False,
    ) -> CookieAnswer:
        """Send one request to nginx; the body of an iterator goes in chunks."""
        connection = self.connect(sender, plain=plain)
        try:
            named = {"Host": NAME, **(headers or {})}
            chunked = body is not None and not isinstance(body, bytes)
            connection.request(method, path, body, named, encode_chunked=chunked)
            response = connection.getresponse()
            cookies = response.headers.get_all("Set-Cookie") or []
            return CookieAnswer(**vars(answer_of(response)), cookies=cookies)
        finally:
            connection.close()

    def logged(self) -> str:
        """Return all that nginx has written down, of whatever kind."""
        files = [*self.folder.glob("*.log")]
        return "".join(one.read_text(encoding="utf-8", errors="replace") for one in files)


def trusting_all() -> ssl.SSLContext:
    """Return what takes the drill's own certificate for good."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextmanager
def stand() -> Iterator[Stand]:
    """Start Tandem on a database with the cast in it, and nginx before it."""
    install()
    with (
        empty_tandem() as empty,
        database(empty) as url,
        tempfile.TemporaryDirectory(prefix="tandem-proxy-") as name,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        settings = {"TANDEM_BASE_URL": f"https://{NAME}", "TANDEM_TRUSTED_PROXIES": "127.0.0.1"}
        with served_in_earnest(url, gathered(url), folder, **settings) as site:
            yield from _proxied(site, folder)


def _proxied(site: Site, folder: Path) -> Iterator[Stand]:
    there = Stand(site, folder, free_port(), free_port())
    settings = folder / "nginx.conf"
    settings.write_text(_settings(there), encoding="utf-8")
    words = (folder / "nginx.words").open("w+")
    process = subprocess.Popen(
        [PROGRAM, "-c", settings, "-g", "daemon off;"], stdout=words, stderr=words
    )
    try:
        wait_for(lambda: process.poll() is not None or _listens(there), "nginx")
        if process.poll() is not None:
            words.seek(0)
            raise RuntimeError(f"nginx ended: {words.read()}")
        yield there
    finally:
        process.terminate()
        process.wait()


def _listens(there: Stand) -> bool:
    try:
        return there.ask("GET", "/healthz").status > 0
    except OSError:
        return False


def _settings(there: Stand) -> str:
    """Return Debian's settings of nginx, with Tandem's in place of the sites that it includes."""
    certificate, key = a_certificate(there.folder)
    example = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    filled_in = {
        "127.0.0.1:8000": there.site.host,
        "listen 80;": f"listen 127.0.0.1:{there.plain};",
        "listen 443 ": f"listen 127.0.0.1:{there.encrypted} ",
        "/etc/ssl/certs/tandem.pem": str(certificate),
        "/etc/ssl/private/tandem.key": str(key),
    }
    lines = [line for line in example.splitlines() if "listen [::]" not in line]
    ours = _replaced("\n".join(lines), filled_in)
    included = "include /etc/nginx/sites-enabled/*;"
    files = {"pid /run/nginx.pid": f"pid {there.folder}/nginx.pid", included: ours}
    whole = _replaced(DEBIANS.read_text(encoding="utf-8"), files)
    return whole.replace("/var/log/nginx/", f"{there.folder}/")


def _replaced(text: str, by: Mapping[str, str]) -> str:
    for old, new in by.items():
        if old not in text:
            raise RuntimeError(f"{old!r} is not in nginx's settings any more")
        text = text.replace(old, new)
    return text
