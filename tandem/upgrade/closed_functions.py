"""Who may call Tandem's own functions: roles that are named, not everybody."""

from typing import Any

from django.db import connections

# PostgreSQL lets everybody execute a new function. Triggers fire for whoever writes all the same:
# the right is asked for when a trigger is made, not when it fires. What a trigger's condition calls
# is called as whoever writes, and so is what an index is made of: these stay open. They tell what
# their caller is, and what the letters of a name are.
STAY_OPEN = (
    "tandem_another_program",
    "tandem_letters_without_marks",
    "tandem_plain_letters",
    "tandem_name_order",
)
OPEN_TO_ALL = """
SELECT format('REVOKE EXECUTE ON ROUTINE %%s FROM PUBLIC', p.oid::regprocedure)
FROM pg_proc p
WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'tandem_')
  AND proname <> ALL (%s) AND pg_has_role(proowner, 'USAGE')
  AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a
    WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')
"""


def close_functions(*, using: str, **_signal: Any) -> None:
    """Take the right to call what migrations made from everybody; after each run of migrations."""
    with connections[using].cursor() as cursor:
        cursor.execute(OPEN_TO_ALL, [list(STAY_OPEN)])
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
