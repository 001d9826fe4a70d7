"""A relationship's status is what people decided; its dates alone make it ended.

Rows that said ``ended`` together with a date say again what was decided before, as their history
tells it. A large table is changed in small transactions and checked without a lock that others
would wait for; each step may be done twice, so that a migration that was broken off goes on. While
it runs an earlier version of Tandem is refused when it ends a relationship, and nothing else.
"""

from importlib import import_module

from django.db import migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Q

BEFORE = import_module("tandem.relationships.migrations.0009_writes_of_other_programs")
AT_ONCE = 1000
TABLE = "ALTER TABLE relationships_tutorstudent"
DATED = "tutor_student_ended_exactly_with_date"
DECIDED = "tutor_student_status_is_decided"
OPEN = "tutor_student_primary_is_open"
FAULTLESS = Q(legacy_fault="")
NO_END = Q(ended_on__isnull=True)

# An application of one's own may say ``ended`` as before: with its date that is an end.
CHECK = (
    BEFORE.CHECK.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace(
        "BEGIN\n",
        """BEGIN
  IF NEW.status = 'ended' AND NEW.ended_on IS NOT NULL THEN
    NEW.status := CASE WHEN TG_OP = 'UPDATE' AND OLD.status IN ('active', 'paused') THEN OLD.status
      ELSE 'active' END;
  END IF;
  v_begins := NEW.status IN ('active', 'paused') AND NEW.ended_on IS NULL;
""",
        1,
    )
    .replace(
        "v_begins := v_begins AND OLD.status NOT IN ('active', 'paused');",
        "v_begins := v_begins AND (OLD.status NOT IN ('active', 'paused')\n"
        "      OR OLD.ended_on IS NOT NULL AND OLD.legacy_fault = '');",
    )
    .replace(
        "AND (other.status <> 'ended' OR other.ended_on > from_day.day)",
        "AND (other.ended_on IS NULL OR other.ended_on > from_day.day\n"
        "          OR other.legacy_fault ~ '\\mend_date_on_open\\M')",
    )
    .replace(
        "AND (other.status IN ('active', 'paused')\n"
        "          OR other.status = 'ended' AND other.kind = 'regular')",
        "AND other.status IN ('active', 'paused')\n"
        "        AND (other.kind = 'regular' OR other.ended_on IS NULL)",
    )
)
GIVE_MARK = BEFORE.GIVE_MARK.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "AND legacy_fault = '' AND NOT EXISTS",
    "AND ended_on IS NULL AND legacy_fault = '' AND NOT EXISTS",
)
RECORD = BEFORE.RECORD.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    """  ELSIF v_set ? 'status' THEN
    v_what := CASE WHEN NEW.status = 'ended' THEN 'ended' WHEN NEW.status = 'declined' THEN 'declined'
      WHEN NEW.status = 'pending' THEN 'requested' WHEN OLD.status = 'ended' THEN 'reopened'
""",
    """  ELSIF NEW.ended_on IS NOT NULL AND OLD.ended_on IS NULL THEN
    v_what := 'ended';
  ELSIF NEW.ended_on IS NULL AND OLD.ended_on IS NOT NULL THEN
    v_what := 'reopened';
  ELSIF v_set ? 'status' THEN
    v_what := CASE WHEN NEW.status = 'ended' THEN 'ended' WHEN NEW.status = 'declined' THEN 'declined'
      WHEN NEW.status = 'pending' THEN 'requested' WHEN OLD.status = 'ended' THEN 'reopened'
""",
)
AS_BEFORE = "".join(
    one.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    for one in (BEFORE.CHECK, BEFORE.GIVE_MARK, BEFORE.RECORD)
)
# Nothing of it is anybody's change: no line of history, and nothing to be shown to an older
# application, which keeps the word that it has.
QUIET = (
    "SELECT set_config('tandem.quiet', 'on', true), set_config('tandem.application', 'on', true)"
)
# The last word of its history that is not the end itself. An end of which nobody knew the day left
# nothing of what had been decided before.
DECIDE = """
UPDATE relationships_tutorstudent link SET status = CASE WHEN told.status = 'paused' THEN 'paused'
  ELSE 'active' END
FROM (
  SELECT ended.id, (
    SELECT CASE WHEN line.details -> 'set' ->> 'status' = 'ended' THEN 'active'
      ELSE line.details -> 'set' ->> 'status' END
    FROM relationships_relationshipevent line
    WHERE line.relationship_id = ended.id AND line.details -> 'set' ? 'status'
      AND NOT (line.details -> 'set' ->> 'status' = 'ended'
        AND line.details -> 'set' -> 'ended_on' IS DISTINCT FROM 'null')
    ORDER BY line.id DESC LIMIT 1
  ) AS status
  FROM relationships_tutorstudent ended
  WHERE ended.status = 'ended' AND ended.ended_on IS NOT NULL
  ORDER BY ended.id LIMIT %s
) told
WHERE link.id = told.id
"""
# What an earlier version reads. What was decided before stands in the history alone again.
SAY_ENDED = r"""
UPDATE relationships_tutorstudent SET status = 'ended' WHERE id IN (
  SELECT id FROM relationships_tutorstudent
  WHERE status IN ('active', 'paused') AND ended_on IS NOT NULL
    AND legacy_fault !~ '\mend_date_on_open\M'
  ORDER BY id LIMIT %s
)
"""


