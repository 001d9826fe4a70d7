"""``tandem worker``: what goes on beside the requests, where `tandem serve` does not run it."""

import os

from tandem.cli.environment import database, ensure_secret_key, set_up
from tandem.kit import embedded, logs


def worker() -> None:
    """Plan weekly lessons on, sweep what is too old and say so to /readyz, until stopped.

    It waits for tables that are not there yet: `tandem serve` makes them.
    """
    ensure_secret_key(embedded.default_home())
    logs.configure()
    # What is swept may be much, and nobody waits for it.
    os.environ["TANDEM_STATEMENT_SECONDS"] = "0"
    with database():
        set_up()
        from tandem.serving import worker  # noqa: PLC0415 - models load once Django is set up

        worker.run()
