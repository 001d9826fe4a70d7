"""A line of the log is one line, whatever is in it, and says when it was in UTC."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

PROGRAM = """
import structlog
from tandem.kit import logs
logs.configure()
structlog.get_logger().info("request", route='x", "status": 200}\\n{"event": "forged"}', status=403)
"""


def test_a_line_is_json_with_its_moment_in_utc() -> None:
    """Quotes and line ends in a value make no second line and no other field."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    assert (told["event"], told["status"]) == ("request", 403)
    assert "forged" in told["route"]
    moment = datetime.fromisoformat(told["timestamp"])
    assert moment.utcoffset() == timedelta(0)
