from django.db import migrations

# Django gives each text key a second index for LIKE 'a%'. Nobody asks for the beginning of an id,
# and each costs a bulk load and every insert as much as the first.
DROP = """
DO $$
DECLARE found text;
BEGIN
  FOR found IN
    SELECT quote_ident(schemaname) || '.' || quote_ident(indexname) FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename ~ '^(people|relationships|lessons|upgrade)_'
      AND indexname LIKE '%\\_like'
  LOOP
    EXECUTE 'DROP INDEX ' || found;
  END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0002_a_session_and_its_relationship_agree"),
        ("people", "0001_people_and_accounts"),
        ("relationships", "0001_who_teaches_whom"),
        ("upgrade", "0001_unlinked_rows_and_replacements"),
    ]

    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
