"""What is held when: sessions, the series they come from, and when tutors are free or away."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import LessThanOrEqual

from tandem.kit.language import gettext_lazy
from tandem.lessons.open_times import Availability, Closure, TimeOff
from tandem.lessons.outbox import LetterText, Notice, NoticeSettings, TutorNotices
from tandem.lessons.policies import CancellationPolicy
from tandem.lessons.rules import LONGEST_SESSION
from tandem.people.columns import IdHash, Importable, Timestamped, id_field
from tandem.people.models import FAULTLESS, Account, Student, Tutor
from tandem.relationships.models import TutorStudent

__all__ = [
    "IN_THE_DIARY",
    "LASTS_AT_MOST_A_DAY",
    "LONGEST_SESSION",
    "Availability",
    "CancellationPolicy",
    "Closure",
    "Deed",
    "DeedPart",
    "HoursTaken",
    "LetterText",
    "Notice",
    "NoticeSettings",
    "Session",
    "SessionEvent",
    "SessionSeries",
    "TimeOff",
    "TutorNotices",
]


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

    The wall clock is kept, so an hour at 16:00 stays at 16:00 across a clock change. The rule is
    counted from ``first_date``; of its dates the series has those from ``starts_on`` up to, not
    on, ``ends_on`` (None: it goes on). Up to, not on, ``planned_until`` each date has had its
    session: one that has none now was left out, removed, or could not be, and is not made again.
    """

    id = id_field()
    tutor_student = models.ForeignKey(TutorStudent, on_delete=models.PROTECT, related_name="series")
    group = models.TextField(null=True, blank=True, db_column="group_id")
    """Series of one tutor with the same one are taught together; so are their sessions."""
    rule = models.TextField()
    first_date = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    planned_until = models.DateField()
    wall_time = models.TimeField()
    minutes = models.PositiveIntegerField()
    time_zone = models.TextField()
    title = models.TextField(null=True, blank=True)
    location = models.TextField(null=True, blank=True)
    meeting_link = models.TextField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "session series"
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__range=(1, 24 * 60)), name="series_minutes_of_a_session"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="series_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(
                "planned_until",
                name="series_to_top_up",
                condition=Q(ends_on__isnull=True) | Q(planned_until__lt=F("ends_on")),
            ),
            models.Index("group", name="series_by_group", condition=Q(group__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.rule} at {self.wall_time} {self.time_zone}"


class Session(Timestamped, Importable):
    """An hour of teaching, held by one relationship.

    ``tutor`` and ``student`` repeat the relationship's: a composite foreign key keeps the three
    equal, and exclusion constraints and diaries read them without a join.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", gettext_lazy("Scheduled")
        COMPLETED = "completed", gettext_lazy("Completed")
        CANCELLED = "cancelled", gettext_lazy("Cancelled")
        NO_SHOW = "no_show", gettext_lazy("No show")

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
    status = models.TextField(choices=Status, default=Status.SCHEDULED, db_default=Status.SCHEDULED)
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
    series_date = models.DateField(null=True, blank=True, editable=False)
    """The date of its series that it stands for, wherever it was moved."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "series_date"],
                name="session_once_in_series",
                condition=Q(series__isnull=False),
            ),
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


class SessionEvent(models.Model):
    """One line of a session's history: who changed it, and when. Append-only, by the database.

    It outlives its session, so it names the session and the student without a key.
    """

    class What(models.TextChoices):
        PLANNED = "planned", gettext_lazy("Planned")
        MOVED = "moved", gettext_lazy("Moved to other hours")
        RECORDED = "recorded", gettext_lazy("Recorded as held")
        MISSED = "missed", gettext_lazy("Recorded as missed")
        CANCELLED = "cancelled", gettext_lazy("Cancelled")
        REINSTATED = "reinstated", gettext_lazy("Planned again")
        EDITED = "edited", gettext_lazy("Something written about it was changed")
        COVERED = "covered", gettext_lazy("Covered by another tutor")
        HANDED_OVER = "handed_over", gettext_lazy("Handed over to another tutor")
        GIVEN_BACK = "given_back", gettext_lazy("Given back to the tutor before")
        REPAIRED = "repaired", gettext_lazy("Repaired after it came over wrong")
        REMOVED = "removed", gettext_lazy("Removed")

    id = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(
        Session,
        on_delete=models.DO_NOTHING,
        related_name="events",
        db_constraint=False,
        db_index=False,
    )
    student_id = models.TextField()
    what = models.TextField(choices=What)
    actor = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(db_default=Now())
    details = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index("session", "id", name="session_event_by_session"),
            models.Index("student_id", name="session_event_by_student"),
            models.Index(
                "id",
                name="session_event_by_families",
                condition=Q(details__cancellation__has_key="through"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} at {self.at:%Y-%m-%d %H:%M}"


class Deed(models.Model):
    """A wide change that somebody made at one go, so that it can be undone at one go."""

    class Kind(models.TextChoices):
        TRANSFER = "transfer", gettext_lazy("A student was transferred")
        HAND_OVER = "hand_over", gettext_lazy("All of a tutor's students were transferred")
        END = "end", gettext_lazy("A relationship was ended")
        COVER = "cover", gettext_lazy("Sessions were covered")
        SERIES_PLAN = "series_plan", gettext_lazy("Weekly lessons were planned")
        SERIES_EDIT = "series_edit", gettext_lazy("Weekly lessons were changed")
        SERIES_STOP = "series_stop", gettext_lazy("Weekly lessons were stopped")
        CLOSURE = "closure", gettext_lazy("Days were closed")
        TIME_OFF = "time_off", gettext_lazy("A tutor is away")
        ASSIGNMENT = "assignment", gettext_lazy("Students were given tutors")
        ABSENCE_ENDED = "absence_ended", gettext_lazy("A tutor is back early")
        IMPORT = "import", gettext_lazy("People were brought in from a spreadsheet")

    id = id_field()
    kind = models.TextField(choices=Kind)
    actor = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="deeds"
    )
    at = models.DateTimeField()
    about = models.TextField(default="", blank=True)
    """The id of what it made beside what it did to relationships: a closure's or a time off's.
    Of an import: students or tutors."""
    details = models.JSONField(default=dict, db_default={}, blank=True)
    """What undoing has to know beside what stands in the parts."""
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index("at", "id", name="deed_by_moment")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class DeedPart(models.Model):
    """What a deed did in one relationship, and what its undoing has to know.

    It may outlive the relationship, so it names that and the student without a key.
    """

    id = models.BigAutoField(primary_key=True)
    deed = models.ForeignKey(Deed, on_delete=models.CASCADE, related_name="parts")
    student_id = models.TextField()
    tutor_student_id = models.TextField()
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index("student_id", name="deed_part_by_student"),
            models.Index("tutor_student_id", name="deed_part_by_pairing"),
        ]

    def __str__(self) -> str:
        return f"{self.deed_id} in {self.tutor_student_id}"
