"""Who read a student's record without teaching them: a line for each account, student and day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Lines go with the student and after their time; nobody rewrites one.
APPEND_ONLY = """
CREATE FUNCTION tandem_reads_are_not_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'who read a record is append-only'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'record_read_append_only';
END $$;
CREATE TRIGGER record_read_append_only BEFORE UPDATE ON people_recordread
  FOR EACH ROW EXECUTE FUNCTION tandem_reads_are_not_rewritten();
"""
NO_APPEND_ONLY = """
DROP TRIGGER record_read_append_only ON people_recordread;
DROP FUNCTION tandem_reads_are_not_rewritten();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0010_who_changed_what")]

    operations = [
        migrations.CreateModel(
            name="RecordRead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.student",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("student", "account", "day"), name="record_read_once_a_day"
                    )
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, NO_APPEND_ONLY),
    ]
