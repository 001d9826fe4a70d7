"""The log writes whole lines, or says how many it could not write."""

import json
import os

import pytest

from tandem.kit.logs import Lines


def test_what_was_lost_is_told_when_there_is_room_again(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """One line says how many are missing; each that was kept is whole."""
    room = iter([True, False, False, True, True])

    def write(line: bytes) -> int:
        if not next(room):
            raise OSError(28, "No space left on device")
        return os.write(1, line)

    lines = Lines(write)
    for number in range(4):
        lines.write(b'{"number":%d}\n' % number)
    found = [json.loads(one) for one in capfdbinary.readouterr().out.splitlines()]
    assert [one.get("number") for one in found] == [0, None, 3]
    assert (found[1]["event"], found[1]["lines"]) == ("log lines lost", 2)
