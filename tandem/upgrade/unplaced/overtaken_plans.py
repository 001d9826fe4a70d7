"""Students of whom the older application named a tutor though another was planned from a later day."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from tandem.relationships.models import PrimaryPeriod, RelationshipEvent, TutorStudent


def overtaken_plans(today: date) -> QuerySet[TutorStudent]:
    """Return the relationships that are primary by the older application's word until a plan's day.

    By id, each with ``primary_since`` and ``planned_from``, the day from which another is primary. The
    plan stays, and the relationship goes on beside it until somebody ends the one or takes back the
    other.
    """
    named = RelationshipEvent.objects.filter(
        relationship=OuterRef("pk"), details__source="student", details__has_key="primary_since"
    )
    days = PrimaryPeriod.objects.filter(ends_on__gt=today)
    first = days.filter(tutor_student=OuterRef("pk")).order_by("starts_on")
    return (
        TutorStudent.objects.filter(
            Exists(named), ended_on=None, pk__in=days.values("tutor_student")
        )
        .annotate(
            primary_since=Subquery(first.values("starts_on")[:1]),
            planned_from=Subquery(first.values("ends_on")[:1]),
        )
        .select_related("tutor", "student", "subject")
        .order_by("pk")
    )
