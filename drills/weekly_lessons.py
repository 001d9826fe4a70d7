"""``python -m drills weekly_lessons``: weekly lessons held against naive lists, at length.

The same machines as in the suite, of one student and of a group, with another seed each time; what
they find is printed as steps that can be done again.
"""

import argparse
import os
import subprocess
import sys

TESTS = ("tests/lessons/test_series_model.py", "tests/lessons/test_group_model.py")


def main(options: argparse.Namespace) -> int:
    """Let so many histories of lessons happen; return 1 where one is not what the list has."""
    command = [sys.executable, "-m", "tests.run", "--embedded-only", *TESTS, "-q"]
    number = str(options.histories)
    given = {**os.environ, "SERIES_EXAMPLES": number, "GROUP_EXAMPLES": number}
    return min(subprocess.run(command, env=given, check=False).returncode, 1)
