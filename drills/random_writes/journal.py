"""What is written to the old tables, and by whom: kept by triggers that share nothing with the sync."""

import re
from collections.abc import Sequence

import psycopg

OLD, UPGRADE = "the old application", "the upgrade"
"""Names of connections; any other is Tandem's."""
KEPT = {
    "Student": ("fullName", "year", "parentEmail", "parentLinkToken"),
    "Session": ("studentId", "startTime", "endTime", "notes", "homework"),
}
"""What only the old application and deeds in Tandem change."""

FUNCTION = f"""CREATE TABLE drill_wrong (what text);
CREATE TABLE drill_written (id bigint GENERATED ALWAYS AS IDENTITY, what text, key text, by_hand boolean,
  said jsonb, line text);
CREATE INDEX ON drill_written (what, key, id);
CREATE FUNCTION drill_watch() RETURNS trigger LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_old jsonb := to_jsonb(OLD); v_new jsonb := to_jsonb(NEW); v_row jsonb; v_student text;
  v_by text := current_setting('application_name'); v_owner text := TG_ARGV[0]; v_kept text[] := TG_ARGV[1];
BEGIN
  INSERT INTO drill_written (what, key, by_hand, said, line) VALUES (TG_TABLE_NAME, coalesce(NEW.id, OLD.id),
    v_by = '{OLD}' AND pg_trigger_depth() = 1, v_new, format(
    '%s %s by %s, depth %s, transaction %s, %s: %s', clock_timestamp(), TG_OP, v_by, pg_trigger_depth(),
    pg_current_xact_id(), current_setting('transaction_isolation'), v_new));
  IF v_by = '{OLD}' AND pg_trigger_depth() = 1 THEN RETURN NULL; END IF;
  v_row := coalesce(v_new, v_old);
  v_student := v_row ->> v_owner;
  IF EXISTS (SELECT FROM jsonb_object_keys(v_row) key WHERE key NOT IN ('updatedAt', 'connectionId', 'tutorId')
      AND v_old -> key IS DISTINCT FROM v_new -> key)
    AND NOT EXISTS (SELECT FROM people_student WHERE id = v_student)
    AND (TG_OP <> 'DELETE' OR EXISTS (SELECT FROM "Student" WHERE id = v_student))
  THEN
    INSERT INTO drill_wrong VALUES (format('%s of %s %s, of %s, whom Tandem lacks, by %s: %s became %s',
      TG_OP, TG_TABLE_NAME, v_row ->> 'id', v_student, v_by, v_old, v_new));
  END IF;
  IF TG_OP = 'UPDATE' AND v_by IN ('{OLD}', '{UPGRADE}')
    AND EXISTS (SELECT FROM unnest(v_kept) AS unnest (key)
      WHERE v_old -> unnest.key IS DISTINCT FROM v_new -> unnest.key AND (
      SELECT by_hand FROM drill_written WHERE what = TG_TABLE_NAME AND drill_written.key = OLD.id AND id > coalesce((
        SELECT max(id) FROM drill_written other WHERE other.what = TG_TABLE_NAME AND other.key = OLD.id
          AND (other.said -> unnest.key IS DISTINCT FROM v_old -> unnest.key)
          AND other.id < currval('drill_written_id_seq')), 0) ORDER BY id LIMIT 1))
  THEN
    INSERT INTO drill_wrong VALUES (format('%s %s was taken back in a transaction of %s: %s became %s',
      TG_TABLE_NAME, v_row ->> 'id', v_by, v_old, v_new));
  END IF;
  RETURN NULL;
END $$"""
DEED = f"""CREATE FUNCTION drill_deed() RETURNS trigger LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_name jsonb := jsonb_build_object('fullName', NEW.full_name);
BEGIN
  IF current_setting('application_name') NOT IN ('{OLD}', '{UPGRADE}') AND pg_trigger_depth() = 1 THEN
    INSERT INTO drill_written (what, key, by_hand, said, line) SELECT 'Student', NEW.id, false,
      coalesce((SELECT said FROM drill_written WHERE what = 'Student' AND key = NEW.id ORDER BY id DESC LIMIT 1), '{{}}')
      || v_name, format('%s a deed in Tandem, transaction %s: %s', clock_timestamp(), pg_current_xact_id(), v_name);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER drill_deed AFTER UPDATE OF full_name ON people_student FOR EACH ROW
WHEN (OLD.full_name IS DISTINCT FROM NEW.full_name) EXECUTE FUNCTION drill_deed()"""
"""A new name that somebody gives in Tandem: while a return begins it is shown later, and by others."""
TRIGGER = """CREATE TRIGGER drill_watch AFTER INSERT OR UPDATE OR DELETE ON "{table}"
FOR EACH ROW EXECUTE FUNCTION drill_watch('{owner}', '{kept}')"""


def keep_journal(url: str) -> None:
    """Watch the old tables from now on."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FUNCTION.encode())
        connection.execute(DEED.encode())
        for table, columns in KEPT.items():
            owner = "id" if table == "Student" else "studentId"
            kept = "{" + ",".join(columns) + "}"
            connection.execute(TRIGGER.format(table=table, owner=owner, kept=kept).encode())


def story_of_writes(connection: psycopg.Connection, lines: Sequence[str]) -> list[str]:
    """Return all that was written of rows that one of ``lines`` names, in order."""
    words = sorted({word for line in lines for word in re.findall(r"[\w-]+", line)})
    found = connection.execute(
        "SELECT format('%%s %%s %%s', what, key, line) FROM drill_written WHERE key = ANY (%s) ORDER BY id",
        [words],
    )
    return [row[0] for row in found]


def wrong_writes(connection: psycopg.Connection) -> list[str]:
    """Return what was written by somebody who may not."""
    return [row[0] for row in connection.execute("SELECT what FROM drill_wrong")]
