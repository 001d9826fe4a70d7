"""What a load says of what was seen: targets missed, errors excused, writes lost."""

import pytest

from bench.load.judging import Seen, faults, lost, missed

FLAT = (100.0, 110.0)
FAILURE = 1000.0


def seen(
    *, at: float = 900, ms: float = 20, status: int = 200, retry: bool = False, error: str = ""
) -> Seen:
    return Seen(at, "tutor: POST sessions", ms, status, retry, error)


AWAY = {"status": 503, "retry": True, "error": "HTTPError"}
DROPPED = [
    {"status": 0, "error": error}
    for error in ("ConnectionError", "RemoteDisconnected", "ConnectionResetError")
]


def test_a_good_run_misses_nothing() -> None:
    """Though one in a hundred waits long."""
    assert missed([*[seen()] * 99, seen(ms=5000)], [], FLAT) == []


def test_slow_answers_are_missed() -> None:
    """Where more than a twentieth is."""
    assert "p95" in " ".join(missed([*[seen()] * 90, *[seen(ms=501)] * 10], [], FLAT))


def test_memory_that_grows_is_missed() -> None:
    """By more than a fifth."""
    assert "Memory" in " ".join(missed([seen()] * 2, [], (100, 121)))


@pytest.mark.parametrize("error", [AWAY, *DROPPED])
def test_an_error_is_excused_for_ten_seconds_after_a_failure(error: dict[str, object]) -> None:
    """And neither before it nor later, nor where nothing was made to fail."""
    for at, failures, excused in (
        (1009.9, [FAILURE], True),
        (1010.1, [FAILURE], False),
        (999.9, [FAILURE], False),
        (1009.9, [], False),
    ):
        found = missed([seen(), seen(at=at, **error)], failures, FLAT)  # type: ignore[arg-type]
        assert (found == []) is excused


@pytest.mark.parametrize(
    ("status", "retry", "error"),
    [(500, False, "HTTPError"), (503, False, "HTTPError"), (0, False, "ReadTimeout")],
)
def test_other_errors_are_never_excused(status: int, error: str, *, retry: bool) -> None:
    """A fault, a 503 that does not say when to come again, a wait without an answer."""
    found = missed(
        [seen(), seen(at=1001, status=status, retry=retry, error=error)], [FAILURE], FLAT
    )
    assert f"{status} {error}" in found[0]


def test_writes_that_are_there_are_not_lost() -> None:
    """A completion may have been made though its answer was not heard."""
    acknowledged = [{"id": "a", "state": "created"}, {"id": "b", "state": "completed"}]
    assert lost(acknowledged, [("a", "completed", "1"), ("b", "completed", "2")]) == []


def test_a_write_that_is_not_there_is_lost() -> None:
    """Or is there in another state than was acknowledged."""
    assert "nothing" in lost([{"id": "a", "state": "created"}], [])[0]
    assert "scheduled" in lost([{"id": "a", "state": "completed"}], [("a", "scheduled", "1")])[0]


def test_a_write_that_was_done_twice_is_told() -> None:
    """It was sent again with its key."""
    rows = [("a", "scheduled", "1"), ("b", "scheduled", "1")]
    assert "twice" in lost([{"id": "a", "state": "created"}], rows)[0]


EXIT = '{"event": "Unexpected exit from worker-1", "level": "error"}'
REPLACED = '{"worker":4939,"exit":-9,"event":"worker replaced","level":"error"}'
DIED = '{"worker":4940,"exit":-11,"event":"worker replaced","level":"error"}'
STARTED = '{"event":"started","level":"info"}'


def test_a_worker_killed_on_purpose_is_no_fault() -> None:
    """Its two lines are what the log has to say; every other error is a fault."""
    assert faults([STARTED, EXIT, REPLACED], [4939]) == []
    assert faults([EXIT, REPLACED, EXIT, DIED], [4939]) == [EXIT, DIED]
    assert faults([EXIT, REPLACED], []) == [EXIT, REPLACED]


def test_a_log_that_is_silent_about_a_killed_worker_is_a_fault() -> None:
    """And about one that died by itself instead."""
    assert "4939" in faults([STARTED], [4939])[0]
    assert "4939" in faults([EXIT, DIED], [4939])[-1]
