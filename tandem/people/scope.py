"""Who may see what, as one fragment of SQL for each kind of viewer (see ``scope.sql``)."""

from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from psycopg import sql

from tandem.kit.named_sql import NamedStatements
from tandem.people.days import teaches_on
from tandem.people.queries import Viewer

Seen = Literal["students", "tutors", "relationships", "sessions", "reached", "removed"]
SCOPE = NamedStatements(Path(__file__).with_name("scope.sql"))


class Role(StrEnum):
    """What kind of viewer somebody is; statements are put together once for each."""

    OWNER = "owner"
    TUTOR = "tutor"
    PARENT = "parent"
    NOBODY = "nobody"


def role_of(viewer: Viewer) -> Role:
    """Return what kind of viewer this is; somebody signed in who is neither sees nothing."""
    if viewer.is_owner:
        return Role.OWNER
    if viewer.student_id is not None:
        return Role.PARENT
    return Role.NOBODY if viewer.tutor_id is None else Role.TUTOR


def scope(role: Role, seen: Seen) -> sql.Composable:
    """Return the condition that a row of the table called as in ``Seen``, in the singular, is seen;
    for ``reached``, that one is told how to reach the family of a student who is; for ``removed``,
    the last line of history of a pairing that was removed.

    Its values are those of ``scope_values``.
    """
    if role in {Role.OWNER, Role.NOBODY}:
        return sql.SQL("true" if role is Role.OWNER else "false")
    taught = {"taught": teaches_on("taught"), "linked_taught": teaches_on("linked")}
    return SCOPE[f"{seen}_for_{role}"].format(**taught)


def scope_values(viewer: Viewer) -> dict[str, Any]:
    """Return the values that ``scope`` has words for."""
    return {
        "viewer_tutor_id": viewer.tutor_id,
        "viewer_student_id": viewer.student_id,
        "viewer_day": viewer.sees_on,
    }
