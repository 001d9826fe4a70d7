"""The business's policy of cancelling: what it says now, and changing it."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from tandem.kit.transactions import one_transaction
from tandem.lessons.cancelling_rules import CHARGED, LONGEST_FREE_HOURS, Terms, check_terms
from tandem.people.models import Account
from tandem.people.queries import viewer_of
from tandem.people.rules import check_owner


class CancellationPolicy(models.Model):
    """There is one row, or none: then families cancel whenever they like."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    free_until_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    late = models.TextField(default=CHARGED, db_default=CHARGED)
    reason_required = models.BooleanField(default=False, db_default=False)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name_plural = "cancellation policies"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="cancellation_policy_is_the_only_one"),
            models.CheckConstraint(
                condition=Q(late__in=["charged", "credit"]), name="cancellation_policy_late_known"
            ),
            models.CheckConstraint(
                condition=Q(free_until_hours__isnull=True)
                | Q(free_until_hours__lte=LONGEST_FREE_HOURS),
                name="cancellation_policy_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"Free until {self.free_until_hours} hours before, then {self.late}"

    @property
    def terms(self) -> Terms:
        """What it says."""
        return Terms(self.free_until_hours, self.late, self.reason_required)


def current_policy() -> CancellationPolicy | None:
    """Return the policy with who set it, None where nobody has; for whoever works here."""
    return CancellationPolicy.objects.select_related("updated_by").first()


def current_terms() -> Terms:
    """Return what the policy says now."""
    row = CancellationPolicy.objects.first()
    return row.terms if row else Terms()


def lock_policy() -> CancellationPolicy | None:
    """Lock the policy; None where nobody has set one."""
    return CancellationPolicy.objects.select_for_update().first()


@one_transaction({})
def set_policy(*, actor: Account | None, now: datetime, terms: Terms) -> CancellationPolicy:
    """Let the policy say something else from now on; what was decided stays. Owners only."""
    viewer = viewer_of(actor)
    check_owner(is_owner=viewer.is_owner, doing="change the policy of cancelling")
    check_terms(terms)
    row = CancellationPolicy(
        free_until_hours=terms.free_until_hours,
        late=terms.late,
        reason_required=terms.reason_required,
        updated_at=now,
        updated_by=actor,
    )
    CancellationPolicy.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[
            "free_until_hours",
            "late",
            "reason_required",
            "updated_at",
            "updated_by",
        ],
    )
    return row
