"""Where each student has no tutor but the new one, that one is primary on all days, however many."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("tandem.relationships.migrations.0013_who_had_nobody")
ONE_STUDENT = """cardinality(v_students) = 1 AND (
    SELECT count(*) FROM relationships_tutorstudent WHERE student_id = v_students[1]) = 1
"""
# One row for each student in the statement, and one in the table.
ONE_OF_EACH = """cardinality(v_students) = (SELECT count(*) FROM added)
    AND cardinality(v_students) = (
      SELECT count(*) FROM relationships_tutorstudent WHERE student_id = ANY (v_students))
"""
# Where rows go, nothing is ``added``: what names it is not even read there.
IS_ALONE = "  IF TG_OP = 'INSERT' AND " + ONE_STUDENT + "  THEN\n"
IS_ONE_OF_EACH = "  IF TG_OP = 'INSERT' THEN IF " + ONE_OF_EACH + "  THEN\n"
FOLLOW = BEFORE.FOLLOW.replace(IS_ALONE, IS_ONE_OF_EACH).replace(
    "    RETURN NULL;\n  END IF;\n", "    RETURN NULL;\n  END IF; END IF;\n"
)


class Migration(migrations.Migration):
    dependencies = [("relationships", "0013_who_had_nobody")]

    operations = [migrations.RunSQL(FOLLOW, BEFORE.FOLLOW)]
