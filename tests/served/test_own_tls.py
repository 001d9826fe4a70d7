"""Tandem speaks TLS itself, for a proxy on another machine: nothing can be read on the way."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from tests.cli.forked import forked, forked_and_running
from tests.cli.running import free_port, wait_for
from tests.served.site import People
from tests.upgrade.old_databases import database


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody else vouches for, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    file, key = folder / "cert.pem", folder / "key.pem"
    openssl = shutil.which("openssl")
    assert openssl, "openssl is missing; Debian's package is openssl"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "1", "-subj", "/CN=tandem", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    return file, key


def test_what_goes_to_tandem_is_encrypted_and_who_it_is_can_be_proved(
    peopled: tuple[str, People], certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    """By TLS 1.3, checked against the certificate; who speaks plainly is not answered."""
    (file, key), port, output = certificate, free_port(), tmp_path / "output"
    environment = {"TANDEM_TLS_CERTIFICATE": str(file), "TANDEM_TLS_KEY": str(key)}
    arguments = ("serve", "--port", str(port), "--no-worker")
    with (
        database(peopled[0]) as url,
        forked_and_running(
            *arguments, output=output, DATABASE_URL=url, TANDEM_HOME=str(tmp_path), **environment
        ) as process,
    ):
        wait_for(f"Tandem is at https://127.0.0.1:{port}/", output, process)
        context = ssl.create_default_context(cafile=str(file))
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as talk,
        ):
            assert talk.version() == "TLSv1.3"
            assert b"alive" in asked(talk)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            assert b"alive" not in asked(plain)


def asked(talk: socket.socket) -> bytes:
    """Return what comes back for a look at whether Tandem is alive."""
    talk.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    found = b""
    try:
        while part := talk.recv(4096):
            found += part
    except ConnectionError:
        return found
    return found


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TANDEM_TLS_CERTIFICATE", "/dev/null", "belong together"),
        ("TANDEM_TLS_KEY", "/no/such/file", "TANDEM_TLS_KEY cannot be read"),
    ],
)
def test_half_a_setting_is_refused(name: str, value: str, words: str) -> None:
    """By its name, before anything is started."""
    done = forked("doctor", **{name: value, "DATABASE_URL": "postgresql://n@127.0.0.1:1/n"})
    assert done.returncode != 0
    assert words in done.stdout + done.stderr
