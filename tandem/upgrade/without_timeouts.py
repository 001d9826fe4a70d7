"""Connections that outlast the time limits of a server: an upgrade takes as long as it takes."""

import psycopg

# Asked for by name in pg_settings: older servers know but some of them.
NO_LIMITS = """
SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout',
  'transaction_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout')
"""


def without_timeouts(connection: psycopg.Connection) -> psycopg.Connection:
    """Lift the limits on how long ``connection`` may work or wait, and return it."""
    connection.execute(NO_LIMITS)
    return connection
