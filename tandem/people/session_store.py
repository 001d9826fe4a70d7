"""Django's sessions in the database, read by a named statement: every page begins with one.

Somebody's session ends on the server, whatever their cookie says: when it was not used for long,
and at last however much it is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import transaction
from django.utils import timezone

from tandem.kit.named_sql import NamedStatements, fetch_rows
from tandem.people.models import SignedInDevice

SIGNED_IN = NamedStatements(Path(__file__).with_name("signed_in.sql"))
SESSION_DATA = SIGNED_IN.compose("session_data")
ENDED = "The session was ended, or given another key, while the request was under way."
NOTED_EVERY = timedelta(minutes=5)
"""How often it is written that a session is used: a write for each request would be too many."""


class SessionStore(db.SessionStore):
    """What ``SESSION_ENGINE`` names; writing is Django's own."""

    _keeps_its_key = False

    def load(self) -> dict[str, Any]:
        """Return what the session keeps; one that is not, or has ended, keeps nothing."""
        now = timezone.now()
        values = {
            "session_key": self.session_key,
            "now": now,
            "idle_since": now - settings.SESSION_IDLE,
            "earliest": now - settings.SESSION_MOST,
        }
        for data, last_used_at in fetch_rows(SESSION_DATA, values):
            kept = self.decode(data)
            # One from before devices were noted has no beginning that could be looked at.
            if last_used_at is not None or SESSION_KEY not in kept:
                self._note_use(last_used_at, now)
                return kept
        self._session_key = None
        return {}

    @contextmanager
    def keeping_its_key(self) -> Iterator[None]:
        """Give the session no other key meanwhile."""
        self._keeps_its_key = True
        try:
            yield
        finally:
            self._keeps_its_key = False

    @transaction.atomic
    def cycle_key(self) -> None:
        """Give the session another key; the device in which it is stays noted.

        SessionInterrupted where it has got one meanwhile, or was ended: it begins no second one.
        """
        if self._keeps_its_key:
            return
        devices = SignedInDevice.objects.select_for_update(of=("self",))
        device = devices.filter(session=self.session_key).first()
        if self.session_key and not self.exists(self.session_key):
            raise SessionInterrupted(ENDED)
        super().cycle_key()
        if device and self.session_key:
            device.session_id = self.session_key
            device.save(force_insert=True)

    def _note_use(self, last_used_at: datetime | None, now: datetime) -> None:
        every = min(NOTED_EVERY, settings.SESSION_IDLE / 5)
        if last_used_at is not None and now - last_used_at > every:
            rows = SignedInDevice.objects.filter(session=self.session_key)
            rows.update(last_used_at=now)
