import django.db.models.deletion
from django.db import migrations, models

# Rows of students also go by plain SQL (the older application's deletes), so the key itself
# cascades; Django knows no such key. What is known of a link is of that link alone: whoever writes
# another token, Tandem or the older application, which knows no last day, begins anew.
KEY = """
ALTER TABLE people_parentlink ADD CONSTRAINT people_parentlink_of_student
  FOREIGN KEY (student_id) REFERENCES people_student (id) ON DELETE CASCADE;
CREATE FUNCTION tandem_forget_parent_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM people_parentlink WHERE student_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER tandem_forget_parent_link AFTER UPDATE OF parent_link_token ON people_student
  FOR EACH ROW WHEN (OLD.parent_link_token IS DISTINCT FROM NEW.parent_link_token)
  EXECUTE FUNCTION tandem_forget_parent_link();
"""
NO_KEY = """
DROP TRIGGER tandem_forget_parent_link ON people_student;
DROP FUNCTION tandem_forget_parent_link();
ALTER TABLE people_parentlink DROP CONSTRAINT people_parentlink_of_student;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_tokens_expire_and_addresses_change")]

    operations = [
        migrations.CreateModel(
            name="ParentLink",
            fields=[
                (
                    "student",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="parent_link",
                        serialize=False,
                        to="people.student",
                    ),
                ),
                ("last_day", models.DateField(blank=True, null=True)),
                ("opened_on", models.DateField(blank=True, null=True)),
                ("to_send", models.BooleanField(db_default=False, default=False)),
            ],
        ),
        migrations.RunSQL(KEY, NO_KEY),
    ]
