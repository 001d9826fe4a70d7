from django.db import migrations

# `erase` removes a person's data for good, history included, and says so first by setting
# tandem.erasing for its own transaction; nothing else may change or delete a line of history.
REFUSE = """
CREATE FUNCTION tandem_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('tandem.erasing', true) = 'yes' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the history of a relationship is append-only'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'relationship_event_append_only';
END $$;
CREATE TRIGGER relationship_event_append_only
  BEFORE UPDATE OR DELETE ON relationships_relationshipevent
  FOR EACH ROW EXECUTE FUNCTION tandem_history_is_append_only();
"""
ALLOW = """
DROP TRIGGER relationship_event_append_only ON relationships_relationshipevent;
DROP FUNCTION tandem_history_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("relationships", "0001_who_teaches_whom")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
