from django.db import migrations, models

# Django's DatabaseCache reads and writes this table. What it holds may be lost: counts of sign-ins
# that failed. So writing it costs no wait for the disk.
SHARED_CACHE = """
CREATE UNLOGGED TABLE serving_cache (
  cache_key varchar(255) PRIMARY KEY,
  value text NOT NULL,
  expires timestamptz NOT NULL
);
CREATE INDEX serving_cache_expires ON serving_cache (expires);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("beat_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(SHARED_CACHE, "DROP TABLE serving_cache"),
    ]
