from django.db import migrations

TABLES = (
    "lessons_session",
    "lessons_sessionseries",
    "lessons_availability",
    "lessons_timeoff",
)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_writes_are_numbered"),
        ("lessons", "0005_a_day_has_24_hours_on_every_clock"),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER tandem_count_write AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION tandem_count_write()",
            f"DROP TRIGGER tandem_count_write ON {table}",
        )
        for table in TABLES
    ]
