"""How often somebody may ask: fixed windows, counted in the database for all worker processes.

One statement a request. Who asks too often is told when the window ends (``Retry-After``).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from tandem.kit.errors import TandemError
from tandem.kit.written import asked
from tandem.people.models import RequestCount


@dataclass(frozen=True)
class Limit:
    """At most ``most`` times in each window of ``seconds``; ``setting`` may say another number."""

    name: str
    most: int
    seconds: int
    setting: str

    @property
    def allowed(self) -> int:
        return int(getattr(settings, self.setting, self.most))

    def window(self, now: datetime) -> datetime:
        """Return the moment when the present window began."""
        seconds = int(now.timestamp())
        return datetime.fromtimestamp(seconds - seconds % self.seconds, UTC)


REQUESTS = Limit("requests", 1200, 60, "API_REQUESTS_PER_MINUTE")
"""Of one token, or of one account that is signed in."""
WRONG_TOKENS = Limit("wrong-tokens", 30, 60, "API_WRONG_TOKENS_PER_MINUTE")
"""From one address."""
PARENT_READS = Limit("parent-reads", 120, 60, "PARENT_READS_PER_MINUTE")
"""From one address."""
WRONG_LINKS = Limit("wrong-links", 10, 600, "WRONG_PARENT_LINKS_PER_TEN_MINUTES")
"""Parent links that are none, from one address. Links of an older database may be short."""
FORGET_AFTER = timedelta(hours=1)

# The row of one asker is locked for the moment of the statement only: there is no transaction.
COUNT = """
INSERT INTO people_requestcount AS c (who, window_start, count) VALUES (%s, %s, 1)
ON CONFLICT (who) DO UPDATE SET window_start = excluded.window_start,
  count = CASE WHEN c.window_start = excluded.window_start THEN c.count + 1 ELSE 1 END
RETURNING count
"""


@dataclass(eq=False)
class TooManyRequestsError(TandemError):
    """Asked too often; ``wait`` is the whole seconds until it makes sense to ask again."""

    wait: int
    code = "too-many-requests"

    def __str__(self) -> str:
        return f"Too many requests. Ask again in {self.wait} seconds."


def spend(limit: Limit, who: str, now: datetime) -> None:
    """Count one more; TooManyRequestsError when that is more than is allowed."""
    ((count,),) = asked(COUNT, [_name(limit, who), limit.window(now)])
    if count == 1:
        RequestCount.objects.filter(window_start__lt=now - FORGET_AFTER).delete()
    _check(limit, count, now)


def check(limit: Limit, who: str, now: datetime) -> None:
    """Refuse, without counting, who has used everything up."""
    rows = RequestCount.objects.filter(who=_name(limit, who), window_start=limit.window(now))
    _check(limit, rows.values_list("count", flat=True).first() or 0, now, more=1)


def address(request: HttpRequest) -> str:
    """Return where a request comes from: what a named proxy saw, else the connection's end."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _check(limit: Limit, count: int, now: datetime, *, more: int = 0) -> None:
    if count + more > limit.allowed:
        ends = limit.window(now) + timedelta(seconds=limit.seconds)
        raise TooManyRequestsError(max(1, int((ends - now).total_seconds()) + 1))


def _name(limit: Limit, who: str) -> str:
    return f"{limit.name}:{who}"
