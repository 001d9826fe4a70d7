"""Lists of students and guardians have indexes in the order in which people look for a name.

And students one by which a part of the name is found, where the server has PostgreSQL's own module
``pg_trgm`` or lets it be added: without it a search goes through all names.

Indexes are made beside whoever writes: nobody waits for them. What an attempt that was broken off
left behind is taken away first.
"""

from typing import Any

import django.db.models.functions
from django.db import migrations, models

ORDER = 'tandem_name_order(full_name) COLLATE "C"'
AWAY = "DROP INDEX CONCURRENTLY IF EXISTS {name}"
MADE = "CREATE INDEX CONCURRENTLY {name} ON {table} (({key}), id)"


def index(model: str, name: str, old: str) -> list[migrations.SeparateDatabaseAndState]:
    """Return the steps that put the index ``name`` in the place of the older one."""
    table = f"people_{model}"
    own = models.Index(
        django.db.models.functions.Collate(
            models.Func(
                models.F("full_name"),
                function="tandem_name_order",
                output_field=models.TextField(),
            ),
            "C",
        ),
        models.F("id"),
        name=name,
    )
    there = (AWAY.format(name=name), MADE.format(name=name, table=table, key=ORDER))
    back = (AWAY.format(name=old), MADE.format(name=old, table=table, key="lower(full_name)"))
    return [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(there, AWAY.format(name=name))],
            [migrations.AddIndex(model, own)],
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(AWAY.format(name=old), back)],
            [migrations.RemoveIndex(model, old)],
        ),
    ]


ADD_MODULE = """
DO $$ BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN NULL;
END $$
"""
MODULE = """
SELECT quote_ident(nspname) FROM pg_opclass JOIN pg_namespace n ON n.oid = opcnamespace
WHERE opcname = 'gin_trgm_ops'
"""
BY_LETTERS = """
CREATE INDEX CONCURRENTLY student_by_letters ON people_student
USING gin (tandem_plain_letters(full_name) {schema}.gin_trgm_ops)
"""


def find_by_parts(_apps: Any, schema_editor: Any) -> None:
    """Make the index, where it can be."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(AWAY.format(name="student_by_letters"))
        cursor.execute(ADD_MODULE)
        cursor.execute(MODULE)
        for (schema,) in cursor.fetchall():
            cursor.execute(BY_LETTERS.format(schema=schema))


def go_through_all(_apps: Any, schema_editor: Any) -> None:
    """Drop it; the module stays, others may need it."""
    schema_editor.execute(AWAY.format(name="student_by_letters"))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("people", "0024_names_in_plain_letters")]

    operations = [
        *index("student", "student_by_plain_name", "student_by_name"),
        *index("guardian", "guardian_by_plain_name", "guardian_by_name"),
        migrations.RunPython(find_by_parts, go_through_all),
    ]
