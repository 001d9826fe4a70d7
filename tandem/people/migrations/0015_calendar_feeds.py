"""Secret addresses at which calendar programs read sessions."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns

KEY = """
ALTER TABLE people_calendarfeed ADD CONSTRAINT people_calendarfeed_of_student
  FOREIGN KEY (student_id) REFERENCES people_student (id) ON DELETE CASCADE;
"""
NO_KEY = "ALTER TABLE people_calendarfeed DROP CONSTRAINT people_calendarfeed_of_student"
LOUD = "current_setting('tandem.quiet', true) IS DISTINCT FROM 'on'"
COLUMNS, KEYS = "kind ended_at", "secret_hash link_hash"
# One is an account's or a family's: the line of history is about whose it is.
RECORD = """
CREATE TRIGGER tandem_record_new{of} AFTER INSERT ON people_calendarfeed
  FOR EACH ROW WHEN ({loud} AND NEW.{owner} IS NOT NULL)
  EXECUTE FUNCTION tandem_record_change({arguments});
CREATE TRIGGER tandem_record_change{of} AFTER UPDATE ON people_calendarfeed
  FOR EACH ROW WHEN ({loud} AND NEW.{owner} IS NOT NULL AND
    (NEW.kind, NEW.ended_at, NEW.secret_hash, NEW.link_hash)
      IS DISTINCT FROM (OLD.kind, OLD.ended_at, OLD.secret_hash, OLD.link_hash))
  EXECUTE FUNCTION tandem_record_change({arguments});
CREATE TRIGGER tandem_record_removed{of} AFTER DELETE ON people_calendarfeed
  FOR EACH ROW WHEN ({loud} AND OLD.{owner} IS NOT NULL)
  EXECUTE FUNCTION tandem_record_change({arguments});
"""
NO_RECORD = """
DROP TRIGGER tandem_record_new{of} ON people_calendarfeed;
DROP TRIGGER tandem_record_change{of} ON people_calendarfeed;
DROP TRIGGER tandem_record_removed{of} ON people_calendarfeed;
"""


def recorded(of: str, about: str, owner: str) -> migrations.RunSQL:
    arguments = ", ".join(f"'{one}'" for one in (about, owner, "id", COLUMNS, KEYS))
    sql = RECORD.format(of=of, loud=LOUD, owner=owner, arguments=arguments)
    return migrations.RunSQL(sql, NO_RECORD.format(of=of))


class Migration(migrations.Migration):
    dependencies = [("people", "0014_parent_links_are_sealed")]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
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
                (
                    "kind",
                    models.TextField(
                        choices=[("tutor", "Tutor"), ("owner", "Owner"), ("family", "Family")]
                    ),
                ),
                ("secret_hash", models.TextField(unique=True)),
                ("link_hash", models.TextField(blank=True, db_default="", default="")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                ("last_read_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feeds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="calendar_feeds",
                        to="people.student",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("account__isnull", True), ("kind", "family"), ("student__isnull", False)
                    ),
                    models.Q(
                        ("account__isnull", False),
                        ("kind__in", ("tutor", "owner")),
                        ("student__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="calendar_feed_of_an_account_or_a_family",
            ),
        ),
        migrations.RunSQL(KEY, NO_KEY),
        recorded("", "account", "account_id"),
        recorded("_of_family", "student", "student_id"),
    ]
