"""Where many relationships are new in one statement, chance is asked for once for their primary days."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("tandem.relationships.migrations.0014_each_the_only_one")
# Making an id of chance takes longer than writing the row. So one is made for the statement: its
# first ten letters, which are the moment, are each row's, and hashed with a relationship's id it
# gives the other sixteen.
AN_ID = "left(v_chance, 10) || left(encode(sha256(convert_to(v_chance || id, 'UTF8')), 'hex'), 16)"
MOST_OF_IT = "student_id, id, started_on, until FROM ("
FOLLOW = (
    BEFORE.FOLLOW.replace("  v_from date[];\n", "  v_from date[];\n  v_chance text;\n", 1)
    .replace(
        "    INSERT INTO relationships_primaryperiod (student_id,",
        "    v_chance := tandem_new_id();\n"
        "    INSERT INTO relationships_primaryperiod (id, student_id,",
        1,
    )
    .replace("SELECT " + MOST_OF_IT, "SELECT " + AN_ID + ",\n      " + MOST_OF_IT, 1)
)


class Migration(migrations.Migration):
    dependencies = [("relationships", "0014_each_the_only_one")]

    operations = [migrations.RunSQL(FOLLOW, BEFORE.FOLLOW)]
