"""Looking at what calling a session off means, before it is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tandem.kit.fingerprints import Shown, check_expected, hash_of
from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.cancelling_rules import FAMILY, Cancelling, Terms, check_cancelling, outcome
from tandem.lessons.models import Session
from tandem.lessons.policies import current_terms
from tandem.lessons.shown import shown_sessions
from tandem.lessons.steps import REFUSALS, lock_session
from tandem.people.models import Account
from tandem.people.queries import viewer_of


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
            "policy": hash_of(self.terms, self.outcome(FAMILY)),
        }


@one_transaction(REFUSALS, keep=False, names_actor=False)
def preview_cancel(
    *,
    actor: Account | None,
    now: datetime,
    session_id: str,
    cancelling: Cancelling | None = None,
) -> CancelPlan:
    """Return what ``actions.cancel`` would do, refused as it would be, and change nothing."""
    plan = _planned(actor, now, session_id)
    rules.check_status("cancel", session_id=session_id, status=plan.session.status)
    if cancelling:
        check_cancelling(cancelling, plan.terms)
    return plan


def terms_looked_at(actor: Account | None, now: datetime, session_id: str, expect: str) -> Terms:
    """Lock a session and return the policy's terms, if calling it off means what was shown.

    In the transaction of what calls it off. ConflictError ``changed_since_preview``.
    """
    plan = _planned(actor, now, session_id)
    check_expected(expect, plan.shown)
    return plan.terms


def _planned(actor: Account | None, now: datetime, session_id: str) -> CancelPlan:
    session, _, _ = lock_session(viewer_of(actor), session_id)
    return CancelPlan(session, session.starts_at - now, current_terms())
