"""What begins and ends on one day holds on none, and is over before it begins: the view says so."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("tandem.relationships.migrations.0010_primary_periods").TODAY
TODAY = BEFORE.replace(
    "own.ended_on <= today.day AND", "own.ended_on <= greatest(today.day, own.started_on) AND"
)


class Migration(migrations.Migration):
    dependencies = [("relationships", "0011_status_is_what_was_decided")]

    operations = [migrations.RunSQL(TODAY, BEFORE)]
