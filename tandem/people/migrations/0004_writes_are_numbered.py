from django.db import migrations

# Whoever keeps an answer asks whether anything it was made of has been written since. A sequence
# takes no lock that a transaction holds, so that no writer waits for another; the number may rise
# for a write that is taken back, never stay for one that is not. The trigger comes after the rows,
# when the transaction has its number in the server's own list of those in progress.
COUNT = """
CREATE SEQUENCE tandem_writes;
CREATE FUNCTION tandem_count_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM nextval('tandem_writes');
  RETURN NULL;
END $$;
"""
NO_COUNT = "DROP FUNCTION tandem_count_write(); DROP SEQUENCE tandem_writes;"
TABLES = (
    "people_account",
    "people_tutor",
    "people_student",
    "people_subject",
    "people_tutorsubject",
    "people_parent",
    "people_subscription",
)


class Migration(migrations.Migration):
    dependencies = [("people", "0003_tutors_by_email")]

    operations = [
        migrations.RunSQL(COUNT, NO_COUNT),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER tandem_count_write AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
                f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION tandem_count_write()",
                f"DROP TRIGGER tandem_count_write ON {table}",
            )
            for table in TABLES
        ),
    ]
