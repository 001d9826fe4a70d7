"""Whether commands that were killed left anything of people's data behind."""

from django.conf import settings
from django.db import connection

from tandem.kit import embedded
from tandem.serving.finding import Finding
from tandem.upgrade.live.left_behind import left_behind


def leftovers() -> Finding:
    """Look where backups are written, and for databases in which they were proved."""
    connection.ensure_connection()
    folders = [settings.BACKUP_FOLDER, embedded.default_home() / "backups"]
    if found := left_behind(connection.connection, folders):
        return Finding(
            "left-behind",
            ok=False,
            sentence=" ".join(found),
            remedy="Remove what nobody needs: rm FILE, its .sha256, rm -r FOLDER, DROP DATABASE.",
        )
    return Finding("left-behind", ok=True, sentence="No killed command left anything behind.")
