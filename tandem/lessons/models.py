"""What is held when: sessions, the series they come from, and when tutors are free or away."""

from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual

from tandem.people.columns import IdHash, Importable, Timestamped, id_field
from tandem.people.models import FAULTLESS, Student, Tutor
from tandem.relationships.models import TutorStudent

LONGEST_SESSION = timedelta(hours=24)


class HoursTaken(Func):
    """The time that a session takes, its end not included."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


# The difference of two moments: a moment and a day together would be counted on the clock of
# whoever writes, where a day of spring has 23 hours.
LASTS_AT_MOST_A_DAY = LessThanOrEqual(
    ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=models.DurationField()),
    Value(LONGEST_SESSION),
)
IN_THE_DIARY = FAULTLESS & Q(status="scheduled")


class SessionSeries(Timestamped):
    """Sessions that come back: an RFC 5545 rule over wall-clock time in a zone.

    The wall clock is kept, so an hour at 16:00 stays at 16:00 across a clock change.
    """

    id = id_field()
    tutor_student = models.ForeignKey(TutorStudent, on_delete=models.PROTECT, related_name="series")
    rule = models.TextField()
    first_date = models.DateField()
    wall_time = models.TimeField()
    minutes = models.PositiveIntegerField()
    time_zone = models.TextField()
    title = models.TextField(null=True, blank=True)
    location = models.TextField(null=True, blank=True)
    meeting_link = models.TextField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "session series"

    def __str__(self) -> str:
        return f"{self.rule} at {self.wall_time} {self.time_zone}"


class Session(Timestamped, Importable):
    """An hour of teaching, held by one relationship.

    ``tutor`` and ``student`` repeat the relationship's: a composite foreign key keeps the three
    equal, and exclusion constraints and diaries read them without a join.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled"
        NO_SHOW = "no_show", "No show"

    id = id_field()
    tutor_student = models.ForeignKey(
        TutorStudent,
        on_delete=models.PROTECT,
        related_name="sessions",
        db_constraint=False,
        db_index=False,
    )
    tutor = models.ForeignKey(
        Tutor,
        on_delete=models.PROTECT,
        related_name="sessions",
        db_constraint=False,
        db_index=False,
    )
    student = models.ForeignKey(
        Student,
        on_delete=models.PROTECT,
        related_name="sessions",
        db_constraint=False,
        db_index=False,
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.TextField(choices=Status, default=Status.SCHEDULED)
    title = models.TextField(null=True, blank=True)
    notes = models.TextField(null=True, blank=True)
    homework = models.TextField(null=True, blank=True)
    location = models.TextField(null=True, blank=True)
    meeting_link = models.TextField(null=True, blank=True)
    progress = models.PositiveSmallIntegerField(null=True, blank=True)
    group = models.TextField(null=True, blank=True, db_column="group_id")
    series = models.ForeignKey(
        SessionSeries,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sessions",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["scheduled", "completed", "cancelled", "no_show"]),
                name="session_status_known",
            ),
            models.CheckConstraint(
                condition=~FAULTLESS | Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~FAULTLESS | Q(LASTS_AT_MOST_A_DAY),
                name="session_at_most_a_day",
            ),
            models.CheckConstraint(
                condition=Q(progress__isnull=True) | Q(progress__range=(1, 5)),
                name="session_progress_1_to_5",
            ),
            ExclusionConstraint(
                name="session_tutor_in_one_place",
                expressions=[
                    (IdHash("tutor"), RangeOperators.EQUAL),
                    (HoursTaken("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                    (IdHash(Coalesce("group", "id")), RangeOperators.NOT_EQUAL),
                ],
                condition=IN_THE_DIARY,
            ),
            ExclusionConstraint(
                name="session_student_in_one_place",
                expressions=[
                    (IdHash("student"), RangeOperators.EQUAL),
                    (HoursTaken("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=IN_THE_DIARY,
            ),
        ]
        indexes = [
            models.Index("tutor_student", "starts_at", name="session_by_relationship"),
            models.Index("tutor", "starts_at", name="session_by_tutor"),
            models.Index("student", "starts_at", name="session_by_student"),
            models.Index("starts_at", name="session_by_start"),
            models.Index("series", name="session_by_series", condition=Q(series__isnull=False)),
            models.Index("group", name="session_by_group", condition=Q(group__isnull=False)),
            models.Index("id", name="session_with_fault", condition=~FAULTLESS),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} ({self.status})"


class Availability(models.Model):
    """A tutor is free every week on a weekday (Monday is 0), between two wall-clock times."""

    id = id_field()
    tutor = models.ForeignKey(Tutor, on_delete=models.CASCADE, related_name="availability")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        verbose_name_plural = "availability"
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="availability_weekday"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")), name="availability_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}-{self.ends}"


class TimeOff(models.Model):
    """A tutor is away from one moment up to another."""

    id = id_field()
    tutor = models.ForeignKey(Tutor, on_delete=models.CASCADE, related_name="time_off")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.TextField(default="", blank=True)

    class Meta:
        verbose_name_plural = "time off"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="time_off_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"
