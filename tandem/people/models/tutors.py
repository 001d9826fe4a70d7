"""Tutors, and what they teach."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Trim

from tandem.kit.language import gettext, gettext_lazy
from tandem.kit.plain_letters import by_name
from tandem.people.columns import Importable, Timestamped, id_field
from tandem.people.models.accounts import Account

FAULTLESS = Q(legacy_fault="")


class Subject(models.Model):
    """Something that can be taught. Its name is unique whatever its case and outer space."""

    id = id_field()
    name = models.TextField()

    class Meta:
        ordering = [by_name("name")]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="subject_name_unique"),
            models.CheckConstraint(
                condition=Q(name=Trim("name")) & ~Q(name=""), name="subject_name_trimmed"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tutor(Timestamped, Importable):
    """Somebody who teaches. A tutor of the older application has no name until one is given."""

    id = id_field()
    full_name = models.TextField(default="", db_default="", blank=True)
    email = models.TextField()
    phone = models.TextField(null=True, blank=True)
    user = models.OneToOneField(
        Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="tutor"
    )
    auth_subject = models.TextField(null=True, blank=True, unique=True)
    stripe_customer_id = models.TextField(null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    time_zone = models.TextField(default="", db_default="", blank=True)
    active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="tutor_email_unique", condition=FAULTLESS),
        ]
        indexes = [models.Index(Lower("email"), name="tutor_by_email")]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def public_name(self) -> str:
        """The name for whom the address is nothing to: parents, and tutors who share no student."""
        return self.full_name or gettext("A tutor")


class TutorSubject(models.Model):
    """A tutor teaches a subject up to a level; an empty level has not been stated."""

    class Level(models.TextChoices):
        NOT_STATED = "", gettext_lazy("Level not stated")
        BEGINNER = "beginner", gettext_lazy("Beginner")
        INTERMEDIATE = "intermediate", gettext_lazy("Intermediate")
        ADVANCED = "advanced", gettext_lazy("Advanced")
        EXPERT = "expert", gettext_lazy("Expert")

    id = id_field()
    tutor = models.ForeignKey(Tutor, on_delete=models.CASCADE, related_name="subjects")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="tutors")
    level = models.TextField(
        choices=Level, default=Level.NOT_STATED, db_default=Level.NOT_STATED, blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("tutor", "subject", name="tutor_subject_unique"),
            models.CheckConstraint(
                condition=Q(level__in=["", "beginner", "intermediate", "advanced", "expert"]),
                name="tutor_subject_level_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.level}".strip()


class Subscription(Timestamped):
    """A tutor's payment plan, carried over and never changed by Tandem."""

    id = id_field()
    tutor = models.OneToOneField(Tutor, on_delete=models.CASCADE, related_name="subscription")
    status = models.TextField()
    stripe_customer_id = models.TextField(unique=True)
    stripe_sub_id = models.TextField(unique=True)
    current_period_end = models.DateTimeField()

    def __str__(self) -> str:
        return self.status
