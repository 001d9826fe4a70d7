"""What the API itself remembers: answers that may be asked for again."""

from django.db import models

from tandem.people.columns import id_field
from tandem.people.models import Account


class KeptAnswer(models.Model):
    """The first answer to a write that carried an ``Idempotency-Key``.

    ``was_owner`` and ``taught`` (ids of students in it) are what let the account be told it.
    """

    id = id_field()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.TextField()
    request_hash = models.TextField()
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    was_owner = models.BooleanField(default=False, db_default=False)
    taught = models.JSONField(default=list, db_default=[])
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="kept_answer_key_unique")
        ]

    def __str__(self) -> str:
        return self.key
