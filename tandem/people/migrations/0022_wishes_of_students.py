"""What students who wait would like to learn is kept."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns

KEYS = """
ALTER TABLE people_learningwish ADD CONSTRAINT people_learningwish_of_student
  FOREIGN KEY (student_id) REFERENCES people_student (id) ON DELETE CASCADE;
ALTER TABLE people_learningwish ADD CONSTRAINT people_learningwish_of_subject
  FOREIGN KEY (subject_id) REFERENCES people_subject (id) ON DELETE CASCADE;
"""
NO_KEYS = """
ALTER TABLE people_learningwish DROP CONSTRAINT people_learningwish_of_subject;
ALTER TABLE people_learningwish DROP CONSTRAINT people_learningwish_of_student;
"""
LOUD = "current_setting('tandem.quiet', true) IS DISTINCT FROM 'on'"
TOLD = "tandem_record_change('student', 'student_id', 'id', 'subject_id level hours', '')"
RECORD = f"""
CREATE TRIGGER tandem_record_new AFTER INSERT ON people_learningwish
  FOR EACH ROW WHEN ({LOUD}) EXECUTE FUNCTION {TOLD};
CREATE TRIGGER tandem_record_change AFTER UPDATE ON people_learningwish
  FOR EACH ROW WHEN ({LOUD} AND (OLD.subject_id, OLD.level, OLD.hours)
    IS DISTINCT FROM (NEW.subject_id, NEW.level, NEW.hours))
  EXECUTE FUNCTION {TOLD};
CREATE TRIGGER tandem_record_removed AFTER DELETE ON people_learningwish
  FOR EACH ROW WHEN ({LOUD}) EXECUTE FUNCTION {TOLD};
"""
NO_RECORD = """
DROP TRIGGER tandem_record_new ON people_learningwish;
DROP TRIGGER tandem_record_change ON people_learningwish;
DROP TRIGGER tandem_record_removed ON people_learningwish;
"""
TOUCH = """
CREATE TRIGGER tandem_touch BEFORE UPDATE ON people_learningwish FOR EACH ROW
  WHEN (current_setting('tandem.application', true) IS DISTINCT FROM 'on'
    AND tandem_another_program() AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at)
  EXECUTE FUNCTION tandem_touch();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0021_changes_follow_a_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="LearningWish",
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
                (
                    "level",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("", "Level not stated"),
                            ("beginner", "Beginner"),
                            ("intermediate", "Intermediate"),
                            ("advanced", "Advanced"),
                            ("expert", "Expert"),
                        ],
                        db_default="",
                        default="",
                    ),
                ),
                ("hours", models.JSONField(blank=True, db_default=[], default=list)),
                (
                    "student",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="wishes",
                        to="people.student",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="people.subject",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="learningwish",
            constraint=models.UniqueConstraint(
                models.F("student"), models.F("subject"), name="learning_wish_of_a_subject_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="learningwish",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("level__in", ["", "beginner", "intermediate", "advanced", "expert"])
                ),
                name="learning_wish_level_known",
            ),
        ),
        migrations.RunSQL(KEYS, NO_KEYS),
        migrations.RunSQL(TOUCH, "DROP TRIGGER tandem_touch ON people_learningwish"),
        migrations.RunSQL(RECORD, NO_RECORD),
    ]
