"""Guardians: the adults of students."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns

KEYS = """
ALTER TABLE people_guardianstudent ADD CONSTRAINT people_guardianstudent_of_student
  FOREIGN KEY (student_id) REFERENCES people_student (id) ON DELETE CASCADE;
ALTER TABLE people_guardianstudent ADD CONSTRAINT people_guardianstudent_of_guardian
  FOREIGN KEY (guardian_id) REFERENCES people_guardian (id) ON DELETE CASCADE;
"""
NO_KEYS = """
ALTER TABLE people_guardianstudent DROP CONSTRAINT people_guardianstudent_of_guardian;
ALTER TABLE people_guardianstudent DROP CONSTRAINT people_guardianstudent_of_student;
"""
# Who deletes or erases a student, in whatever way, leaves no adult behind of whom nobody would know
# why they are kept; and of who is gone, the history keeps that there was somebody, not who.
# The lock lets two who take the last two students away do so one after the other.
FORGET = """
CREATE FUNCTION tandem_forget_guardian() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM people_guardian WHERE id = OLD.guardian_id FOR UPDATE;
  DELETE FROM people_guardian guardian WHERE guardian.id = OLD.guardian_id AND NOT EXISTS (
    SELECT FROM people_guardianstudent child WHERE child.guardian_id = guardian.id);
  RETURN NULL;
END $$;
CREATE TRIGGER tandem_forget_guardian AFTER DELETE ON people_guardianstudent
  FOR EACH ROW EXECUTE FUNCTION tandem_forget_guardian();
CREATE FUNCTION tandem_forget_changes_of_guardian() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_erasing text := coalesce(current_setting('tandem.erasing', true), '');
BEGIN
  PERFORM set_config('tandem.erasing', 'yes', true);
  UPDATE people_change SET "values" = NULL
  WHERE about_id = OLD.id AND about = 'guardian' AND "values" IS NOT NULL;
  PERFORM set_config('tandem.erasing', v_erasing, true);
  RETURN NULL;
END $$;
CREATE TRIGGER tandem_forget_changes_of_guardian AFTER DELETE ON people_guardian
  FOR EACH ROW EXECUTE FUNCTION tandem_forget_changes_of_guardian();
"""
NO_FORGET = """
DROP TRIGGER tandem_forget_changes_of_guardian ON people_guardian;
DROP FUNCTION tandem_forget_changes_of_guardian();
DROP TRIGGER tandem_forget_guardian ON people_guardianstudent;
DROP FUNCTION tandem_forget_guardian();
"""
LOUD = "current_setting('tandem.quiet', true) IS DISTINCT FROM 'on'"
# The same link sealed with a new key is no change of it.
NOT_SEALING = "current_setting('tandem.sealing', true) IS DISTINCT FROM 'on'"
RECORD = """
CREATE TRIGGER tandem_record_new AFTER INSERT ON {table}
  FOR EACH ROW WHEN ({loud}) EXECUTE FUNCTION tandem_record_change({arguments});
CREATE TRIGGER tandem_record_change AFTER UPDATE ON {table}
  FOR EACH ROW WHEN ({loud} AND {not_sealing} AND ({old}) IS DISTINCT FROM ({new}))
  EXECUTE FUNCTION tandem_record_change({arguments});
CREATE TRIGGER tandem_record_removed AFTER DELETE ON {table}
  FOR EACH ROW WHEN ({loud}) EXECUTE FUNCTION tandem_record_change({arguments});
"""
NO_RECORD = """
DROP TRIGGER tandem_record_new ON {table};
DROP TRIGGER tandem_record_change ON {table};
DROP TRIGGER tandem_record_removed ON {table};
"""
# Table: about whom, in which column that stands, its own key, what is told, what is a key.
RECORDED = {
    "people_guardian": (
        "guardian",
        "id",
        "id",
        "full_name email phone language notices",
        "link_token",
    ),
    "people_guardianstudent": ("student", "student_id", "id", "guardian_id", ""),
}
TOUCH = """
CREATE TRIGGER tandem_touch BEFORE UPDATE ON people_guardian FOR EACH ROW
  WHEN (current_setting('tandem.application', true) IS DISTINCT FROM 'on'
    AND tandem_another_program() AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at)
  EXECUTE FUNCTION tandem_touch();
"""


def recorded(table: str) -> migrations.RunSQL:
    about, owner, key, columns, secrets = RECORDED[table]
    names = [*columns.split(), *secrets.split()]
    sql = RECORD.format(
        table=table,
        loud=LOUD,
        not_sealing=NOT_SEALING,
        arguments=", ".join(f"'{one}'" for one in (about, owner, key, columns, secrets)),
        old=", ".join(f"OLD.{name}" for name in names),
        new=", ".join(f"NEW.{name}" for name in names),
    )
    return migrations.RunSQL(sql, NO_RECORD.format(table=table))


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0015_calendar_feeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Guardian",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "id",
                    models.TextField(
                        db_default=tandem.people.columns.NewId(),
                        default=tandem.kit.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("full_name", models.TextField(blank=True, db_default="", default="")),
                ("email", models.TextField(blank=True, null=True)),
                ("phone", models.TextField(blank=True, null=True)),
                ("language", models.TextField(blank=True, db_default="", default="")),
                ("notices", models.JSONField(blank=True, db_default=[], default=list)),
                (
                    "kept_link",
                    models.TextField(blank=True, db_column="link_token", null=True, unique=True),
                ),
                ("link_opened_on", models.DateField(blank=True, null=True)),
                ("email_refused_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="GuardianStudent",
            fields=[
                (
                    "id",
                    models.TextField(
                        db_default=tandem.people.columns.NewId(),
                        default=tandem.kit.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "guardian",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="children",
                        to="people.guardian",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="guardian_links",
                        to="people.student",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="guardian",
            name="students",
            field=models.ManyToManyField(
                related_name="guardians", through="people.GuardianStudent", to="people.student"
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianstudent",
            constraint=models.UniqueConstraint(
                models.F("student"), models.F("guardian"), name="guardian_of_a_student_once"
            ),
        ),
        migrations.AddIndex(
            model_name="guardian",
            index=models.Index(
                django.db.models.functions.text.Lower("full_name"),
                models.F("id"),
                name="guardian_by_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardian",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"), name="guardian_email_unique"
            ),
        ),
        migrations.RunSQL(KEYS, NO_KEYS),
        migrations.RunSQL(FORGET, NO_FORGET),
        migrations.RunSQL(TOUCH, "DROP TRIGGER tandem_touch ON people_guardian"),
        *map(recorded, RECORDED),
    ]
