"""Who is the primary tutor on which days: a table that the database keeps, whoever writes."""

from importlib import import_module

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns
import tandem.relationships.models

BEFORE = "tandem.relationships.migrations.0009_writes_of_other_programs"
# Of the students given: periods stay as they are as far as their relationship holds on their days;
# a relationship chosen has all its days from the date beside it; days without anybody go to who has
# the mark, or else to the oldest. Relationships with a fault count only where they have the mark.
# relationships/primaries.py says the same, and a test holds the two equal. One plan serves a
# statement of one row and one of 100,000, of which nothing is known: without nested loops and
# whole tables, which would hold each row against each.
ARRANGE = r"""
CREATE FUNCTION tandem_arrange_primaries(p_students text[], p_chosen text[], p_since date[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_nestloop = off SET enable_seqscan = off AS $$
DECLARE
  v_links text[];
  v_owners text[];
  v_days datemultirange[];
BEGIN
  WITH stored AS MATERIALIZED (
    SELECT tutor_student_id AS id, range_agg(daterange(starts_on, ends_on)) AS days
    FROM relationships_primaryperiod WHERE student_id = ANY (p_students) GROUP BY tutor_student_id
  ), link AS (
    SELECT held.id, held.student_id, held.is_primary, held.started_on,
      datemultirange(daterange(held.started_on, held.until)) AS days,
      datemultirange(daterange(chosen.since, NULL)) AS chosen, chosen.id IS NOT NULL AS is_chosen
    FROM (
      SELECT id, student_id, is_primary, started_on,
        CASE WHEN legacy_fault !~ '\mend_date_on_open\M' THEN ended_on END AS until
      FROM relationships_tutorstudent
      WHERE student_id = ANY (p_students) AND kind = 'regular' AND (legacy_fault = '' OR is_primary)
        AND (status IN ('active', 'paused') OR status = 'ended' AND ended_on IS NOT NULL)
    ) AS held LEFT JOIN unnest(p_chosen, p_since) AS chosen (id, since) ON chosen.id = held.id
    WHERE held.until IS NULL OR held.started_on < held.until
  ), owned AS (
    SELECT link.*, stored.days AS stored, CASE WHEN is_chosen
      THEN coalesce(link.days * stored.days, '{}') + link.days * chosen
      ELSE coalesce(link.days * stored.days, '{}') - coalesce(
        range_agg(link.days * chosen) FILTER (WHERE is_chosen) OVER (PARTITION BY student_id), '{}')
      END AS own
    FROM link LEFT JOIN stored ON stored.id = link.id
  ), filled AS (
    SELECT id, student_id, own + (days - range_agg(own) OVER (PARTITION BY student_id)
      - coalesce(range_agg(days) OVER (PARTITION BY student_id ORDER BY is_primary DESC, started_on, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '{}')) AS days
    FROM owned
  )
  SELECT array_agg(id), array_agg(filled.student_id), array_agg(coalesce(filled.days, '{}'))
  INTO v_links, v_owners, v_days FROM filled FULL JOIN stored USING (id)
  WHERE coalesce(filled.days, '{}') <> coalesce(stored.days, '{}');
  IF v_links IS NULL THEN RETURN; END IF;
  DELETE FROM relationships_primaryperiod WHERE tutor_student_id = ANY (v_links);
  INSERT INTO relationships_primaryperiod (student_id, tutor_student_id, starts_on, ends_on)
  SELECT wanted.owner, wanted.link, lower(period), upper(period)
  FROM unnest(v_links, v_owners, v_days) AS wanted (link, owner, days), unnest(wanted.days) AS period;
END $$;
"""
# A new relationship with the mark is the primary one from its first day on; one that is given the
# mark later, from today, unless tandem.primary_since says another day.
FOLLOW = """
CREATE FUNCTION tandem_primaries_follow() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET enable_nestloop = off AS $$
DECLARE
  v_since date := nullif(current_setting('tandem.primary_since', true), '')::date;
  v_students text[];
  v_chosen text[];
  v_from date[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT student_id), array_agg(id) FILTER (WHERE is_primary),
      array_agg(coalesce(v_since, started_on)) FILTER (WHERE is_primary)
    INTO v_students, v_chosen, v_from FROM added WHERE kind = 'regular' AND status <> 'pending';
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT array_agg(DISTINCT added.student_id),
      array_agg(added.id) FILTER (WHERE added.is_primary AND NOT removed.is_primary),
      array_agg(coalesce(v_since, tandem_today())) FILTER (WHERE added.is_primary AND NOT removed.is_primary)
    INTO v_students, v_chosen, v_from FROM added JOIN removed ON removed.id = added.id
    WHERE (added.status, added.started_on, added.ended_on, added.legacy_fault)
        IS DISTINCT FROM (removed.status, removed.started_on, removed.ended_on, removed.legacy_fault)
      OR added.is_primary AND NOT removed.is_primary;
  ELSE
    SELECT array_agg(DISTINCT student_id) INTO v_students FROM removed WHERE kind = 'regular';
  END IF;
  IF v_students IS NOT NULL THEN
    PERFORM tandem_arrange_primaries(v_students, v_chosen, v_from);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tandem_primaries_of_new AFTER INSERT ON relationships_tutorstudent
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tandem_primaries_follow();
CREATE TRIGGER tandem_primaries_of_changed AFTER UPDATE ON relationships_tutorstudent
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION tandem_primaries_follow();
CREATE TRIGGER tandem_primaries_of_removed AFTER DELETE ON relationships_tutorstudent
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tandem_primaries_follow();
DO $$ BEGIN
  EXECUTE format(
    'ALTER FUNCTION tandem_arrange_primaries(text[], text[], date[]) SET search_path = %I, pg_temp',
    current_schema()
  );
  EXECUTE format(
    'ALTER FUNCTION tandem_primaries_follow() SET search_path = %I, pg_temp', current_schema()
  );
END $$;
"""
NO_FOLLOW = """
DROP TRIGGER tandem_primaries_of_new ON relationships_tutorstudent;
DROP TRIGGER tandem_primaries_of_changed ON relationships_tutorstudent;
DROP TRIGGER tandem_primaries_of_removed ON relationships_tutorstudent;
DROP FUNCTION tandem_primaries_follow();
DROP FUNCTION tandem_arrange_primaries(text[], text[], date[]);
"""
# What is there: each time that somebody was made primary, in the order in which it happened.
FROM_HISTORY = """
DO $$
DECLARE
  v_line record;
BEGIN
  FOR v_line IN
    SELECT link.student_id, link.id, coalesce((line.details ->> 'primary_since')::date, CASE
      WHEN line.what IN ('started', 'transferred_in', 'imported')
        THEN (line.details -> 'set' ->> 'started_on')::date END, line.on_date) AS since
    FROM relationships_relationshipevent line
    JOIN relationships_tutorstudent link ON link.id = line.relationship_id
    WHERE line.details -> 'set' ->> 'is_primary' = 'true' OR line.details ? 'primary_since'
    ORDER BY line.id
  LOOP
    PERFORM tandem_arrange_primaries(ARRAY[v_line.student_id], ARRAY[v_line.id], ARRAY[v_line.since]);
  END LOOP;
  PERFORM tandem_arrange_primaries(array_agg(DISTINCT student_id), NULL, NULL)
  FROM relationships_tutorstudent;
END $$;
"""
TODAY = r"""
CREATE OR REPLACE VIEW relationships_today AS
SELECT own.id, own.tutor_id, own.student_id, today.day, state.state, state.state = 'active' AS active,
  EXISTS (
    SELECT FROM relationships_primaryperiod period WHERE period.tutor_student_id = own.id
      AND period.starts_on <= today.day AND (period.ends_on IS NULL OR period.ends_on > today.day)
  ) AS is_primary
FROM relationships_tutorstudent own
CROSS JOIN (SELECT tandem_today() AS day) today
CROSS JOIN LATERAL (SELECT CASE
  WHEN own.status IN ('pending', 'declined') THEN own.status
  WHEN own.status = 'ended' AND own.ended_on IS NULL THEN 'ended'
  WHEN own.ended_on <= today.day AND own.legacy_fault !~ '\mend_date_on_open\M' THEN 'ended'
  WHEN own.started_on > today.day THEN 'planned'
  WHEN own.status = 'ended' THEN 'active'
  ELSE own.status
END AS state) state
"""

NOT_TODAY = "DROP VIEW relationships_today;" + import_module(BEFORE).TODAY


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0017_parents_become_guardians"),
        ("relationships", "0009_writes_of_other_programs"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrimaryPeriod",
            fields=[
                (
                    "id",
                    models.TextField(
                        db_default=tandem.people.columns.NewId(),
                        default=tandem.kit.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="primary_periods",
                        to="people.student",
                    ),
                ),
                (
                    "tutor_student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="primary_periods",
                        to="relationships.tutorstudent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gt", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="primary_period_has_days",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (tandem.people.columns.IdHash("student"), "="),
                            (tandem.relationships.models.DaysHeld("starts_on", "ends_on"), "&&"),
                        ],
                        name="primary_period_one_a_day",
                    ),
                ],
                "indexes": [
                    models.Index(models.F("student"), name="primary_period_of_student"),
                    models.Index(
                        models.F("tutor_student"),
                        models.F("starts_on"),
                        name="primary_period_of_link",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ARRANGE + FOLLOW, NO_FOLLOW),
        migrations.RunSQL(FROM_HISTORY, migrations.RunSQL.noop),
        migrations.RunSQL(TODAY, NOT_TODAY),
    ]
