"""Secret addresses for calendar programs."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from tandem.people.columns import id_field
from tandem.people.models.accounts import Account, ApiToken
from tandem.people.models.students import Student


class CalendarFeed(models.Model):
    """A secret address at which calendar programs read sessions, until it is ended.

    A tutor's own or an owner's of everybody is of an ``account``; a family's of a ``student``. Of
    the secret only its hash is kept. A family's holds as long as the parents' link that it was made
    with, of which ``link_hash`` knows it; one that a ``token`` made holds as long as that opens.
    """

    class Kind(models.TextChoices):
        TUTOR = "tutor"
        OWNER = "owner"
        FAMILY = "family"

    id = id_field()
    kind = models.TextField(choices=Kind.choices)
    account = models.ForeignKey(
        Account, null=True, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    token = models.ForeignKey(
        ApiToken, null=True, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    student = models.ForeignKey(
        Student,
        null=True,
        on_delete=models.DO_NOTHING,  # the database deletes it, whoever deletes the student
        db_constraint=False,
        related_name="calendar_feeds",
    )
    secret_hash = models.TextField(unique=True)
    link_hash = models.TextField(default="", db_default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    last_read_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="family", account__isnull=True, student__isnull=False)
                | Q(kind__in=("tutor", "owner"), account__isnull=False, student__isnull=True),
                name="calendar_feed_of_an_account_or_a_family",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
