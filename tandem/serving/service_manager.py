"""What is told to who started Tandem as a service, such as systemd (``man sd_notify``)."""

import os
import socket
from contextlib import suppress

ADDRESS = "NOTIFY_SOCKET"


def tell_that_it_answers() -> None:
    """Say that the service is up, where anybody waits for that; nobody is told twice."""
    if not (address := os.environ.pop(ADDRESS, "")):
        return
    if address.startswith("@"):  # how systemd writes a name that is in no folder
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(address)
        line.sendall(b"READY=1")
