"""Django's sessions in the database, read by a named statement: every page begins with one."""

from pathlib import Path
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from tandem.kit.named_sql import NamedStatements, fetch_rows

SIGNED_IN = NamedStatements(Path(__file__).with_name("signed_in.sql"))
SESSION_DATA = SIGNED_IN.compose("session_data")


class SessionStore(db.SessionStore):
    """What ``SESSION_ENGINE`` names; writing is Django's own."""

    def load(self) -> dict[str, Any]:
        """Return what the session keeps; one that is not, or has ended, keeps nothing."""
        values = {"session_key": self.session_key, "now": timezone.now()}
        for (data,) in fetch_rows(SESSION_DATA, values):
            return self.decode(data)
        self._session_key = None
        return {}
