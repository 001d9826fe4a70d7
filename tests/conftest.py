"""What every test may ask for."""

import signal

import pytest

from tests.cast import Cast, gather

# Whatever is started in the background of a shell ignores Ctrl-C, and so do its children. Tests
# press it, and so must not take that over.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, as they begin."""
    return gather()
