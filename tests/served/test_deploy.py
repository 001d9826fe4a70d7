"""What lies in deploy/ fits what Tandem is."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from typer.main import get_command

from tandem.cli import app
from tests.upgrade.test_documented import commands

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
NAME = re.compile(r"\b(TANDEM_[A-Z_]+|DATABASE_URL|EMAIL_URL)\b")


def unit(file: Path) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[method-assign,assignment]  # systemd's words have capitals
    read.read(file, encoding="utf-8")
    return read


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_a_unit_starts_a_command_that_there_is(file: Path) -> None:
    """With options that it has, as nobody in particular."""
    service = unit(file)["Service"]
    assert service["User"] == "tandem"
    words = service["ExecStart"].split()
    assert words[0] == "/opt/tandem/bin/tandem"
    known = dict(commands(get_command(app), "tandem"))
    (name,) = [one for one in known if " ".join(["tandem", *words[1:]]).startswith(one)]
    options = {one for given in known[name].params for one in given.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_the_timer_has_its_service() -> None:
    """The same name, but for the ending."""
    for timer in DEPLOY.glob("*.timer"):
        assert timer.with_suffix(".service").exists()


def test_only_settings_that_there_are_are_named() -> None:
    """In units, in the proxy's example and in the Dockerfile."""
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    for file in DEPLOY.iterdir():
        assert {*NAME.findall(file.read_text(encoding="utf-8"))} <= {*NAME.findall(page)}


def test_every_file_is_explained() -> None:
    """In the folder's own page."""
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for file in DEPLOY.iterdir():
        assert file.name == "README.md" or file.name in page


def test_what_the_image_copies_is_there() -> None:
    """Each folder and file, and the requirements that it installs."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if line.startswith("COPY ")]
    copied = [words[1:-1] for words in lines if not words[1].startswith("--from")]
    assert all((ROOT / one).exists() for files in copied for one in files)
    for name in re.findall(r"/src/(requirements/\S+)", text):
        assert (ROOT / name).exists()
