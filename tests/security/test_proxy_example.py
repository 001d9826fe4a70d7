"""The example of a reverse proxy: what it refuses before Tandem is asked."""

import re
from pathlib import Path

EXAMPLE = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text(encoding="utf-8")


def servers() -> list[str]:
    return re.split(r"^server \{$", EXAMPLE, flags=re.MULTILINE)[1:]


def test_programs_are_not_led_on_to_https() -> None:
    """A browser is; a program that sends its token in the clear has to notice."""
    plain, _ = servers()
    (programs,) = re.findall(r"location /api \{([^}]*)\}", plain)
    assert re.search(r"return 4\d\d", programs)
    assert "https" not in programs
    assert re.search(r"location / \{\s*return 301 https://", plain)


def test_old_tls_is_refused() -> None:
    """And what is spoken has forward secrecy and looks whether anything was altered."""
    _, encrypted = servers()
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in encrypted
    (ciphers,) = re.findall(r"ssl_ciphers ([^;]+);", encrypted)
    for one in ciphers.split(":"):
        assert one.startswith("ECDHE-")
        assert "GCM" in one or "CHACHA20-POLY1305" in one
