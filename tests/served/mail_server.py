"""A mail server that greets, and says yes to everything but mail."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def mail_server() -> Iterator[str]:
    """Yield the EMAIL_URL of a server that lives as long as the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_greet_all, args=[listening], daemon=True).start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"


def _greet_all(listening: socket.socket) -> None:
    while True:
        try:
            line, _ = listening.accept()
        except OSError:
            return
        with line, line.makefile("rwb") as talk:
            talk.write(b"220 mail.example\r\n")
            talk.flush()
            for said in talk:
                talk.write(b"221 bye\r\n" if said.startswith(b"QUIT") else b"250 yes\r\n")
                talk.flush()
