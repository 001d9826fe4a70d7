from django.db import migrations

# PostgreSQL lets everybody execute a new function. Triggers fire for whoever writes all the same:
# the right is asked for when a trigger is made, not when it fires.
FUNCTIONS = (
    "tandem_history_is_append_only()",
    "tandem_list_unshown()",
    "tandem_ulid(timestamptz, text)",
)
EACH = ", ".join(FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("relationships", "0002_history_is_append_only"),
        ("upgrade", "0005_rows_that_the_old_side_was_never_shown"),
    ]

    operations = [
        migrations.RunSQL(
            f"REVOKE EXECUTE ON FUNCTION {EACH} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {EACH} TO PUBLIC",
        )
    ]
