"""``tandem worker``: what goes on beside the requests, where `tandem serve` does not run it."""

from tandem.cli.environment import ensure_secret_key, tandem_ready
from tandem.kit import embedded, logs


def worker() -> None:
    """Sweep what is too old and say so to /readyz, until stopped."""
    ensure_secret_key(embedded.default_home())
    logs.configure()
    with tandem_ready():
        from tandem.serving import worker  # noqa: PLC0415 - models load once Django is set up

        worker.run()
