"""How often somebody may ask: fixed windows, counted in the database for all worker processes.

Who asks too often is told when the window ends (``Retry-After``).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from allauth.core.internal.ratelimit import truncate_ip
from django.conf import settings
from django.http import HttpRequest

from tandem.kit.errors import TandemError
from tandem.kit.language import gettext as _
from tandem.kit.named_sql import NamedStatements, Query, Read, run_read
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
PAGES = Limit("pages", 1200, 60, "PAGES_PER_MINUTE")
"""Of one account that is signed in; a fragment of a page counts as one."""
WRONG_TOKENS = Limit("wrong-tokens", 30, 60, "API_WRONG_TOKENS_PER_MINUTE")
"""From one address."""
PARENT_READS = Limit("parent-reads", 120, 60, "PARENT_READS_PER_MINUTE")
"""Of one link, from wherever: families that share an address share no limit."""
CALENDAR_READS = Limit("calendar-reads", 60, 600, "CALENDAR_READS_PER_TEN_MINUTES")
"""Of one calendar address: programs ask some times an hour, and a reader presses the button."""
WRONG_LINKS = Limit("wrong-links", 10, 600, "WRONG_PARENT_LINKS_PER_TEN_MINUTES")
"""Parent links and calendar addresses that open nothing, from one address. A right one is never
refused because of them, unless it could be guessed (see lessons/parent_links.py)."""
PASSWORDS_ASKED = Limit("passwords-asked", 10, 600, "PASSWORDS_ASKED_PER_TEN_MINUTES")
"""Of one account that is signed in and is asked for its password again."""
FORGET_AFTER = timedelta(hours=1)

COUNT = NamedStatements(Path(__file__).with_name("limits.sql")).compose("count_requests")
SHARE = 50
"""A process takes a fiftieth of a window's allowance at a time, so that few requests write."""
MOST_KEPT = 10_000
"""So many askers' shares are kept in a process; then all begin anew."""


@dataclass(eq=False)
class TooManyRequestsError(TandemError):
    """Asked too often; ``wait`` is the whole seconds until it makes sense to ask again."""

    wait: int
    code = "too-many-requests"

    def __str__(self) -> str:
        return _("Too many requests. Ask again in {seconds} seconds.").format(seconds=self.wait)


@dataclass
class Share:
    """What this process may still let through in one window, without asking the database."""

    window: datetime
    left: int


_shares: dict[str, Share] = {}
_shares_lock = Lock()


def spend(limit: Limit, who: str, now: datetime) -> None:
    """Count one more; TooManyRequestsError when that is more than is allowed."""
    run_read(spending(limit, who, now))


def spending(limit: Limit, who: str, now: datetime) -> Read[None]:
    """Count one more, as ``spend`` does; mostly that asks nothing.

    Processes count together by taking shares: what one of them has taken and not used is nobody
    else's, so with several somebody may be refused a few requests early, never late. An allowance
    below two shares' worth is counted one by one.
    """
    name, window = _name(limit, who), limit.window(now)
    with _shares_lock:
        share = _shares.get(name)
        if share and share.window == window and share.left:
            share.left -= 1
            return
    number = max(1, limit.allowed // SHARE)
    taken = {"who": name, "window_start": window, "number": number}
    (((count,),),) = yield [Query(COUNT, taken)]
    before = count - number
    _check(limit, before, now, more=1)
    _keep(name, Share(window, min(number, limit.allowed - before) - 1))


def give_back(limit: Limit, who: str, now: datetime) -> None:
    """Take one back that was counted just now: what was asked is counted where it is answered."""
    with _shares_lock:
        share = _shares.get(_name(limit, who))
        if share and share.window == limit.window(now):
            share.left += 1


def _keep(name: str, share: Share) -> None:
    with _shares_lock:
        if len(_shares) >= MOST_KEPT:
            _shares.clear()
        before = _shares.get(name)
        if before and before.window == share.window:
            share.left += before.left
        _shares[name] = share


def check(limit: Limit, who: str, now: datetime) -> None:
    """Refuse, without counting, who has used everything up."""
    rows = RequestCount.objects.filter(who=_name(limit, who), window_start=limit.window(now))
    _check(limit, rows.values_list("count", flat=True).first() or 0, now, more=1)


def spend_on_wrong_link(who: str, now: datetime) -> None:
    """Count one more link from an address that opened nothing; refuse, uncounted, who had all."""
    check(WRONG_LINKS, who, now)
    spend(WRONG_LINKS, who, now)


def address(request: HttpRequest) -> str:
    """Return where a request comes from: what a named proxy saw, else the connection's end."""
    return str(request.META.get("REMOTE_ADDR", ""))


def counted_address(request: HttpRequest) -> str:
    """Return what is counted for an address: of IPv6 the network, as its holder has all of it."""
    counted: str = truncate_ip(address(request))
    return counted


def _check(limit: Limit, count: int, now: datetime, *, more: int = 0) -> None:
    if count + more > limit.allowed:
        ends = limit.window(now) + timedelta(seconds=limit.seconds)
        raise TooManyRequestsError(max(1, int((ends - now).total_seconds()) + 1))


def _name(limit: Limit, who: str) -> str:
    return f"{limit.name}:{who}"
