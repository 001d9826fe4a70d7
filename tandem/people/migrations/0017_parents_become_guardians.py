"""Whom an older application knew as parents become guardians; the rows they come from stay."""

from django.db import migrations

# Called here for the rows that are there, at the end of a replacement, when a gradual upgrade
# switches, and for one student where a row without a place is given one: never while an old
# application writes. What was made before is not made again: an address is known by itself,
# whatever its case, and a row by the id of what it was made of, however it was changed since. Of
# several parents with one address the account made first gives the name. What is so long that no
# index takes it is no address, and stays where it was. A link is made when an owner wants one.
MAKE = """
CREATE FUNCTION tandem_parents_said() RETURNS TABLE (id text, student_id text, full_name text,
  email text, phone text, rank integer, created_at timestamptz) LANGUAGE sql STABLE AS $$
  SELECT 'parent-' || parent.id, parent.student_id, left(btrim(parent.full_name), 300),
    CASE WHEN octet_length(parent.email) <= 1000 THEN nullif(btrim(parent.email), '') END,
    nullif(btrim(parent.phone), ''), 0, parent.created_at
  FROM people_parent parent
  UNION ALL
  SELECT 'parents-of-' || student.id, student.id, '', btrim(student.parent_email), NULL,
    1, student.created_at
  FROM people_student student WHERE btrim(student.parent_email) <> ''
    AND octet_length(student.parent_email) <= 1000
$$;
CREATE FUNCTION tandem_make_guardians(p_student text DEFAULT NULL) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_quiet text := coalesce(current_setting('tandem.quiet', true), '');
  v_before text[] := ARRAY(SELECT id FROM people_guardian);
  v_made integer;
BEGIN
  PERFORM set_config('tandem.quiet', 'on', true);
  INSERT INTO people_guardian
    (id, full_name, email, phone, language, notices, created_at, updated_at)
  SELECT DISTINCT ON (coalesce(lower(said.email), said.id))
    said.id, said.full_name, said.email, said.phone, '',
    '["planned", "moved", "cancelled", "covered", "reminder"]', said.created_at, now()
  FROM tandem_parents_said() said
  WHERE (p_student IS NULL OR said.student_id = p_student)
    AND NOT EXISTS (SELECT FROM people_guardian there WHERE there.id = said.id)
    AND NOT EXISTS (SELECT FROM people_guardian there WHERE lower(there.email) = lower(said.email))
  ORDER BY coalesce(lower(said.email), said.id), said.rank, said.created_at, said.id;
  GET DIAGNOSTICS v_made = ROW_COUNT;
  WITH said AS MATERIALIZED (
    SELECT said.* FROM tandem_parents_said() said
    WHERE (p_student IS NULL OR said.student_id = p_student)
      AND NOT EXISTS (SELECT FROM unnest(v_before) AS before (id) WHERE before.id = said.id)
  )
  INSERT INTO people_guardianstudent (id, guardian_id, student_id)
  SELECT tandem_new_id(), found.guardian_id, found.student_id FROM (
    SELECT there.id AS guardian_id, said.student_id
    FROM said JOIN people_guardian there ON lower(there.email) = lower(said.email)
    UNION
    SELECT there.id, said.student_id FROM said JOIN people_guardian there ON there.id = said.id
  ) AS found
  ON CONFLICT DO NOTHING;
  PERFORM set_config('tandem.quiet', v_quiet, true);
  RETURN v_made;
END $$;
"""
NO_MAKE = """
DROP FUNCTION tandem_make_guardians(text);
DROP FUNCTION tandem_parents_said();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0016_guardians")]

    operations = [
        migrations.RunSQL(MAKE, NO_MAKE),
        migrations.RunSQL("SELECT tandem_make_guardians()", migrations.RunSQL.noop),
    ]
