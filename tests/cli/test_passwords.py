"""A database's password is shown to nobody: no error repeats it, and no list of processes."""

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tandem.kit.database_url import parse_database_url
from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.server_programs import run_program
from tests.cli.forked import forked, forked_unreadable

SECRET = ("gu3", "s5ing", "h4rd")
WRONG = (
    "postgresql://me:gu3s5ing%40h4rd@127.0.0.1:1/tandem",  # right, and nobody answers
    "postgresql://me:gu3@s5ing/h4rd@127.0.0.1:1/tandem",  # what has to be written as %40, %2F
    "postgresql://me:gu3/s5ing#h4rd@127.0.0.1:1/tandem",
    "postgresql://me:gu3?s5ing:h4rd@127.0.0.1:1/tandem",
    "postgresql://127.0.0.1:1/tandem?user=me&password=gu3%zzs5ing-h4rd",
    "host=127.0.0.1 port=1 password=gu3 s5ing h4rd",
    "host=127.0.0.1 port=1 password='gu3s5ing h4rd",
    "host=127.0.0.1 port=1 password=gu3s5ingh4rd sslpassword=gu3s5ing",
)
IN_EARNEST = WRONG[:2]
COMMANDS = (
    ("user", "list"),
    ("doctor",),
    ("upgrade", "status"),
    ("upgrade", "check", "--from", "{}"),
    ("database", "backup"),
)


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address(url: str, tmp_path: Path) -> None:
    """What is wrong is said without it, in a sentence and not in a traceback.

    Of the settings that cannot be read, each command reads one in earnest.
    """
    run = forked if url in IN_EARNEST else forked_unreadable
    for command in COMMANDS:
        arguments = [word.format(url) for word in command]
        done = run(*arguments, DATABASE_URL=url, TANDEM_HOME=str(tmp_path))
        told = done.stdout + done.stderr
        assert done.returncode in {1, 3}, told
        assert told.strip()
        assert "Traceback" not in told
        for part in SECRET:
            assert part not in told, (command, told)


def test_programs_are_not_told_in_their_arguments() -> None:
    """Everybody on the machine may read those; the environment is the owner's alone."""
    url = parse_database_url("host=127.0.0.1 port=1 password=gu3s5ing sslpassword=h4rd")
    program = "import sys, time; time.sleep(1); sys.exit('the end')"
    seen: set[str] = set()

    def run() -> None:
        with pytest.raises(UpgradeRefusedError, match="the end"):
            run_program([sys.executable, "-c", program], url, "Failed")

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        for child in psutil.Process(os.getpid()).children():
            with suppress(psutil.NoSuchProcess):  # it may have ended meanwhile
                seen.update(child.cmdline())
    thread.join()
    assert any("--dbname=" in word for word in seen)
    assert not any(part in word for word in seen for part in SECRET)
