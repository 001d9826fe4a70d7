"""``tandem serve``: the site and the API."""

import os
import socket
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tandem.cli.environment import ensure_secret_key, tandem_ready
from tandem.kit import embedded
from tandem.kit.errors import TandemError
from tandem.serving.companions import kept_running
from tandem.serving.environment import port as named_port

Host = Annotated[str, typer.Option(help="The address to listen on.")]
NoWorker = Annotated[bool, typer.Option("--no-worker", help="Leave the worker to `tandem worker`.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]


class PortTakenError(TandemError):
    """Something else listens there already."""

    code = "port-taken"


def serve(host: Host = "127.0.0.1", port: Port = 8000, *, no_worker: NoWorker = False) -> None:
    """Serve the site and the API; without DATABASE_URL, on the server that Tandem brings along."""
    refuse_taken_port(host, port)
    prepare_to_serve(embedded.default_home())
    if metrics_port := named_port("TANDEM_METRICS_PORT"):
        refuse_taken_port("127.0.0.1", metrics_port, "TANDEM_METRICS_PORT")
    with tandem_ready():
        name = f"[{host}]" if ":" in host else host
        words = f"Tandem is at {_scheme()}://{name}:{port}/ (stop with Ctrl-C)"
        run_web_server(host, port, words, worker=not no_worker)


def _scheme() -> str:
    from django.conf import settings  # noqa: PLC0415 - read once the environment is complete

    return "https" if settings.TLS_CERTIFICATE else "http"


def prepare_to_serve(home: Path) -> None:
    """Put into the environment what the settings read, which they do once, before any worker."""
    ensure_secret_key(home)
    os.environ["TANDEM_POOL"] = "1"


def refuse_taken_port(host: str, port: int, setting: str = "--port") -> None:
    """Raise PortTakenError, naming the ``setting``, before any work is done for nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(
                f"Nothing can listen at {host}:{port}: {error.strerror}. "
                f"Choose another with {setting}."
            ) from error


def run_web_server(host: str, port: int, words: str, *, worker: bool = True) -> None:
    """Run, with what runs beside it, until told to stop; say ``words`` once the site answers."""
    from tandem.serving import server  # noqa: PLC0415 - no other command has to wait for it to load
    from tandem.serving.metrics import FOLDER  # noqa: PLC0415 - as above
    from tandem.serving.own_server import OwnServer  # noqa: PLC0415 - as above
    from tandem.serving.service_manager import tell_that_it_answers  # noqa: PLC0415 - as above

    def answering() -> None:
        typer.echo(words)
        tell_that_it_answers()

    with ExitStack() as beside:
        if worker:
            beside.enter_context(kept_running(["tandem", "worker"]))
        if metrics_port := named_port("TANDEM_METRICS_PORT"):
            os.environ[FOLDER] = beside.enter_context(TemporaryDirectory(prefix="tandem-metrics-"))
            beside.enter_context(kept_running(["tandem.serving.metrics", str(metrics_port)]))
        looks = [OwnServer().look]
        server.run(host, port, answering=answering, looks=looks)
