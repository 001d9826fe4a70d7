"""O'Connor is found and sorted as OConnor, whichever apostrophe was typed, or none.

Indexes that are made of the function are made anew beside whoever writes.
"""

from typing import Any

from django.db import migrations

PLAIN = """
CREATE OR REPLACE FUNCTION tandem_plain_letters(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(name) = length(name) THEN {of_plain}
  ELSE tandem_letters_without_marks({of_others}) END
"""
WITH = PLAIN.format(of_plain='lower(name COLLATE "C")', of_others="name")
WITHOUT = PLAIN.format(
    of_plain="""translate(lower(name COLLATE "C"), '''`', '')""",
    of_others="""translate(name, '''`´‘’ʻʼ′', '')""",
)
MADE_OF_IT = """
SELECT format('%I.%I', schema.nspname, made.relname), indisvalid
FROM pg_index JOIN pg_class made ON made.oid = indexrelid
  JOIN pg_namespace schema ON schema.oid = made.relnamespace
WHERE schema.nspname = current_schema()
  AND pg_get_indexdef(indexrelid) ~ '\\mtandem_(plain_letters|name_order)\\M'
ORDER BY made.relname
"""


def make_indexes_anew(_: Any, schema_editor: Any) -> None:
    """Nobody waits for them; what an attempt that was broken off left of one is dropped."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(MADE_OF_IT)
        for name, is_whole in cursor.fetchall():
            cursor.execute(f"{'REINDEX' if is_whole else 'DROP'} INDEX CONCURRENTLY {name}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("people", "0025_lists_by_plain_letters")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, make_indexes_anew),
        migrations.RunSQL(WITHOUT, WITH),
        migrations.RunPython(make_indexes_anew, migrations.RunPython.noop),
    ]
