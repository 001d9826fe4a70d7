"""What an upgrade leaves behind: rows that fit nowhere yet, and a record of each replacement."""

from django.db import models
from django.utils import timezone

from tandem.people.columns import id_field


class UnlinkedLegacyRow(models.Model):
    """An imported row that no relationship can hold, whole, until a person says where it goes."""

    id = id_field()
    source_table = models.TextField()
    source_id = models.TextField()
    row = models.JSONField()
    reason = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "source_table", "source_id", "reason", name="unlinked_row_listed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_table} {self.source_id}: {self.reason}"


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
