"""Guardians: the adults of students."""

from django.db import models
from django.db.models import F
from django.db.models.functions import Lower

from tandem.kit.plain_letters import by_name
from tandem.people.columns import Timestamped, id_field
from tandem.people.link_keys import opened
from tandem.people.models.students import Student
from tandem.people.notice_kinds import NoticeKind


class Guardian(Timestamped):
    """An adult of one or more students: how to reach them, and what they want to be told.

    ``kept_link`` is the secret of their own link as the table keeps it, sealed (see
    ``link_sealing``); null means no link. Without students there is no guardian: the database
    deletes whoever loses the last one.
    """

    Notice = NoticeKind

    @staticmethod
    def usual_notices() -> list[str]:
        """Return what somebody is told who has not chosen: what happens, and no summaries."""
        return [one.value for one in Guardian.Notice if one != Guardian.Notice.SUMMARY]

    id = id_field()
    full_name = models.TextField(default="", db_default="", blank=True)
    email = models.TextField(null=True, blank=True)
    phone = models.TextField(null=True, blank=True)
    language = models.TextField(default="", db_default="", blank=True)
    notices = models.JSONField(default=list, db_default=[], blank=True)
    kept_link = models.TextField(null=True, blank=True, unique=True, db_column="link_token")
    link_opened_on = models.DateField(null=True, blank=True)
    email_refused_at = models.DateTimeField(null=True, blank=True)
    """Since when the mail server takes nothing for the address."""
    students = models.ManyToManyField(Student, through="GuardianStudent", related_name="guardians")

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="guardian_email_unique")]
        indexes = [models.Index(by_name(), F("id"), name="guardian_by_plain_name")]

    def __str__(self) -> str:
        return self.full_name or self.email or "A guardian"

    @property
    def link_token(self) -> str | None:
        """The link's secret as it stands in the address; None without one, or without its key."""
        return opened(self.kept_link)


class GuardianStudent(models.Model):
    """A guardian is one of a student's."""

    id = id_field()
    guardian = models.ForeignKey(
        Guardian,
        on_delete=models.DO_NOTHING,  # the database's own key cascades, for plain SQL too
        related_name="children",
        db_constraint=False,
    )
    student = models.ForeignKey(
        Student,
        on_delete=models.DO_NOTHING,  # as above
        related_name="guardian_links",
        db_constraint=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("student", "guardian", name="guardian_of_a_student_once")
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id} of {self.student_id}"
