"""Tandem speaks TLS itself, for a proxy on another machine: nothing can be read on the way."""

import socket
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
)

from tests.cli.forked import forked, forked_and_running
from tests.cli.running import free_port, wait_for
from tests.served.certificates import a_certificate, pem
from tests.served.site import People
from tests.upgrade.old_databases import database


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody else vouches for, and its key."""
    return a_certificate(tmp_path_factory.mktemp("tls"))


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
    ("file", "key", "words"),
    [
        ("/dev/null", "", "belong together"),
        ("cert.pem", "/no/such/file", "TANDEM_TLS_KEY cannot be read"),
        ("/dev/null", "key.pem", "TANDEM_TLS_CERTIFICATE holds no certificate"),
        ("cert.pem", "cert.pem", "TANDEM_TLS_KEY holds no key"),
        ("cert.pem", "other.pem", "not that of the first certificate in TANDEM_TLS_CERTIFICATE"),
        ("cert.pem", "locked.pem", "TANDEM_TLS_KEY is locked with a password"),
    ],
)
@pytest.mark.parametrize("command", ["doctor", "serve"])
def test_what_is_no_certificate_with_its_key_is_refused(
    certificate: tuple[Path, Path], command: str, file: str, key: str, words: str
) -> None:
    """By the setting's name, before anything is started."""
    folder = certificate[0].parent
    (folder / "other.pem").write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    lock = BestAvailableEncryption(b"a password")
    own = load_pem_private_key(certificate[1].read_bytes(), None)
    (folder / "locked.pem").write_bytes(pem(own, lock))
    names = ("TANDEM_TLS_CERTIFICATE", "TANDEM_TLS_KEY")
    found = {
        name: str(folder / one) if one else "" for name, one in zip(names, (file, key), strict=True)
    }
    done = forked(command, **found, DATABASE_URL="postgresql://n@127.0.0.1:1/n")
    assert done.returncode != 0
    assert words in done.stdout + done.stderr
