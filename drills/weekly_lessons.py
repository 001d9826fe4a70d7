"""``python -m drills weekly_lessons``: weekly lessons held against a naive list, at length.

The same machine as in the suite, with another seed each time; what it finds is printed as steps
that can be done again.
"""

import argparse
import os
import subprocess
import sys

TEST = "tests/lessons/test_series_model.py"


def main(options: argparse.Namespace) -> int:
    """Let so many histories of lessons happen; return 1 where one is not what the list has."""
    command = [sys.executable, "-m", "tests.run", "--embedded-only", TEST, "-q"]
    given = {**os.environ, "SERIES_EXAMPLES": str(options.histories)}
    return min(subprocess.run(command, env=given, check=False).returncode, 1)
