"""What an upgrade leaves behind: rows that fit nowhere yet, and a record of each replacement."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tandem.people.columns import id_field
from tandem.people.models import Account


class UnlinkedLegacyRow(models.Model):
    """An imported row that no relationship can hold, whole, until a person says where it goes.

    ``decided_at``: somebody decided to leave it as it is.
    """

    id = id_field()
    source_table = models.TextField()
    source_id = models.TextField()
    row = models.JSONField()
    reason = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "source_table", "source_id", "reason", name="unlinked_row_listed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_table} {self.source_id}: {self.reason}"

    def moment(self, name: str) -> datetime | None:
        """Return the moment in one of the old columns, or None where there is none to be read."""
        try:
            moment = parse_datetime(str(self.row.get(name) or ""))
        except ValueError:  # what has the form of a date, of a day that there is not
            return None
        return moment if moment and moment.tzinfo else None


class Replacement(models.Model):
    """A finished complete replacement: where the rows came from and where their backup lies."""

    id = id_field()
    source = models.TextField()
    backup = models.TextField()
    backup_sha256 = models.TextField()
    mapping = models.JSONField()
    counts = models.JSONField()
    finished_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.source} at {self.finished_at}"


def last_replacement() -> Replacement | None:
    """Return the last complete replacement, if there was one."""
    return Replacement.objects.order_by("-finished_at").first()


class GradualUpgrade(models.Model):
    """How far the one gradual upgrade of this database is; there is at most one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    phase = models.TextField()
    old_schema = models.TextField()
    names = models.JSONField(default=dict)
    zone = models.TextField()
    is_return = models.BooleanField(default=False)
    cursor = models.TextField(null=True, blank=True)
    brought = models.JSONField(default=dict)
    seconds = models.FloatField(default=0)
    begun_at = models.DateTimeField(default=timezone.now)
    phase_since = models.DateTimeField(default=timezone.now)
    verified_at = models.DateTimeField(null=True, blank=True)
    differing = models.IntegerField(null=True, blank=True)
    # Nothing reads it. It stays while an older Tandem may share the database: its rollback writes it.
    rolled_back_at = models.DateTimeField(null=True, blank=True)
    backup = models.TextField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="gradual_upgrade_is_the_only_one")
        ]

    def __str__(self) -> str:
        return self.phase


class GoneFromOldSide(models.Model):
    """A tutor or student whom the old application deleted and Tandem keeps for its own reasons."""

    id = models.BigAutoField(primary_key=True)
    source_table = models.TextField()
    source_id = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("source_table", "source_id", name="gone_row_marked_once")
        ]

    def __str__(self) -> str:
        return f"{self.source_table} {self.source_id}"


class UnshownRow(models.Model):
    """A row that Tandem made while the old application did not share its database."""

    id = models.BigAutoField(primary_key=True)
    table_name = models.TextField()
    row_id = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint("row_id", "table_name", name="unshown_row_listed_once")
        ]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"
