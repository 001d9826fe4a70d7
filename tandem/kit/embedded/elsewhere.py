"""A server whose processes cannot be seen from here, because another container runs it.

Containers that share a volume share its files, its sockets and its locks, but neither the numbers
of processes nor shared memory, by which PostgreSQL itself refuses to run twice on one data folder.
"""

import os
import platform
import socket
from contextlib import suppress
from pathlib import Path

LISTENS_SECONDS = 5.0


def listens(address: Path) -> bool:
    """Whether a server takes connections at a socket, wherever it runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(LISTENS_SECONDS)
        try:
            probe.connect(os.fspath(address))
        except (TimeoutError, BlockingIOError):
            return True  # It is there, and too busy to answer at once: its queue may be full.
        except OSError:
            return False
        return True


def this_place() -> str:
    """Return what names this machine and, on Linux, this container."""
    words = [platform.node()]
    with suppress(OSError):
        words.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(words)
