"""Which extensions of PostgreSQL an old schema needs: a dump of one schema leaves them out."""

from collections.abc import Iterable

import psycopg

# The members of extensions, arrays of their types among them; and what of the schema depends on
# one, but for the members themselves and what belongs to the tables that are left out. Unless told
# otherwise, the planner gathers the latter anew for each dependency.
NEEDED = """
WITH of_extension AS (
  SELECT classid, objid, refobjid AS extension FROM pg_depend
  WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
), member AS (
  SELECT * FROM of_extension UNION ALL
  SELECT classid, typarray, extension FROM of_extension JOIN pg_type ON pg_type.oid = objid
  WHERE classid = 'pg_type'::regclass AND typarray <> 0
), relation AS (
  SELECT c.oid FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
  JOIN pg_class whose ON whose.oid = coalesce(i.indrelid, c.oid)
  WHERE c.relnamespace = to_regnamespace(quote_ident(%(schema)s))
    AND whose.relname <> ALL (%(without)s)
), theirs (classid, objid) AS MATERIALIZED (
  SELECT 'pg_class'::regclass, oid FROM relation
  UNION ALL SELECT 'pg_attrdef'::regclass, d.oid FROM pg_attrdef d JOIN relation ON relation.oid = adrelid
  UNION ALL SELECT 'pg_constraint'::regclass, d.oid FROM pg_constraint d JOIN relation ON relation.oid = conrelid
  UNION ALL SELECT 'pg_rewrite'::regclass, d.oid FROM pg_rewrite d JOIN relation ON relation.oid = ev_class
  UNION ALL SELECT 'pg_trigger'::regclass, d.oid FROM pg_trigger d JOIN relation ON relation.oid = tgrelid
  UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type
    WHERE typnamespace = to_regnamespace(quote_ident(%(schema)s))
  UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc
    WHERE pronamespace = to_regnamespace(quote_ident(%(schema)s))
)
SELECT DISTINCT extname FROM theirs JOIN pg_depend d USING (classid, objid)
JOIN member ON member.classid = d.refclassid AND member.objid = d.refobjid
JOIN pg_extension ON pg_extension.oid = member.extension
WHERE extname <> 'plpgsql' AND NOT EXISTS (
  SELECT FROM member own WHERE own.classid = theirs.classid AND own.objid = theirs.objid)
ORDER BY 1
"""


def dumped_with(
    connection: psycopg.Connection, schema: str, *, without: Iterable[str] = ()
) -> list[str]:
    """Return the options by which pg_dump takes along what ``schema`` needs.

    ``without`` names the tables that are not dumped.
    """
    rows = connection.execute(NEEDED, {"schema": schema, "without": list(without)})
    return [f'--extension="{name}"' for (name,) in rows]
