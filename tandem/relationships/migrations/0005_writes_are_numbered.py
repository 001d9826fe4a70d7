from django.db import migrations

TABLES = (
    "relationships_tutorstudent",
    "relationships_relationshipevent",
)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_writes_are_numbered"),
        ("relationships", "0004_sessions_are_covered"),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER tandem_count_write AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION tandem_count_write()",
            f"DROP TRIGGER tandem_count_write ON {table}",
        )
        for table in TABLES
    ]
