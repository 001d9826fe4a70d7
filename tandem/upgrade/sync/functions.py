"""How a function of the sync is written."""

from tandem.upgrade.gradual.old_side import SYNC


def function(
    name: str,
    arguments: str,
    body: str,
    *,
    declare: str = "",
    returns: str = "void",
    rights: str = "",
) -> str:
    """Return the SQL that makes a PL/pgSQL function of the sync, or replaces it."""
    declared = f"DECLARE\n{declare.strip()}\n" if declare else ""
    return f"""CREATE OR REPLACE FUNCTION {SYNC}.{name}({arguments}) RETURNS {returns}
LANGUAGE plpgsql {rights} AS $tandem$
#variable_conflict use_column
{declared}BEGIN
{body.strip()}
END $tandem$"""
