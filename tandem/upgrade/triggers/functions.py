"""How a function of the sync is written."""

import secrets

from tandem.upgrade.legacy.old_side import SYNC

FOR_PLANS_OF_OTHERS = (
    ("jit", "off"),  # up to PostgreSQL 17 the next setting makes every plan look worth compiling
    ("enable_seqscan", "off"),
    ("plan_cache_mode", "force_generic_plan"),
)
"""Functions that run in the old application's transactions bring their own settings along.

Its connections keep plans made while Tandem's tables were empty: what is right then must be right
when they are full. And a connection of its own should not plan each statement five times anew.
"""


def dollar_quote() -> str:
    """Return a quote for SQL in SQL that nothing in it can end: names of the old side stand there."""
    return f"$tandem_{secrets.token_hex(8)}$"


def rights(home: str) -> str:
    """SQL: a function acts with the rights of the upgrade's role, wherever it is called.

    ``home`` is the quoted name of the schema in which Tandem's tables are.
    """
    settings = " ".join(f"SET {name} = {value}" for name, value in FOR_PLANS_OF_OTHERS)
    return f"SECURITY DEFINER SET search_path = {home}, pg_temp {settings}"


def function(
    name: str,
    arguments: str,
    body: str,
    *,
    declare: str = "",
    returns: str = "void",
    rights: str = "",
    mark: str = "",
) -> str:
    """Return the SQL that makes a PL/pgSQL function of the sync, or replaces it.

    ``mark`` is a setting of Tandem's that is on while the function runs. The function sets it
    itself: only a superuser may tie a setting that the server does not know to a function.
    """
    if mark:
        declare, body = f"{declare} v_before text;", _marked(body, mark, returns)
    tag = dollar_quote()
    declared = f"DECLARE\n{declare.strip()}\n" if declare else ""
    return f"""CREATE OR REPLACE FUNCTION {SYNC}.{name}({arguments}) RETURNS {returns}
LANGUAGE plpgsql {rights} AS {tag}
#variable_conflict use_column
{declared}BEGIN
{body.strip()}
END {tag}"""


def _marked(body: str, mark: str, returns: str) -> str:
    """An error takes the setting back by itself, with all else that was done."""
    leave = "RETURN NULL;" if returns == "trigger" else "RETURN;"
    return f"""
  v_before := coalesce(current_setting('{mark}', true), '');
  PERFORM set_config('{mark}', 'on', true);
  <<marked>> BEGIN
  {body.strip().replace(leave, "EXIT marked;")}
  END marked;
  PERFORM set_config('{mark}', v_before, true);
  {leave}"""
