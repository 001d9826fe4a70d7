"""Imports, and taking them back, one at a time: two files may name the same people and subjects."""

from django.db import OperationalError, connection, transaction

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext_lazy
from tandem.kit.transactions import met_another

LONGEST_WAIT = 5_000
"""So many milliseconds a page waits at least; most files are in by then."""
SOMEBODY_ELSE = gettext_lazy(
    "Somebody else is bringing people in from a spreadsheet just now, or taking them back. Nothing "
    "of yours was done. Look at it again in a moment: who is here by then does not come in twice."
)
LOCK = "SELECT pg_advisory_xact_lock(hashtext('tandem imports'))"
TRY = "SELECT pg_try_advisory_xact_lock(hashtext('tandem imports'))"
# A page gives up a lock after half a second, a command later.
PATIENCE = """SELECT current_setting('lock_timeout'), set_config('lock_timeout', greatest(%s,
  extract(epoch FROM current_setting('lock_timeout')::interval) * 1000)::int::text, true)"""


def wait_for_other_imports() -> None:
    """Wait for whoever brings a file in, or takes one back, until the transaction ends.

    ConflictError ``busy`` where that takes longer than somebody waits.
    """
    with connection.cursor() as cursor:
        cursor.execute(TRY)
        if cursor.fetchone() == (True,):
            return
        try:
            with transaction.atomic():  # whoever is told may ask the database still
                cursor.execute(PATIENCE, [LONGEST_WAIT])
                (before, _more) = cursor.fetchone()
                cursor.execute(LOCK)
        except OperationalError as error:
            if not met_another(error):
                raise
            raise ConflictError("busy", SOMEBODY_ELSE) from error
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
