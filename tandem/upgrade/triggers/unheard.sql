-- What the old application wrote while Tandem was alone, until a backfill has taken it: between a
-- rollback and the end of the backfill that follows the next `expand`.
--
-- Whatever is taken meanwhile may have other rows shown: a change of tutor its sessions, each with
-- all that Tandem says of it. Of a row in this list the old side keeps what it says otherwise.

-- ``columns`` are those in which the two sides differ; null: only one of them has the row.
CREATE TABLE IF NOT EXISTS tandem_sync.unheard (
  source_table text, source_id text, columns text[], PRIMARY KEY (source_table, source_id));

-- Rows of one table are taken, or let go: what is shown of them from now on comes after that.
CREATE OR REPLACE FUNCTION tandem_sync.hear(p_table text, p_ids text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT FROM tandem_sync.unheard) THEN
    DELETE FROM tandem_sync.unheard WHERE source_table = p_table AND source_id = ANY (p_ids);
  END IF;
END $$;

-- Whether the old application itself wrote the rows that are followed. It did not where Tandem shows
-- them, nor where a cascade or another trigger wrote: such a write is about some columns only, and must
-- not count as the old side's word for the others.
CREATE OR REPLACE FUNCTION tandem_sync.is_spoken()
RETURNS boolean
LANGUAGE sql STABLE AS $$
SELECT pg_trigger_depth() = 1
  AND current_setting('tandem.showing', true) IS DISTINCT FROM 'on'
  AND current_setting('tandem.hearing', true) IS DISTINCT FROM 'on' $$;
