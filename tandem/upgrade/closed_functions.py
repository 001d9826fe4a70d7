"""Who may call Tandem's own functions: roles that are named, not everybody."""

from typing import Any

from django.db import connections

# PostgreSQL lets everybody execute a new function. Triggers fire for whoever writes all the same:
# the right is asked for when a trigger is made, not when it fires. What a trigger's condition calls
# is called as whoever writes, so that one function stays open; it tells what its caller is.
OPEN_TO_ALL = """
SELECT format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', p.oid::regprocedure)
FROM pg_proc p
WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'tandem_')
  AND proname <> 'tandem_another_program' AND pg_has_role(proowner, 'USAGE')
  AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a
    WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')
"""


def close_functions(*, using: str, **_signal: Any) -> None:
    """Take the right to call what migrations made from everybody; after each run of migrations."""
    with connections[using].cursor() as cursor:
        cursor.execute(OPEN_TO_ALL)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
