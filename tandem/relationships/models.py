"""Who teaches whom: one row for each pairing, and the history of each."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from tandem.kit.language import gettext_lazy
from tandem.people.columns import IdHash, Importable, Timestamped, Today, id_field
from tandem.people.models import FAULTLESS, Account, Student, Subject, Tutor

END_IN_DOUBT = "end_date_on_open"
"""The fault of an end that an older database gave what it called open; it ends nothing."""


class DaysHeld(Func):
    """The days a relationship holds: from ``started_on`` up to, not on, ``ended_on``."""

    function = "DATERANGE"
    output_field = DateRangeField()


class TutorStudent(Timestamped, Importable):
    """A tutor teaches a student: since when, until when, what, and whether as the primary one."""

    class Status(models.TextChoices):
        PENDING = "pending", gettext_lazy("Requested")
        ACTIVE = "active", gettext_lazy("Active")
        PAUSED = "paused", gettext_lazy("Paused")
        ENDED = "ended", gettext_lazy("Ended")
        DECLINED = "declined", gettext_lazy("Declined")

    class Kind(models.TextChoices):
        REGULAR = "regular", gettext_lazy("Regular")
        COVER = "cover", gettext_lazy("Cover")

    OPEN = (Status.ACTIVE, Status.PAUSED)

    id = id_field()
    tutor = models.ForeignKey(Tutor, on_delete=models.PROTECT, related_name="relationships")
    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="relationships")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, blank=True)
    started_on = models.DateField(db_default=Today())
    ended_on = models.DateField(null=True, blank=True)
    status = models.TextField(choices=Status, default=Status.ACTIVE, db_default=Status.ACTIVE)
    is_primary = models.BooleanField(default=False, db_default=False)
    kind = models.TextField(choices=Kind, default=Kind.REGULAR, db_default=Kind.REGULAR)
    notes = models.TextField(null=True, blank=True)
    transferred_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="transferred_to"
    )
    end_reason = models.TextField(default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "active", "paused", "ended", "declined"]),
                name="tutor_student_status_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["regular", "cover"]), name="tutor_student_kind_known"
            ),
            # What people decided; its dates make it ended. That one has ended and nobody knows
            # when, or may have an end that never was, an import alone may say.
            models.CheckConstraint(
                condition=Q(status__in=["active", "paused"])
                | (Q(status__in=["pending", "declined"]) & (~FAULTLESS | Q(ended_on__isnull=True)))
                | (Q(status="ended") & ~FAULTLESS & Q(ended_on__isnull=True)),
                name="tutor_student_status_is_decided",
            ),
            models.CheckConstraint(
                condition=~FAULTLESS | Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="tutor_student_ends_not_before_start",
            ),
            models.CheckConstraint(
                condition=Q(is_primary=False)
                | (Q(status__in=["active", "paused"]) & (~FAULTLESS | Q(ended_on__isnull=True))),
                name="tutor_student_primary_is_open",
            ),
            models.UniqueConstraint(
                fields=["student"], condition=Q(is_primary=True), name="tutor_student_one_primary"
            ),
            models.UniqueConstraint(
                fields=["id", "tutor", "student"], name="tutor_student_pair_of_session"
            ),
            ExclusionConstraint(
                name="tutor_student_no_overlap",
                expressions=[
                    (IdHash("student"), RangeOperators.EQUAL),
                    (IdHash("tutor"), RangeOperators.EQUAL),
                    (IdHash(Coalesce("subject", Value(""))), RangeOperators.EQUAL),
                    (DaysHeld("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
                condition=FAULTLESS & ~Q(status="declined"),
            ),
        ]
        indexes = [models.Index("started_on", "id", name="tutor_student_by_start")]

    def __str__(self) -> str:
        return f"{self.tutor_id} teaches {self.student_id} ({self.status})"

    @property
    def is_open(self) -> bool:
        """Whether it goes on, active or paused, with no end known; a doubtful end is none."""
        has_end = self.ended_on is not None and END_IN_DOUBT not in self.legacy_fault.split()
        return self.status in self.OPEN and not has_end


class PrimaryPeriod(models.Model):
    """Which of a student's relationships is the primary one, on which days.

    The database keeps it (``tandem_arrange_primaries``), whoever writes: on each day on which a
    faultless regular relationship of the student holds, exactly one is primary. Adjoining days of
    one relationship are one row. ``relationships.primaries`` says the same in Python.
    """

    id = id_field()
    student = models.ForeignKey(
        Student, on_delete=models.DO_NOTHING, related_name="primary_periods", db_index=False
    )
    tutor_student = models.ForeignKey(
        TutorStudent,
        on_delete=models.DO_NOTHING,
        related_name="primary_periods",
        db_index=False,
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="primary_period_has_days",
            ),
            ExclusionConstraint(
                name="primary_period_one_a_day",
                expressions=[
                    (IdHash("student"), RangeOperators.EQUAL),
                    (DaysHeld("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index("student", name="primary_period_of_student"),
            models.Index("tutor_student", "starts_on", name="primary_period_of_link"),
        ]

    def __str__(self) -> str:
        return f"{self.tutor_student_id} from {self.starts_on} to {self.ends_on}"


class RelationshipEvent(models.Model):
    """One line of history. Append-only: the database refuses to change or delete a row.

    Its key is a number, unlike every other table's, because a log needs one order of its own.
    """

    class What(models.TextChoices):
        REQUESTED = "requested", gettext_lazy("Requested")
        ACCEPTED = "accepted", gettext_lazy("Accepted")
        DECLINED = "declined", gettext_lazy("Declined")
        STARTED = "started", gettext_lazy("Started")
        SUBJECT_CHANGED = "subject_changed", gettext_lazy("Subject changed")
        PAUSED = "paused", gettext_lazy("Paused")
        RESUMED = "resumed", gettext_lazy("Resumed")
        MADE_PRIMARY = "made_primary", gettext_lazy("Made primary")
        TRANSFERRED_OUT = "transferred_out", gettext_lazy("Transferred to another tutor")
        TRANSFERRED_IN = "transferred_in", gettext_lazy("Transferred from another tutor")
        COVERED = "covered", gettext_lazy("A session was covered by another tutor")
        ENDED = "ended", gettext_lazy("Ended")
        CORRECTED = "corrected", gettext_lazy("A date was corrected")
        REOPENED = "reopened", gettext_lazy("An end was taken back")
        REMOVED = "removed", gettext_lazy("A mistaken pairing was removed")
        IMPORTED = "imported", gettext_lazy("Brought over from the older application")

    id = models.BigAutoField(primary_key=True)
    # No key in the database: the history of a pairing that was removed stays. Its last line,
    # ``removed``, says in its details whose it was.
    relationship = models.ForeignKey(
        TutorStudent, on_delete=models.DO_NOTHING, related_name="events", db_constraint=False
    )
    what = models.TextField(choices=What)
    on_date = models.DateField(db_default=Today())
    actor = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True)
    at = models.DateTimeField(default=timezone.now, db_default=Now())
    details = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                KT("details__student"),
                name="event_of_removed_by_student",
                condition=Q(what="removed"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} on {self.on_date}"
