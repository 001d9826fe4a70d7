"""The business's policy of cancelling: what it says now, and changing it."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q

from tandem.kit.errors import NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.transactions import one_transaction
from tandem.lessons.cancelling_rules import CHARGED, LONGEST_FREE_HOURS, Terms, check_terms
from tandem.people.models import Account
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.people.rules import check_owner

TERMS = frozenset({"free_until_hours", "late", "reason_required", "families_cancel"})


class CancellationPolicy(models.Model):
    """There is one row, or none: then families cancel whenever they like, by telling the tutor."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    free_until_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    late = models.TextField(default=CHARGED, db_default=CHARGED)
    reason_required = models.BooleanField(default=False, db_default=False)
    families_cancel = models.BooleanField(default=False, db_default=False)
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
        return Terms(self.free_until_hours, self.late, self.reason_required, self.families_cancel)


def visible_policy(viewer: Viewer) -> CancellationPolicy:
    """Return the policy to whoever works here; one that is not saved where nobody has set any.

    NotFoundError for others.
    """
    if not (viewer.is_owner or viewer.tutor_id):
        raise NotFoundError("policy", "cancellation")
    return CancellationPolicy.objects.first() or CancellationPolicy()


def current_terms() -> Terms:
    """Return what the policy says now."""
    row = CancellationPolicy.objects.first()
    return row.terms if row else Terms()


def lock_policy() -> CancellationPolicy | None:
    """Lock the policy; None where nobody has set one."""
    return CancellationPolicy.objects.select_for_update().first()


@one_transaction({})
def change_policy(*, requester: Requester, changes: Mapping[str, Any]) -> CancellationPolicy:
    """Let the policy say something else from now on; what was decided stays. Owners only.

    ``changes`` are any fields of ``Terms``; the others stay, and with none that differs all does.
    InvalidError names a wrong one.
    """
    viewer = requester.viewer
    check_owner(is_owner=viewer.is_owner, doing=_("change the policy of cancelling"))
    present = lock_policy() or CancellationPolicy()
    if all(getattr(present, name) == changes[name] for name in TERMS & changes.keys()):
        return present
    CancellationPolicy.objects.bulk_create(
        [CancellationPolicy(updated_at=requester.now)], ignore_conflicts=True
    )
    row = CancellationPolicy.objects.select_for_update().get()
    for name in TERMS & changes.keys():
        setattr(row, name, changes[name])
    check_terms(row.terms)
    row.updated_at, row.updated_by = requester.now, requester.who
    row.save()
    return row
