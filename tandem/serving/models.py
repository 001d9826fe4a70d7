"""What the processes tell each other through the database."""

from django.db import models


class Heartbeat(models.Model):
    """When a process beside the web server last said that it is at work."""

    name = models.TextField(primary_key=True)
    beat_at = models.DateTimeField()
    not_planned = models.JSONField(default=list, db_default=[])
    """The ids of the series that the last round of planning ahead failed with."""

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at}"
