from django.db import migrations, models

FUNCTION = """
CREATE FUNCTION tandem_list_unshown() RETURNS trigger LANGUAGE plpgsql AS $tandem$
BEGIN
  INSERT INTO upgrade_unshownrow (table_name, row_id) VALUES (TG_TABLE_NAME, NEW.id)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $tandem$"""


class Migration(migrations.Migration):
    dependencies = [("upgrade", "0004_rows_decided_about")]

    operations = [
        migrations.CreateModel(
            name="UnshownRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("table_name", models.TextField()),
                ("row_id", models.TextField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="unshownrow",
            constraint=models.UniqueConstraint(
                models.F("row_id"), models.F("table_name"), name="unshown_row_listed_once"
            ),
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION tandem_list_unshown()"),
    ]
