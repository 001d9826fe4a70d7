"""What families and tutors are told by mail, as rows: the switch, and letters that wait or went.

The database writes a row beside the lines of history that it tells of, in the same transaction: so
nothing is told of what was undone, and all that was done is told. A row holds ids alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from tandem.people.columns import id_field
from tandem.people.models import Account, Guardian, Tutor


def every_notice() -> list[str]:
    """Return each kind of notice that there is."""
    return [str(one.value) for one in Guardian.Notice]


def every_change() -> list[str]:
    """Return each kind of change that a tutor can be told of."""
    return ["planned", "moved", "cancelled", "covered"]


@contextmanager
def kept_from_families() -> Iterator[None]:
    """Let nothing be told of what this transaction does meanwhile.

    So are lessons planned on that come back without an end: of each there would be a letter every
    week, about a day half a year ahead. Reminders and summaries tell of them like of any other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tandem.untold', 'on', true)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tandem.untold', '', true)")


class NoticeSettings(models.Model):
    """Whether families are told, and of what; there is one row, or none: then of nothing."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    is_on = models.BooleanField(default=False, db_default=False)
    kinds = models.JSONField(default=every_notice)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name_plural = "notice settings"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="notice_settings_are_the_only_ones"),
        ]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"


class TutorNotices(models.Model):
    """What a tutor wants to be told of what others change in their diary; no row is all of it."""

    tutor = models.OneToOneField(
        Tutor,
        on_delete=models.DO_NOTHING,  # the database's own key cascades, for plain SQL too
        primary_key=True,
        related_name="notices",
        db_constraint=False,
    )
    kinds = models.JSONField(default=every_change)

    def __str__(self) -> str:
        return f"{self.tutor_id}: {', '.join(self.kinds)}"


class LetterText(models.Model):
    """What a business says in letters of a kind, in a language; what is empty Tandem says."""

    id = id_field()
    kind = models.TextField()
    language = models.TextField()
    subject = models.TextField(default="", blank=True)
    intro = models.TextField(default="", blank=True)
    closing = models.TextField(default="", blank=True)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", "language", name="letter_text_once_a_language"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.language}"


class Notice(models.Model):
    """One letter to one reader: of all that one transaction changed, or of a day or a week.

    The reader is a guardian, or the tutor whose diary others changed. A row with neither is of what
    was changed in diaries, until the worker has found out in whose. ``about`` are ids: of lines of
    history for ``changes`` and ``diary``, else of sessions. ``sent_at`` is also when it turned out
    that there is nothing to tell any more; ``failure`` why nobody tries again. With a
    ``handed_over_at`` it may have arrived already, whatever became of who handed it over.
    """

    class Kind(models.TextChoices):
        CHANGES = "changes", "What was changed"
        REMINDER = "reminder", "Reminder"
        SUMMARY = "summary", "Summary of a week"
        DIARY = "diary", "What others changed in a tutor's diary"

    id = id_field()
    kind = models.TextField(choices=Kind.choices)
    deed = models.TextField()
    """What it is of, for one letter to each: a transaction, a day, a week."""
    guardian = models.ForeignKey(
        Guardian,
        on_delete=models.DO_NOTHING,  # a trigger deletes; a key would let writes of lessons fail
        null=True,
        related_name="letters",
        db_constraint=False,
    )
    tutor = models.ForeignKey(
        Tutor,
        on_delete=models.DO_NOTHING,  # as for the guardian; the worker sweeps
        null=True,
        related_name="letters",
        db_constraint=False,
        db_index=False,
    )
    about = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now, db_default=Now())
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(default=timezone.now, db_default=Now())
    handed_over_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("guardian", "deed", name="notice_once_for_a_deed"),
            models.UniqueConstraint("tutor", "deed", name="notice_once_for_a_tutor"),
            models.UniqueConstraint(
                fields=["deed"],
                condition=Q(guardian__isnull=True, tutor__isnull=True),
                name="notice_once_for_all_diaries",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                name="notice_waits",
                condition=Q(sent_at__isnull=True, failure=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def reader(self) -> Guardian | Tutor | None:
        """Whom it goes to; None while that is to be found out."""
        return self.tutor or self.guardian


DAYS = {Notice.Kind.REMINDER: 1, Notice.Kind.SUMMARY: 7}
"""Of how many days of the business such a letter tells, from the one that its deed names."""
