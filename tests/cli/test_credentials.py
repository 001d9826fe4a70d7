"""Secrets that the machine hands over as files: systemd's credentials."""

from pathlib import Path

import pytest

from tests.cli.forked import forked


def said(folder: Path, **environment: str) -> tuple[str, str]:
    """Return what is printed, and what goes wrong, where the machine hands ``folder`` over."""
    done = forked(
        "doctor", **{"CREDENTIALS_DIRECTORY": str(folder), "DATABASE_URL": "", **environment}
    )
    return done.stdout, done.stderr


@pytest.fixture
def handed(tmp_path: Path) -> Path:
    (tmp_path / "EMAIL_URL").write_text("smtp://mail.handed.example:1\n")
    (tmp_path / "DATABASE_URL").write_text("postgresql://nobody@127.0.0.1:1/nothing\n")
    return tmp_path


def test_a_file_is_the_setting_of_its_name(handed: Path) -> None:
    """Without the line's end."""
    out, _ = said(handed)
    assert "The database does not answer" in out
    assert "Mail goes to another machine as it is" in out


def test_what_the_environment_says_stays(handed: Path) -> None:
    out, _ = said(handed, EMAIL_URL="smtp://127.0.0.1:1")
    assert "Mail goes to another machine as it is" not in out


def test_a_file_that_is_no_text_is_refused(handed: Path) -> None:
    """It is named, and its content is not."""
    (handed / "TANDEM_SECRET_KEY").write_bytes(b"\xff\xfeABC")
    _, wrong = said(handed)
    assert "TANDEM_SECRET_KEY is not text" in wrong
    assert "Traceback" not in wrong
