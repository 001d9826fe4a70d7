"""A line of the log is one line, whatever is in it, and says when it was in UTC."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection

from tandem.kit.logs import described

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


@pytest.mark.parametrize(
    "statement",
    ["SELECT 'Zebedee'::integer", "SELECT 'Zebedee'::timestamptz", "SELECT '{Zebedee'::jsonb"],
)
def test_what_the_server_says_of_a_value_is_left_out(db: None, statement: str) -> None:
    """Its first sentence repeats what could not be read; the log has the kind and the state."""
    with pytest.raises(psycopg.DataError, match="Zebedee") as caught, connection.cursor() as cursor:
        cursor.connection.execute(statement)
    assert described(caught.value).startswith(type(caught.value).__qualname__)
    assert "Zebedee" not in described(caught.value)
