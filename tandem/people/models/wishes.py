"""What a student would like to learn, and nobody teaches them yet."""

from django.db import models
from django.db.models import Q

from tandem.people.columns import Timestamped, id_field
from tandem.people.models.students import Student
from tandem.people.models.tutors import Subject, TutorSubject


class LearningWish(Timestamped):
    """A student would like to learn a subject: up to which level, and in which hours of the week.

    ``hours`` are ``{"weekday": 0, "starts": "16:00", "ends": "17:00"}`` (Monday is 0), on the clock
    of the business; any of them will do, and none is whenever. Whether the wish is fulfilled stands
    nowhere: who teaches the student what decides (see ``relationships.wishes``).
    """

    id = id_field()
    student = models.ForeignKey(
        Student,
        on_delete=models.DO_NOTHING,  # the database's own key cascades, for plain SQL too
        related_name="wishes",
        db_constraint=False,
    )
    subject = models.ForeignKey(
        Subject,
        on_delete=models.DO_NOTHING,  # as above
        related_name="+",
        db_constraint=False,
    )
    level = models.TextField(choices=TutorSubject.Level, default="", db_default="", blank=True)
    hours = models.JSONField(default=list, db_default=[], blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("student", "subject", name="learning_wish_of_a_subject_once"),
            models.CheckConstraint(
                condition=Q(level__in=["", "beginner", "intermediate", "advanced", "expert"]),
                name="learning_wish_level_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} would like to learn {self.subject_id}"
