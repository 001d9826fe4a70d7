"""The first tutor of a student is primary on all their days: that needs no arranging."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("tandem.relationships.migrations.0010_primary_periods")
# What tandem_arrange_primaries makes of a relationship beside which there is none. A statement of
# many rows of several students is arranged as before.
ALONE = r"""
  IF TG_OP = 'INSERT' AND cardinality(v_students) = 1 AND (
    SELECT count(*) FROM relationships_tutorstudent WHERE student_id = v_students[1]) = 1
  THEN
    INSERT INTO relationships_primaryperiod (student_id, tutor_student_id, starts_on, ends_on)
    SELECT student_id, id, started_on, until FROM (
      SELECT student_id, id, started_on,
        CASE WHEN legacy_fault !~ '\mend_date_on_open\M' THEN ended_on END AS until
      FROM added
      WHERE kind = 'regular' AND (legacy_fault = '' OR is_primary)
        AND (status IN ('active', 'paused') OR status = 'ended' AND ended_on IS NOT NULL)
    ) AS held
    WHERE until IS NULL OR started_on < until;
    RETURN NULL;
  END IF;
"""
FUNCTION = BEFORE.FOLLOW.split("CREATE TRIGGER", 1)[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
HEAD, TAIL = FUNCTION.split("  IF v_students IS NOT NULL THEN", 1)
SEARCH_PATH = """
DO $$ BEGIN
  EXECUTE format(
    'ALTER FUNCTION tandem_primaries_follow() SET search_path = %I, pg_temp', current_schema()
  );
END $$;
"""
FOLLOW = HEAD + ALONE.lstrip("\n") + "  IF v_students IS NOT NULL THEN" + TAIL + SEARCH_PATH


class Migration(migrations.Migration):
    dependencies = [("relationships", "0012_what_holds_on_no_day_is_over")]

    operations = [migrations.RunSQL(FOLLOW, FUNCTION + SEARCH_PATH)]
