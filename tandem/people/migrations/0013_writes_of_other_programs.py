"""What the database does for writes that no action of Tandem's made: an application of one's own.

Tandem's own connections say that they are (``tandem.application``; through PgBouncer, by their
name): their actions judge and write the history themselves. So none of these triggers calls its
function for them, nor for what an upgrade brings over (``tandem.quiet``).
"""

from django.db import migrations

OTHER = (
    "current_setting('tandem.application', true) IS DISTINCT FROM 'on' AND tandem_another_program()"
)
# The server reads a trigger's condition anew for each statement, so that a long one costs a booking
# some 30 µs; what Tandem's own connections do not come to is asked in a function.
ANOTHER_PROGRAM = """
CREATE FUNCTION tandem_another_program() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN current_setting('tandem.quiet', true) IS DISTINCT FROM 'on'
    AND current_setting('application_name')
      NOT IN ('tandem web', 'tandem direct', 'tandem command');
END $$;
"""
TOUCH = """
CREATE FUNCTION tandem_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $$;
"""
# A fault names the rule that a row of an older database breaks, and lets it; nobody else may.
FAULTS = """
CREATE FUNCTION tandem_refuse_fault() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fault_is_of_an_import',
    MESSAGE = 'legacy_fault is written by an upgrade alone (constraint "fault_is_of_an_import")';
END $$;
"""
# The names of zones are those of Python: neither abbreviations nor rules such as 'CET-1'.
ZONES = """
CREATE FUNCTION tandem_check_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.time_zone !~ '^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$'
    OR NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = NEW.time_zone) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'time_zone_known',
      MESSAGE = format('%L is no time zone: say for instance Europe/Paris'
        ' (constraint "time_zone_known")', NEW.time_zone);
  END IF;
  RETURN NEW;
END $$;
"""
TOUCHED = (
    "people_tutor",
    "people_student",
    "people_parent",
    "people_subscription",
)
IMPORTABLE = ("people_tutor", "people_student")
NO_FUNCTIONS = """
DROP FUNCTION tandem_touch();
DROP FUNCTION tandem_refuse_fault();
DROP FUNCTION tandem_check_zone();
DROP FUNCTION tandem_another_program();
"""


def touch(table: str) -> migrations.RunSQL:
    """Keep ``updated_at``, unless whoever writes says it."""
    return migrations.RunSQL(
        f"CREATE TRIGGER tandem_touch BEFORE UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({OTHER} AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at)"
        " EXECUTE FUNCTION tandem_touch()",
        f"DROP TRIGGER tandem_touch ON {table}",
    )


def refuse_faults(table: str) -> migrations.RunSQL:
    """Refuse a fault that a row did not have."""
    return migrations.RunSQL(
        f"CREATE TRIGGER tandem_refuse_new_fault BEFORE INSERT ON {table} FOR EACH ROW"
        f" WHEN ({OTHER} AND NEW.legacy_fault <> '') EXECUTE FUNCTION tandem_refuse_fault();"
        f"CREATE TRIGGER tandem_refuse_fault BEFORE UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({OTHER} AND NEW.legacy_fault NOT IN ('', OLD.legacy_fault))"
        " EXECUTE FUNCTION tandem_refuse_fault()",
        f"DROP TRIGGER tandem_refuse_new_fault ON {table};"
        f"DROP TRIGGER tandem_refuse_fault ON {table}",
    )


def check_zones(table: str) -> migrations.RunSQL:
    """Refuse a zone that Tandem could not reckon with."""
    return migrations.RunSQL(
        f"CREATE TRIGGER tandem_check_zone BEFORE INSERT OR UPDATE OF time_zone ON {table}"
        f" FOR EACH ROW WHEN ({OTHER} AND NEW.time_zone <> '')"
        " EXECUTE FUNCTION tandem_check_zone()",
        f"DROP TRIGGER tandem_check_zone ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0012_defaults_of_the_database")]

    operations = [
        migrations.RunSQL(ANOTHER_PROGRAM + TOUCH + FAULTS + ZONES, NO_FUNCTIONS),
        *map(touch, TOUCHED),
        *map(refuse_faults, IMPORTABLE),
        *map(check_zones, IMPORTABLE),
    ]
