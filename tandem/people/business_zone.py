"""The business's time zone, noted where the database itself can read it."""

from typing import Any

from django.conf import settings
from django.db import connections

# Written only where it is another one: every start of Tandem passes here.
NOTE = """
INSERT INTO people_businesszone (id, name) VALUES (1, %s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name
WHERE people_businesszone.name <> excluded.name
"""


def note_business_zone(*, using: str, **_signal: Any) -> None:
    """Note the zone of the settings, after each run of migrations that have made the table."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('people_businesszone') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute(NOTE, [settings.TIME_ZONE])
