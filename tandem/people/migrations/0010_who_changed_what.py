"""Each change of a person, an account, a token or a setting is a line that nobody rewrites."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# One function writes the lines of all tables, each with a trigger that names its columns: whose
# row it is, what about it is told, and which columns are keys, of which only the change is told.
# Which account acts, the application says for its transaction (``tandem.actor``); nobody said:
# nobody is known. A connection that is ``quiet`` brings rows of an older application over.
# The row of a person tells no values when it is added or removed: it holds them itself, and who
# removes a person means it. Erasing takes the values of every line, and says so first.
FUNCTIONS = """
CREATE FUNCTION tandem_record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ELSE '{}' END;
  v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ELSE '{}' END;
  v_row jsonb := v_old || v_new;
  v_columns text[] := string_to_array(TG_ARGV[3], ' ');
  v_keys text[] := string_to_array(TG_ARGV[4], ' ');
  v_changed jsonb;
  v_values jsonb;
BEGIN
  SELECT jsonb_agg(c ORDER BY n),
    jsonb_object_agg(c, jsonb_build_array(v_old->c, v_new->c))
      FILTER (WHERE c <> ALL (v_keys) AND (TG_OP = 'UPDATE' OR TG_ARGV[1] <> 'id'))
  INTO v_changed, v_values
  FROM unnest(v_columns || v_keys) WITH ORDINALITY AS named (c, n)
  WHERE coalesce(v_old->c, 'null') <> coalesce(v_new->c, 'null');
  IF v_changed IS NULL THEN  -- a row that says nothing yet of what is told
    RETURN NULL;
  END IF;
  INSERT INTO people_change
    (what, about, about_id, table_name, row_id, columns, "values", actor_id, at)
  VALUES (
    CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END,
    TG_ARGV[0], v_row->>TG_ARGV[1], TG_TABLE_NAME, v_row->>TG_ARGV[2],
    v_changed, v_values,
    nullif(current_setting('tandem.actor', true), ''), clock_timestamp());
  RETURN NULL;
END $$;
CREATE FUNCTION tandem_changes_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('tandem.erasing', true) = 'yes'
    AND NEW."values" IS NULL
    AND to_jsonb(NEW) - 'values' = to_jsonb(OLD) - 'values' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the history of changes is append-only'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'change_append_only';
END $$;
CREATE TRIGGER change_append_only BEFORE UPDATE OR DELETE ON people_change
  FOR EACH ROW EXECUTE FUNCTION tandem_changes_are_append_only();
"""
NO_FUNCTIONS = """
DROP FUNCTION tandem_record_change();
DROP TRIGGER change_append_only ON people_change;
DROP FUNCTION tandem_changes_are_append_only();
"""
LOUD = "current_setting('tandem.quiet', true) IS DISTINCT FROM 'on'"
TRIGGERS = """
CREATE TRIGGER tandem_record_new AFTER INSERT ON {table}
  FOR EACH ROW WHEN ({loud}) EXECUTE FUNCTION tandem_record_change({arguments});
CREATE TRIGGER tandem_record_change AFTER UPDATE ON {table}
  FOR EACH ROW WHEN ({loud} AND ({old}) IS DISTINCT FROM ({new}))
  EXECUTE FUNCTION tandem_record_change({arguments});
CREATE TRIGGER tandem_record_removed AFTER DELETE ON {table}
  FOR EACH ROW WHEN ({loud}) EXECUTE FUNCTION tandem_record_change({arguments});
"""
NO_TRIGGERS = """
DROP TRIGGER tandem_record_new ON {table};
DROP TRIGGER tandem_record_change ON {table};
DROP TRIGGER tandem_record_removed ON {table};
"""
# Table: whose row it is, in which column that stands, its own key, what is told, what is a key.
RECORDED = {
    "people_student": (
        "student",
        "id",
        "id",
        "full_name year active email phone auth_subject parent_email time_zone",
        "parent_link_token",
    ),
    "people_parentlink": ("student", "student_id", "student_id", "last_day", ""),
    "people_parent": (
        "student",
        "student_id",
        "id",
        "student_id full_name email phone auth_subject",
        "",
    ),
    "people_tutor": (
        "tutor",
        "id",
        "id",
        "full_name email phone user_id auth_subject stripe_customer_id capacity time_zone active",
        "",
    ),
    "people_tutorsubject": ("tutor", "tutor_id", "id", "subject_id level", ""),
    "people_account": ("account", "id", "id", "email full_name is_owner is_active", "password"),
    "people_apitoken": (
        "account",
        "account_id",
        "id",
        "name read_only expires_at revoked_at",
        "token_hash",
    ),
    "people_subject": ("subject", "id", "id", "name", ""),
}


def triggers(table: str) -> migrations.RunSQL:
    about, owner, key, columns, secrets = RECORDED[table]
    names = [*columns.split(), *secrets.split()]
    sql = TRIGGERS.format(
        table=table,
        loud=LOUD,
        arguments=", ".join(f"'{one}'" for one in (about, owner, key, columns, secrets)),
        old=", ".join(f"OLD.{name}" for name in names),
        new=", ".join(f"NEW.{name}" for name in names),
    )
    return migrations.RunSQL(sql, NO_TRIGGERS.format(table=table))


class Migration(migrations.Migration):
    dependencies = [("people", "0009_newest_students_first")]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "what",
                    models.TextField(
                        choices=[
                            ("added", "Added"),
                            ("changed", "Changed"),
                            ("removed", "Removed"),
                        ]
                    ),
                ),
                ("about", models.TextField()),
                ("about_id", models.TextField()),
                ("table_name", models.TextField()),
                ("row_id", models.TextField()),
                ("columns", models.JSONField(default=list)),
                ("values", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        models.F("about_id"), models.F("id"), name="change_by_whom_it_is_about"
                    )
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        *map(triggers, RECORDED),
    ]
