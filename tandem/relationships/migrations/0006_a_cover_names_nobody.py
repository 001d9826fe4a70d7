from django.db import migrations

# Whom somebody covers for is told by the history, by id. A name in the reason outlived its erasure.
NAMELESS = """
UPDATE relationships_tutorstudent SET end_reason = 'Cover'
WHERE kind = 'cover' AND end_reason LIKE 'Cover for %'
"""


class Migration(migrations.Migration):
    dependencies = [("relationships", "0005_writes_are_numbered")]

    operations = [migrations.RunSQL(NAMELESS, migrations.RunSQL.noop)]
