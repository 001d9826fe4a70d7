"""Certificates that nobody else vouches for."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

OPEN = NoEncryption()


def a_certificate(folder: Path, *, begins: float = -1, ends: float = 90) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1, good for so many days from now, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tandem")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now + timedelta(begins)).not_valid_after(now + timedelta(ends))
    signed = made.add_extension(here, critical=False).sign(key, SHA256())
    file, key_file = folder / "cert.pem", folder / "key.pem"
    file.write_bytes(signed.public_bytes(Encoding.PEM))
    key_file.write_bytes(pem(key))
    key_file.chmod(0o600)
    return file, key_file


def pem(key: Any, lock: KeySerializationEncryption = OPEN) -> bytes:
    """Return a private key as a file holds it."""
    found: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    return found
