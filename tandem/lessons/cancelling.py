"""Looking at what calling a session off means, before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from tandem.kit.fingerprints import Shown, check_expected, hash_of
from tandem.lessons import rules
from tandem.lessons.cancelling_rules import (
    FAMILY,
    FREE,
    Cancelling,
    Terms,
    check_cancelling,
    notice_in_words,
    outcome,
)
from tandem.lessons.models import Session
from tandem.lessons.policies import current_terms
from tandem.lessons.queries import visible_session
from tandem.lessons.shown import shown_sessions
from tandem.lessons.steps import lock_session
from tandem.people.requester import Requester


@dataclass(frozen=True)
class CancelPlan:
    """A session that would be called off so long before it begins, and the policy's ``terms``.

    ``shown`` is the same whoever asks, so that what is looked at first holds whoever is chosen.
    """

    session: Session
    notice: timedelta
    terms: Terms

    def outcome(self, by: str) -> str:
        """Return what becomes of it where somebody asks; see ``cancelling_rules.outcome``."""
        return outcome(self.terms, by=by, notice=self.notice)

    @property
    def shown(self) -> Shown:
        """What the fingerprint is made of."""
        return {
            **shown_sessions([self.session], "is cancelled"),
            "policy": hash_of(self.terms),
            "notice": hash_of(self.outcome(FAMILY) == FREE),
        }

    @property
    def words(self) -> Mapping[str, str]:
        """What a look that was of another notice is told."""
        return {"notice": notice_in_words(self.terms, self.outcome(FAMILY))}


def preview_cancel(
    *,
    requester: Requester,
    session_id: str,
    cancelling: Cancelling | None = None,
    terms: Terms | None = None,
) -> CancelPlan:
    """Return what ``actions.cancel`` would do, refused as it would be; two reads at most.

    ``terms`` are the policy's, where they were read already.
    """
    session = visible_session(requester.viewer, session_id)
    rules.check_status("cancel", session_id=session_id, status=session.status)
    plan = CancelPlan(session, session.starts_at - requester.now, terms or current_terms())
    if cancelling:
        check_cancelling(cancelling, plan.terms)
    return plan


def lock_terms(requester: Requester, session_id: str, expect: str) -> Terms:
    """Lock a session and return the policy's terms, if calling it off means what was shown.

    In the transaction of what calls it off. ConflictError ``changed_since_preview``.
    """
    session, _, _ = lock_session(requester.viewer, session_id)
    plan = CancelPlan(session, session.starts_at - requester.now, current_terms())
    check_expected(expect, plan.shown, words=plan.words)
    return plan.terms
