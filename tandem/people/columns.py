"""Columns that several tables share."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from tandem.kit.ids import new_id


class NewId(models.Func):
    """An id that the database makes, of the same form as ``new_id``."""

    function = "tandem_new_id"
    arity = 0
    output_field = models.TextField()


class Today(models.Func):
    """The date where the business is, as the database knows it (see ``BusinessZone``)."""

    function = "tandem_today"
    arity = 0
    output_field = models.DateField()


def id_field() -> "models.TextField[str, str]":
    """Return the key every table has: text, because rows of an older database keep theirs."""
    return models.TextField(primary_key=True, default=new_id, db_default=NewId(), editable=False)


class IdHash(models.Func):
    """64 bits of a hash of an id, for exclusion constraints.

    GiST compares and checks a number about three times as fast as a text, and two ids of one
    business share a hash with a probability of less than one in a million million.
    """

    function = "HASHTEXTEXTENDED"
    arity = 1
    template = "%(function)s(%(expressions)s, 0)"
    output_field = models.BigIntegerField()


class Timestamped(models.Model):
    """A row that knows when it was made and last changed.

    ``save`` keeps ``updated_at``; the database does for writes of other programs.
    """

    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        abstract = True


class Importable(models.Model):
    """A row that may have come from an older database and break a rule that Tandem has.

    ``legacy_fault`` names the broken rules, separated by spaces. Constraints hold for every row
    where it is empty; the others are shown under "Needs attention" and never dropped.
    """

    legacy_fault = models.TextField(default="", db_default="", blank=True, editable=False)

    class Meta:
        abstract = True
