"""What families and tutors know the business by."""

from django.db import models
from django.db.models import Q

from tandem.people.models.accounts import Account


class BusinessFace(models.Model):
    """The business's name and logo as an owner set them; there is one row, or none.

    An empty name, and no logo, leave what the environment says.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.TextField(default="", db_default="", blank=True)
    logo = models.BinaryField(null=True)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="business_face_is_the_only_one"),
        ]

    def __str__(self) -> str:
        return self.name
