"""No second index of a text key, for patterns: nobody asks for the beginning of an id."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("tandem.lessons.migrations.0003_no_second_index_for_patterns")
ROOMS = "^(people|relationships|lessons|upgrade)_"
DROP = BEFORE.DROP.replace(ROOMS, "^(people|relationships|lessons|upgrade|serving|api|web)_")


class Migration(migrations.Migration):
    dependencies = [
        ("upgrade", "0006_defaults_of_the_database"),
        ("people", "0027_guardians_of_many"),
        ("relationships", "0015_ids_of_many_periods"),
        ("lessons", "0030_people_from_a_spreadsheet"),
        ("serving", "0002_series_not_planned_ahead"),
        ("api", "0004_whose_access_an_answer_rests_on"),
        ("web", "0002_what_was_written_in_forms"),
    ]

    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
