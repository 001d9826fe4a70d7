from django.db import migrations, models

# The same link in another form (sealed, opened, sealed with a new key) is no change of it. Who
# writes it so says ``tandem.sealing`` for the transaction: what is known of the link stays, it
# need not be judged again, and no line says that anybody changed it.
NOT_SEALING = "current_setting('tandem.sealing', true) IS DISTINCT FROM 'on'"
LOUD = "current_setting('tandem.quiet', true) IS DISTINCT FROM 'on'"
TOLD = (
    "full_name year active email phone auth_subject parent_email time_zone",
    "parent_link_token",
)
COLUMNS = " ".join(TOLD).split()

TRIGGERS = """
CREATE OR REPLACE TRIGGER tandem_forget_parent_link
  AFTER UPDATE OF parent_link_token ON people_student
  FOR EACH ROW WHEN ({0} OLD.parent_link_token IS DISTINCT FROM NEW.parent_link_token)
  EXECUTE FUNCTION tandem_forget_parent_link();
CREATE OR REPLACE TRIGGER tandem_note_changed_link
  AFTER UPDATE OF parent_link_token, full_name, email, parent_email ON people_student
  FOR EACH ROW WHEN ({0} NEW.parent_link_token IS NOT NULL AND
    (OLD.parent_link_token, OLD.full_name, OLD.email, OLD.parent_email) IS DISTINCT FROM
    (NEW.parent_link_token, NEW.full_name, NEW.email, NEW.parent_email))
  EXECUTE FUNCTION tandem_note_changed_link();
CREATE OR REPLACE TRIGGER tandem_record_change AFTER UPDATE ON people_student
  FOR EACH ROW WHEN ({0} {1} AND ({2}) IS DISTINCT FROM ({3}))
  EXECUTE FUNCTION tandem_record_change('student', 'id', 'id', '{4}', '{5}');
"""


def triggers(sealing: str) -> str:
    old, new = (", ".join(f"{row}.{name}" for name in COLUMNS) for row in ("OLD", "NEW"))
    return TRIGGERS.format(sealing, LOUD, old, new, *TOLD)


# Which links wait to be sealed: none, mostly, so the worker's look costs nothing.
WAITING = """
CREATE INDEX student_link_waits ON people_student (id)
WHERE NOT starts_with(parent_link_token, 'aes-siv:')
  AND octet_length(parent_link_token) BETWEEN 1 AND 1500
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0013_writes_of_other_programs")]

    operations = [
        migrations.AlterField(
            model_name="student",
            name="parent_link_token",
            field=models.TextField(
                blank=True, db_column="parent_link_token", null=True, unique=True
            ),
        ),
        migrations.RenameField("student", "parent_link_token", "kept_link"),
        migrations.RunSQL(triggers(f"{NOT_SEALING} AND"), triggers("")),
        migrations.RunSQL(WAITING, "DROP INDEX student_link_waits"),
    ]
