"""The demonstration, as a newcomer meets it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.cli.running import Browser, free_port, started, wait_for


def test_the_demonstration_serves_and_leaves_nothing(tmp_path: Path) -> None:
    """The printed sign-ins work, the parent link opens, and Ctrl-C ends server and folder."""
    output, port = tmp_path / "output", free_port()
    with started("demo", "--port", str(port), output=output, DATABASE_URL="nowhere") as process:
        email = wait_for(r"the owner +(\S+)", output, process)[1]
        password = wait_for(r"password +(\S+)", output, process)[1]
        link = wait_for(r"a parent +\S+(/parent/\S+)", output, process)[1]
        browser = Browser(f"http://127.0.0.1:{port}")
        status, page = browser.send("/accounts/login/", login=email, password=password)
        assert status == 200
        assert "Sign out" in page
        status, page = browser.get("/students")
        assert status == 200
        assert "Primary" in page
        status, page = browser.get("/students/match")
        assert "Nia Abara" in page, "there is somebody to find a tutor for"
        status, page = browser.get("/")
        assert "Who is away?" in page, "a tutor is, soon"
        status, page = browser.get(link)
        assert status == 200
        assert "A past paper against the clock" in page
        email = wait_for(r"a tutor +(\S+)", output, process)[1]
        tutor = Browser(f"http://127.0.0.1:{port}")
        status, page = tutor.send("/accounts/login/", login=email, password=password)
        assert status == 200
        assert "No sessions today" not in page
        assert email not in page, "the tutor has a name"
        folder = next(open_folder(process.pid))
        process.send_signal(signal.SIGINT)
        process.wait(30)
    assert not folder.exists()
    assert not [p for p in psutil.process_iter(["cmdline"]) if uses(p, folder)]


def open_folder(pid: int) -> Iterator[Path]:
    """Yield the folder of the demonstration that the process holds a lock in."""
    for file in psutil.Process(pid).open_files():
        parts = Path(file.path).parts
        for depth, name in enumerate(parts):
            if name.startswith("tandem-demo-"):
                yield Path(*parts[: depth + 1])


def uses(process: psutil.Process, folder: Path) -> bool:
    return any(str(folder) in word for word in process.info["cmdline"] or [])
