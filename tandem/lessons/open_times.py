"""When lessons can be: tutors' free hours and time off, and days on which nobody works."""

from django.db import models
from django.db.models import F, Q

from tandem.people.columns import id_field
from tandem.people.models import Tutor


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
    reason = models.TextField(default="", db_default="", blank=True)

    class Meta:
        verbose_name_plural = "time off"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="time_off_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"


class Closure(models.Model):
    """The business is closed from a day up to, not on, another, in its own zone."""

    id = id_field()
    name = models.TextField()
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="closure_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name