def in_small_transactions(editor: BaseDatabaseSchemaEditor, statement: str) -> None:
    """Carry a statement out until it changes no row any more, each time in its own transaction."""
    changed = 1
    while changed:
        with transaction.atomic(editor.connection.alias), editor.connection.cursor() as cursor:
            cursor.execute(QUIET)
            cursor.execute(statement, [AT_ONCE])
            changed = cursor.rowcount


def decide(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Let each relationship that has an end say what was decided before."""
    del apps
    in_small_transactions(editor, DECIDE)


def say_ended(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Let each relationship that has an end say so, as it did before."""
    del apps
    in_small_transactions(editor, SAY_ENDED)


def dropped(name: str) -> str:
    return f"{TABLE} DROP CONSTRAINT IF EXISTS {name};"


def added(name: str, condition: str) -> str:
    """Return SQL that holds every new row to a condition, and those that are there unread."""
    return f"{dropped(name)} {TABLE} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID;"


OLD_DATED = "legacy_fault <> '' OR (status = 'ended') = (ended_on IS NOT NULL)"
OLD_OPEN = "NOT is_primary OR status IN ('active', 'paused')"
NEW_DECIDED = (
    "status IN ('active', 'paused')"
    " OR status IN ('pending', 'declined') AND (legacy_fault <> '' OR ended_on IS NULL)"
    " OR status = 'ended' AND legacy_fault <> '' AND ended_on IS NULL"
)
NEW_OPEN = (
    "NOT is_primary OR status IN ('active', 'paused') AND (legacy_fault <> '' OR ended_on IS NULL)"
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("relationships", "0010_primary_periods")]

    operations = [
        migrations.RunSQL(
            dropped(DATED), added(DATED, OLD_DATED) + f"{TABLE} VALIDATE CONSTRAINT {DATED}"
        ),
        migrations.RunSQL(CHECK + GIVE_MARK + RECORD, AS_BEFORE),
        migrations.RunPython(decide, say_ended),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(added(DECIDED, NEW_DECIDED), dropped(DECIDED)),
                migrations.RunSQL(
                    added(OPEN, NEW_OPEN),
                    added(OPEN, OLD_OPEN),
                ),
                migrations.RunSQL(f"{TABLE} VALIDATE CONSTRAINT {DECIDED}", migrations.RunSQL.noop),
                migrations.RunSQL(f"{TABLE} VALIDATE CONSTRAINT {OPEN}", migrations.RunSQL.noop),
            ],
            [
                migrations.RemoveConstraint("tutorstudent", DATED),
                migrations.RemoveConstraint("tutorstudent", OPEN),
                migrations.AddConstraint(
                    "tutorstudent",
                    models.CheckConstraint(
                        condition=Q(status__in=["active", "paused"])
                        | (Q(status__in=["pending", "declined"]) & (~FAULTLESS | NO_END))
                        | (Q(status="ended") & ~FAULTLESS & NO_END),
                        name=DECIDED,
                    ),
                ),
                migrations.AddConstraint(
                    "tutorstudent",
                    models.CheckConstraint(
                        condition=Q(is_primary=False)
                        | (Q(status__in=["active", "paused"]) & (~FAULTLESS | NO_END)),
                        name=OPEN,
                    ),
                ),
            ],
        ),
    ]
