import django.db.models.deletion
from django.db import migrations, models

# What makes a link weak may change whenever its token, or what others know of the student, does;
# whoever writes it, the older application too. So the database notes that somebody has to look,
# and when: who looked at an earlier state takes no later note away.
NOTES = """
ALTER TABLE people_suspectlink ADD CONSTRAINT people_suspectlink_of_student
  FOREIGN KEY (student_id) REFERENCES people_student (id) ON DELETE CASCADE;
INSERT INTO people_suspectlink (student_id, noted_at)
SELECT id, clock_timestamp() FROM people_student WHERE parent_link_token IS NOT NULL;
CREATE FUNCTION tandem_note_new_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Without a target: a replacement fills the tables before their indexes are there.
  INSERT INTO people_suspectlink (student_id, noted_at)
  SELECT id, clock_timestamp() FROM added WHERE parent_link_token IS NOT NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER tandem_note_new_links AFTER INSERT ON people_student
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tandem_note_new_links();
CREATE FUNCTION tandem_note_changed_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO people_suspectlink (student_id, noted_at) VALUES (NEW.id, clock_timestamp())
  ON CONFLICT (student_id) DO UPDATE SET noted_at = excluded.noted_at;
  RETURN NULL;
END $$;
CREATE TRIGGER tandem_note_changed_link
  AFTER UPDATE OF parent_link_token, full_name, email, parent_email ON people_student
  FOR EACH ROW WHEN (NEW.parent_link_token IS NOT NULL AND
    (OLD.parent_link_token, OLD.full_name, OLD.email, OLD.parent_email) IS DISTINCT FROM
    (NEW.parent_link_token, NEW.full_name, NEW.email, NEW.parent_email))
  EXECUTE FUNCTION tandem_note_changed_link();
"""
NO_NOTES = """
DROP TRIGGER tandem_note_changed_link ON people_student;
DROP FUNCTION tandem_note_changed_link();
DROP TRIGGER tandem_note_new_links ON people_student;
DROP FUNCTION tandem_note_new_links();
ALTER TABLE people_suspectlink DROP CONSTRAINT people_suspectlink_of_student;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0007_signed_in_devices")]

    operations = [
        migrations.CreateModel(
            name="SuspectLink",
            fields=[
                (
                    "student",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="suspect_link",
                        serialize=False,
                        to="people.student",
                    ),
                ),
                ("noted_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(NOTES, NO_NOTES),
    ]
