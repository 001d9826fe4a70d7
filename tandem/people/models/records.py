"""What is kept of what was done: changes, reads and counts; and the business's zone."""

from django.db import models
from django.db.models import F, Q

from tandem.kit.language import gettext_lazy
from tandem.people.models.accounts import Account
from tandem.people.models.students import Student


class Change(models.Model):
    """One change of a person, an account, a token or a subject, written by the database.

    Append-only: only an erasure empties ``values``, where column names lead to [from, to]. A key
    (a link's token, a password) has its name in ``columns`` alone. No actor: no action made it.
    """

    class What(models.TextChoices):
        ADDED = "added", gettext_lazy("Added")
        CHANGED = "changed", gettext_lazy("Changed")
        REMOVED = "removed", gettext_lazy("Removed")

    id = models.BigAutoField(primary_key=True)
    what = models.TextField(choices=What)
    about = models.TextField()
    about_id = models.TextField()
    table_name = models.TextField()
    row_id = models.TextField()
    columns = models.JSONField(default=list)
    values = models.JSONField(null=True)
    # No key in the database: a change is never refused because of who made it.
    actor = models.ForeignKey(
        Account,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(F("about_id"), F("id"), name="change_by_whom_it_is_about")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}: {self.what}"


class RecordRead(models.Model):
    """Somebody who did not teach a student read the record on a day, ``at`` for the first time."""

    student = models.ForeignKey(
        Student, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    # No key in the database: a line outlives the account, which is then looked for in vain.
    account = models.ForeignKey(
        Account,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "account", "day"], name="record_read_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} read {self.student_id} on {self.day}"


class BusinessZone(models.Model):
    """The business's time zone, of which the database's own ``tandem_today()`` tells the date.

    The setting says it; it is noted here whenever migrations have run. There is one row.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="business_zone_is_the_only_one")
        ]

    def __str__(self) -> str:
        return self.name


class RequestCount(models.Model):
    """How often somebody did something in a window of time.

    The table is unlogged: counting costs no wait for the disk, and a crash forgives everybody.
    """

    who = models.TextField(primary_key=True)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.who}: {self.count}"
