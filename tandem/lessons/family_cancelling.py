"""A family says, by the secret link that it has, that it cannot come to a lesson that is ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tandem.kit.transactions import one_transaction
from tandem.lessons.cancelling import CancelPlan, lock_terms, preview_cancel
from tandem.lessons.cancelling_rules import (
    FAMILY,
    LINK,
    Cancelling,
    Terms,
    check_family_may_cancel,
)
from tandem.lessons.history import last_cancellations
from tandem.lessons.models import Session
from tandem.lessons.policies import current_terms
from tandem.lessons.revising import revise
from tandem.lessons.steps import REFUSALS, Status, lock_session
from tandem.people.requester import Requester


@dataclass(frozen=True)
class FamilyAtLink:
    """Whoever holds a link that opens one student's page, at the moment at which they ask.

    ``is_guessable``: somebody who knows the student could have found the link.
    """

    student_id: str
    now: datetime
    is_guessable: bool = False

    @property
    def requester(self) -> Requester:
        """The family as an action takes it: it has no account, and sees one student."""
        return Requester(None, self.now, family_of=self.student_id)


def preview_cannot_come(family: FamilyAtLink, session_id: str) -> CancelPlan:
    """Return what ``cannot_come`` would do, refused as it would be."""
    plan = preview_cancel(requester=family.requester, session_id=session_id)
    _check(family, plan.session, plan.terms)
    return plan


@one_transaction(REFUSALS, names_actor=False)
def cannot_come(
    *, family: FamilyAtLink, session_id: str, reason: str = "", expect: str | None = None
) -> Session:
    """Call a scheduled lesson off for the family of its student; the policy decides what becomes
    of it, and the history says that the family said so by its link.

    ``expect`` is the fingerprint of ``preview_cannot_come``. NotFoundError for another student's
    lesson, ForbiddenError and ConflictError ``begun`` as in ``check_family_may_cancel``, and
    ``wrong_status`` for one that is called off already.
    """
    requester = family.requester
    session, _link, _tutor = lock_session(requester.viewer, session_id)
    terms = current_terms() if expect is None else lock_terms(requester, session_id, expect)
    _check(family, session, terms)
    return revise(
        requester=requester,
        session_id=session_id,
        status=Status.CANCELLED,
        is_change=True,
        cancelling=Cancelling(FAMILY, reason, LINK),
        terms=terms,
    )


def called_off_by_family(session: Session) -> Mapping[str, Any] | None:
    """Return what is kept of a family's word by its link, where a lesson is called off by that."""
    if session.status != Status.CANCELLED:
        return None
    event = last_cancellations([session.pk]).get(session.pk)
    told: Mapping[str, Any] = event.details.get("cancellation", {}) if event else {}
    return told if told.get("through") == LINK else None


def may_cancel(family: FamilyAtLink, terms: Terms) -> bool:
    """Tell whether a family's page offers it at all."""
    return terms.families_cancel and not family.is_guessable


def _check(family: FamilyAtLink, session: Session, terms: Terms) -> None:
    check_family_may_cancel(
        terms, is_guessable=family.is_guessable, starts_at=session.starts_at, now=family.now
    )
