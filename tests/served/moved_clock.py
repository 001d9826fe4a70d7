"""``tandem worker`` by a clock that a test moves: ``python -m tests.served.moved_clock FILE``.

FILE holds the moment. After each round the worker writes beside it, into FILE.PID, how many it has
gone; it begins the next at once, and does in each what it otherwise does every ten minutes.
"""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep

from tandem.kit import time


def main() -> None:
    """Be the worker, which ends when it is told to."""
    file = Path(sys.argv[1])
    rounds = file.with_suffix(f".{os.getpid()}")
    time.utc_now = lambda: datetime.fromisoformat(file.read_text(encoding="utf-8"))
    from tandem.cli.environment import set_up  # noqa: PLC0415 - whoever reads the clock loads later

    set_up()
    from django.conf import settings  # noqa: PLC0415 - set up by now

    from tandem.cli.worker import worker as command  # noqa: PLC0415 - as above
    from tandem.serving import worker  # noqa: PLC0415 - models load once Django is set up
    from tandem.upgrade.live.shown_days import turn_days as last_of_a_round  # noqa: PLC0415

    seen = [""] * 2

    def turn_days(now: datetime, /) -> None:
        last_of_a_round(now)
        seen.append(file.read_text(encoding="utf-8"))
        rounds.write_text(str(len(seen)), encoding="utf-8")
        for _ in range(50):  # what has been looked at twice is waited for to be another
            if len({*seen[-3:], file.read_text(encoding="utf-8")}) > 1:
                break
            sleep(0.01)

    worker.SWEEP_EVERY = timedelta(0)
    worker.__dict__["turn_days"] = turn_days
    settings.HEARTBEAT_SECONDS = 0
    command()


if __name__ == "__main__":
    main()
