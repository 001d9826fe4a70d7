"""A search for students finds them by their guardians, so these writes are counted, too."""

from django.db import migrations

TABLES = ("people_guardian", "people_guardianstudent")


class Migration(migrations.Migration):
    dependencies = [("people", "0017_parents_become_guardians")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER tandem_count_write AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION tandem_count_write()",
            f"DROP TRIGGER tandem_count_write ON {table}",
        )
        for table in TABLES
    ]
