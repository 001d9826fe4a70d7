"""Where many parents become guardians at once, chance is asked for once for whose they are."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("tandem.people.migrations.0017_parents_become_guardians")
FUNCTION = (
    "CREATE OR REPLACE FUNCTION tandem_make_guardians"
    + (BEFORE.MAKE.split("CREATE FUNCTION tandem_make_guardians", 1)[1])
)
# As with the ids of primary periods: the moment is all rows', and sixteen letters of a hash are each's.
AN_ID = """left(v_chance, 10)
      || left(encode(sha256(convert_to(v_chance || found.guardian_id || ' ' || found.student_id, 'UTF8')), 'hex'), 16)"""
MAKE = FUNCTION.replace(
    "  v_made integer;\n", "  v_made integer;\n  v_chance text := tandem_new_id();\n", 1
).replace("SELECT tandem_new_id(), found", f"SELECT {AN_ID},\n    found", 1)


class Migration(migrations.Migration):
    dependencies = [("people", "0026_names_without_apostrophes")]

    operations = [migrations.RunSQL(MAKE, FUNCTION)]
