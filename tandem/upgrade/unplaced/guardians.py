"""Parents of the older application as guardians, at the points where no old row is written."""

import psycopg


def make_guardians(connection: psycopg.Connection) -> int:
    """Make guardians of the parents who are none yet; return how many were made.

    Of a parent's account, and of a student's address for the parents. Nobody is made twice, however
    the guardian was changed since.
    """
    row = connection.execute("SELECT tandem_make_guardians()").fetchone()
    return row[0] if row else 0
