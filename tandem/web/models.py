"""What the pages themselves remember: the forms that were carried out."""

from datetime import timedelta

from django.db import models

from tandem.people.models import Account

KEPT_FOR = timedelta(days=2)
"""How long a form that was carried out is remembered; `tandem worker` drops older ones."""


class SentForm(models.Model):
    """A form that was carried out, and the address it led to.

    The row is written in the transaction of what the form did. The same form sent again finds it,
    does nothing, and leads to the same place; of two at once the second waits for the first.
    """

    key = models.TextField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    led_to = models.TextField(default="")
    sent_at = models.DateTimeField(db_index=True)
    texts = models.TextField(default="", db_default="")
    """A keyed hash of what was written and chosen in it: it may be sent with something else."""

    def __str__(self) -> str:
        return f"{self.key} led to {self.led_to}"
