"""Who asks for a change: the account, in which role, and at which moment."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from tandem.kit.errors import ForbiddenError
from tandem.kit.time import business_day
from tandem.people.models import Account
from tandem.people.queries import Viewer, viewer_of


@dataclass(frozen=True)
class Requester:
    """What every action takes: ``who`` asks (None: the system itself) and ``now``, when they do.

    The role and the tutor are those of the account, in ``viewer``. All that one request does is
    done at one moment.
    """

    who: Account | None
    now: datetime
    read_only: bool = field(default=False, kw_only=True)
    """Whether they may do no more than read: they hold a token that was made so."""
    family_of: str | None = field(default=None, kw_only=True)
    """The id of the student whose family asks by its secret link, which has no account."""

    @cached_property
    def viewer(self) -> Viewer:
        """In which role they ask, as which tutor, and on which day where they are."""
        if self.family_of is not None:
            return Viewer(student_id=self.family_of, day=business_day(self.now))
        return viewer_of(self.who, read_only=self.read_only, now=self.now)

    @property
    def account(self) -> Account:
        """Their own account. ForbiddenError for the system, which has none."""
        if self.who is None:
            raise ForbiddenError("Only somebody with an account can do this, with their own.")
        return self.who
