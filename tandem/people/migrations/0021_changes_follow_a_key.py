"""Whose key the older application changes keeps the history of changes, under the new key."""

from django.db import migrations

APPEND_ONLY = """
CREATE OR REPLACE FUNCTION tandem_changes_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('tandem.erasing', true) = 'yes'
    AND NEW."values" IS NULL
    AND to_jsonb(NEW) - 'values' = to_jsonb(OLD) - 'values' THEN
    RETURN NEW;
  END IF;{or_renamed}
  RAISE EXCEPTION 'the history of changes is append-only'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'change_append_only';
END $$;
"""
# An upgrade says tandem.renaming for its own transaction.
OR_RENAMED = """
  IF TG_OP = 'UPDATE' AND current_setting('tandem.renaming', true) = 'yes'
    AND to_jsonb(NEW) - ARRAY['about_id', 'row_id', 'values']
      = to_jsonb(OLD) - ARRAY['about_id', 'row_id', 'values'] THEN
    RETURN NEW;
  END IF;"""


class Migration(migrations.Migration):
    dependencies = [("people", "0020_calendars_of_tokens")]

    operations = [
        migrations.RunSQL(
            APPEND_ONLY.format(or_renamed=OR_RENAMED), APPEND_ONLY.format(or_renamed="")
        )
    ]
