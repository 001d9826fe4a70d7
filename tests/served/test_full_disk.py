"""A full disk is nobody's fault who asks: requests are answered, and who watches can see it."""

import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

from tests.cli.running import free_port
from tests.served.conftest import Start
from tests.served.people import PASSWORD
from tests.served.site import People, Site
from tests.served.test_health import scraped
from tests.served.test_logs import lines_with
from tests.served.test_processes import wait_until
from tests.served.test_unwritable_log import all_answered, logging_to

BLOCKS = 64
"""Of 512 bytes: what a file may hold here, as if the disk were full after that."""


def little_room(
    peopled: tuple[str, People], folder: Path, metrics: int
) -> AbstractContextManager[Site]:
    """Return a site none of whose files can grow, its log among them."""
    limited = ("sh", "-c", f'ulimit -f {BLOCKS}; exec "$@"', "sh")
    return logging_to(
        subprocess.STDOUT, peopled, folder, *limited, TANDEM_METRICS_PORT=str(metrics)
    )


def test_no_room_for_numbers_and_log(peopled: tuple[str, People], tmp_path: Path) -> None:
    """Before, each answer was 500, also to who had changed something. It is told once."""
    metrics = free_port()
    with little_room(peopled, tmp_path, metrics) as site:
        all_answered(site)
        assert lines_with(site, event="requests not counted")
        while site.output.stat().st_size < BLOCKS * 512:
            assert site.ask("GET", "/api/students").status == 200
            assert site.ask("GET", "/api/nothing").status == 404
        all_answered(site)
        assert "tandem_requests_total" not in scraped(metrics)
        assert "Sign out" in site.browser().send(
            "/accounts/login/", login="oona@tandem.example", password=PASSWORD
        )[1]  # fmt: skip


def test_no_number_waits_for_room(start: Start, tmp_path: Path) -> None:
    """What a file promises is there: a worker that met a full disk in it would be ended."""
    port = free_port()
    with start(TANDEM_METRICS_PORT=str(port), TMPDIR=str(tmp_path), TANDEM_WORKERS="1") as site:
        all_answered(site)
        files = [*tmp_path.glob("tandem-metrics-*/*.db")]
        assert len(files) == 2
        for file in files:
            assert file.stat().st_blocks * 512 >= file.stat().st_size
        wait_until(lambda: "tandem_requests_total" in scraped(port))
