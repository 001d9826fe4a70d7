"""Students, their parents' link, and parents as the older application knew them."""

from django.db import models
from django.db.models import F, Q

from tandem.kit.plain_letters import by_name
from tandem.people.columns import Importable, Timestamped, id_field
from tandem.people.link_keys import opened
from tandem.people.models.tutors import FAULTLESS


class Student(Timestamped, Importable):
    """Somebody who learns, from as many tutors as there are open relationships.

    ``parent_link_token`` is the secret in the address of the parent's page; null means no link.
    The table keeps it as ``kept_link``, sealed (see ``link_sealing``).
    """

    id = id_field()
    full_name = models.TextField()
    year = models.TextField(default="", db_default="", blank=True)
    active = models.BooleanField(default=True, db_default=True)
    email = models.TextField(null=True, blank=True, unique=True)
    phone = models.TextField(null=True, blank=True)
    auth_subject = models.TextField(null=True, blank=True, unique=True)
    parent_email = models.TextField(null=True, blank=True)
    kept_link = models.TextField(null=True, blank=True, unique=True, db_column="parent_link_token")
    time_zone = models.TextField(default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~FAULTLESS | ~Q(full_name__regex=r"^\s*$"), name="student_name_not_blank"
            ),
        ]
        indexes = [
            models.Index(by_name(), F("id"), name="student_by_plain_name"),
            models.Index(fields=["created_at", "id"], name="student_by_age"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def parent_link_token(self) -> str | None:
        """The link's secret as it stands in the address; None without one, or without its key."""
        return opened(self.kept_link)


class ParentLink(models.Model):
    """What is known of a student's present link beside its token; no row is nothing.

    The database drops the row when another token is written, whoever writes it, and when the
    student goes: the older application knows neither days nor this table.
    """

    student = models.OneToOneField(
        Student,
        on_delete=models.DO_NOTHING,  # the database's own key cascades, for plain SQL too
        primary_key=True,
        related_name="parent_link",
        db_constraint=False,
    )
    last_day = models.DateField(null=True, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    to_send = models.BooleanField(default=False, db_default=False)
    """Made anew with many others, and the parents have not been told yet."""

    def __str__(self) -> str:
        return f"until {self.last_day}" if self.last_day else "without an end"


class SuspectLink(models.Model):
    """A student whose link is weak, or has not been looked at since something changed.

    The database makes the rows, whoever writes the student; a look takes those of strong links
    away (see ``weak_links.forget_strong_links``). So the table is as short as there are weak ones.
    """

    student = models.OneToOneField(
        Student,
        on_delete=models.DO_NOTHING,  # as for ParentLink
        primary_key=True,
        related_name="suspect_link",
        db_constraint=False,
    )
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.student_id


class Parent(Timestamped):
    """A parent's account of the older application, carried over as it was."""

    id = id_field()
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="parents")
    auth_subject = models.TextField(unique=True)
    email = models.TextField(unique=True)
    phone = models.TextField(null=True, blank=True)
    full_name = models.TextField()

    def __str__(self) -> str:
        return self.full_name
