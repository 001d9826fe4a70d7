"""What another program leaves out, the database knows: ids, moments, what is usual."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns

# An id of the form of https://github.com/ulid/spec in lower case, as ``tandem.kit.ids.new_id`` makes
# it: ten letters of milliseconds in Crockford's base 32, and sixteen of chance. A random UUID has
# 122 bits of it; the five lowest of each of its bytes are taken, of which one bit is fixed.
NEW_ID = """
CREATE FUNCTION tandem_new_id() RETURNS text LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
DECLARE
  v_letters constant text := '0123456789abcdefghjkmnpqrstvwxyz';
  v_ms bigint := floor(date_part('epoch', clock_timestamp()) * 1000)::bigint;
  v_chance bytea := uuid_send(gen_random_uuid());
  v_id text := '';
BEGIN
  FOR n IN REVERSE 9 .. 0 LOOP
    v_id := v_id || substr(v_letters, ((v_ms >> (5 * n)) & 31)::int + 1, 1);
  END LOOP;
  FOR n IN 0 .. 15 LOOP
    v_id := v_id || substr(v_letters, (get_byte(v_chance, n) & 31) + 1, 1);
  END LOOP;
  RETURN v_id;
END $$
"""
# The date where the business is. Before its zone is noted, at the end of the very first
# migrations, nobody asks.
TODAY = """
CREATE FUNCTION tandem_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (now() AT TIME ZONE coalesce((SELECT name FROM people_businesszone), 'UTC'))::date
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0011_who_read_a_record"),
    ]

    operations = [
        migrations.CreateModel(
            name="BusinessZone",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("name", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="business_zone_is_the_only_one"
                    )
                ],
            },
        ),
        migrations.RunSQL(NEW_ID, "DROP FUNCTION tandem_new_id()"),
        migrations.RunSQL(TODAY, "DROP FUNCTION tandem_today()"),
        migrations.AlterField(
            model_name="account",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="full_name",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="account",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="is_active",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name="account",
            name="is_owner",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="name",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="read_only",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="parent",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AlterField(
            model_name="parent",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="parent",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, db_default=django.db.models.functions.datetime.Now()
            ),
        ),
        migrations.AlterField(
            model_name="signedindevice",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="student",
            name="active",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name="student",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AlterField(
            model_name="student",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="student",
            name="legacy_fault",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AlterField(
            model_name="student",
            name="time_zone",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="student",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, db_default=django.db.models.functions.datetime.Now()
            ),
        ),
        migrations.AlterField(
            model_name="student",
            name="year",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="subject",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, db_default=django.db.models.functions.datetime.Now()
            ),
        ),
        migrations.AlterField(
            model_name="tutor",
            name="active",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name="tutor",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AlterField(
            model_name="tutor",
            name="full_name",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="tutor",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="tutor",
            name="legacy_fault",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AlterField(
            model_name="tutor",
            name="time_zone",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="tutor",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, db_default=django.db.models.functions.datetime.Now()
            ),
        ),
        migrations.AlterField(
            model_name="tutorsubject",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="tutorsubject",
            name="level",
            field=models.TextField(
                blank=True,
                choices=[
                    ("", "Level not stated"),
                    ("beginner", "Beginner"),
                    ("intermediate", "Intermediate"),
                    ("advanced", "Advanced"),
                    ("expert", "Expert"),
                ],
                db_default="",
                default="",
            ),
        ),
    ]
