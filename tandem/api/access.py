"""Who is calling: a token in the ``Authorization`` header, or somebody signed in on the site."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from tandem.api.errors import CSRF_MISSING
from tandem.kit.errors import ForbiddenError
from tandem.kit.time import utc_now
from tandem.people import limits, tokens
from tandem.people.models import Account, ApiToken
from tandem.people.reauthentication import is_recent
from tandem.people.requester import Requester
from tandem.people.second_factor import must_set_up

CONFIRM_FIRST = (
    "Show on the site that it is you, by signing in anew or by opening the page for this, and try "
    "again within ten minutes. Nothing was changed."
)
SECOND_FACTOR_MISSING = (
    "Your business asks for a second factor, and your account has none. Set it up on the site, "
    "under “Your account”; nothing was changed."
)
READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class ApiRequester(Requester):
    """Who calls the API with a token, or from the site with its cookie."""

    token: ApiToken | None = None
    """What brought them here; None is the site's own cookie."""
    confirmed: bool = True
    """Whether they showed lately that it is them; a token was made by somebody who did."""

    def check_confirmed(self) -> None:
        """Refuse what a page would ask for the password before."""
        if not self.confirmed:
            raise ForbiddenError(CONFIRM_FIRST)


class ApiRequest(HttpRequest):
    """A request of somebody who is known: ninja leaves what authentication returned in ``auth``."""

    auth: ApiRequester


class BearerToken(HttpBearer):
    """A token that an owner or a tutor made; a read-only one reads."""

    openapi_description = "A token: `Authorization: Bearer tdm_…`. A read-only one may only GET."

    def authenticate(self, request: HttpRequest, token: str) -> ApiRequester:
        """Return who holds ``token``; refuse unknown ones, and writing with a read-only one."""
        now = utc_now()
        try:
            found = tokens.verify(key=token, now=now)
        except tokens.UnknownTokenError:
            limits.spend(limits.WRONG_TOKENS, limits.counted_address(request), now)
            raise
        limits.spend(limits.REQUESTS, f"token:{found.pk}", now)
        if found.read_only and request.method not in READS:
            raise ForbiddenError("This token is read-only.")
        return ApiRequester(found.account, now, found, read_only=found.read_only)


class SessionCookie(AuthBase):
    """Somebody signed in on the site. A write has to carry the CSRF token."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME
    openapi_description = "The site's own cookie. Writes also need the header `X-CSRFToken`."

    def __call__(self, request: HttpRequest) -> ApiRequester | None:
        """Return who is signed in; refuse a write that another site may have caused."""
        account = request.user
        if not isinstance(account, Account):
            return None
        if must_set_up(account):
            raise ForbiddenError(SECOND_FACTOR_MISSING)
        now = utc_now()
        limits.spend(limits.REQUESTS, f"account:{account.pk}", now)
        if request.method not in READS and check_csrf(request) is not None:
            raise ForbiddenError(CSRF_MISSING)
        return ApiRequester(account, now, confirmed=is_recent(request))
