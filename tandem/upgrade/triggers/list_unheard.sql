-- Lists the rows of one table in which the two sides differ, beside what is listed: no function, but
-- what `expand` and a backfill run for each table that the old side has, under their own plans.
--
-- ``{table}`` is its name; ``{said}`` and ``{shown}`` are the views of both sides, ``{there}`` is Tandem's
-- table. ``{unlike}`` names the columns in which the rows ``said`` and ``shown`` differ, but for those about
-- to be shown, of a row that is ``noted``. ``{only_new}`` are the ids of what the old side had and has no
-- more; ``{never_taken}`` says of ``said``, which Tandem lacks, whether it is a matter: a student or tutor
-- is none, since nothing of theirs can be shown.
INSERT INTO tandem_sync.unheard (source_table, source_id, columns)
SELECT {table}, id, columns FROM (
  SELECT said.id, array_remove(ARRAY[{unlike}], NULL) AS columns
  FROM {said} said JOIN {shown} shown ON shown.id = said.id
  LEFT JOIN tandem_sync.to_show noted ON noted.source_table = {table} AND noted.source_id = said.id
  WHERE NOT ({same})
  UNION ALL SELECT id, NULL FROM ({only_new}) gone
  UNION ALL SELECT said.id, NULL FROM {said} said LEFT JOIN {there} there ON there.id = said.id
  WHERE there.id IS NULL AND {never_taken}
) AS unheard
WHERE columns IS DISTINCT FROM '{}'
ON CONFLICT (source_table, source_id) DO UPDATE SET columns = CASE
  WHEN tandem_sync.unheard.columns IS NOT NULL AND excluded.columns IS NOT NULL
  THEN ARRAY(SELECT unnest(tandem_sync.unheard.columns) UNION SELECT unnest(excluded.columns)) END;
