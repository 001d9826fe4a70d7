"""Mail on the console, where no server for it is named: on standard error.

A command's standard output is for what it was asked for, such as a token.
"""

import sys
from typing import Any

from django.core.mail.backends.console import EmailBackend as ConsoleBackend


class EmailBackend(ConsoleBackend):
    """Django's, with another stream."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"stream": sys.stderr, **options})
