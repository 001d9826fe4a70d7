"""What is decided about a request before anything of Tandem's sees it."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tandem.serving import refusals
from tandem.serving.rsgi import REFUSED

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST",
             "HTTP_X_FORWARDED_PORT", "HTTP_FORWARDED")  # fmt: skip
YEAR = 365 * 24 * 3600
FORMS = ("application/x-www-form-urlencoded", "multipart/")
"""How the kinds of forms begin; pages send the first, programs often the other."""
Answer = Callable[[HttpRequest], HttpResponse]


class Proxies:
    """Middleware: a named proxy's word on who asks and how is believed, nobody else's."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = {name: request.META.pop(name, "") for name in FORWARDED}
        request.META["REMOTE_ADDR"] = unmapped(str(request.META.get("REMOTE_ADDR", "")))
        if is_trusted(request.META["REMOTE_ADDR"]):
            request.META["REMOTE_ADDR"] = visitor(
                said["HTTP_X_FORWARDED_FOR"], request.META["REMOTE_ADDR"]
            )
            if said["HTTP_X_FORWARDED_PROTO"].strip().lower() in {"http", "https"}:
                request.META["wsgi.url_scheme"] = said["HTTP_X_FORWARDED_PROTO"].strip().lower()
        return self.get_response(request)


def visitor(forwarded: str, nearest: str) -> str:
    """Return the address that the outermost of our own proxies saw.

    Read from the right: what stands further left was written by who came through that address.
    """
    for address in reversed([one.strip() for one in forwarded.split(",") if one.strip()]):
        if not _is_address(address):
            return nearest
        nearest = unmapped(address)
        if not is_trusted(nearest):
            break
    return nearest


def unmapped(address: str) -> str:
    """Return an address of IPv4 that came in the form of IPv6 as itself; any other as it is.

    A server that hears both at one port tells them so (RFC 4291, 2.5.5.2). They are no network.
    """
    found = ip_address(address) if _is_address(address) else None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped) if mapped else address


def is_trusted(address: str) -> bool:
    """Tell whether an address is one of TANDEM_TRUSTED_PROXIES."""
    if not settings.TRUSTED_PROXIES or not _is_address(address):
        return False
    return any(ip_address(address) in network for network in settings.TRUSTED_PROXIES)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def https_only() -> tuple[str, str]:
    """Return the header by which browsers come by https alone, for a year (RFC 6797).

    To all names below this one as well, unless the environment says otherwise.
    """
    below = "; includeSubDomains" if settings.HSTS_SUBDOMAINS else ""
    return "strict-transport-security", f"max-age={YEAR}{below}"


class Unread:
    """Middleware: answers a request whose body was not read, or is not what pages are sent."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reason = request.META.get(REFUSED) or ("media-type" if _is_no_form(request) else "")
        response = refusals.unread(request, reason) if reason else self.get_response(request)
        if settings.HTTPS:
            # Whoever came by plain http ignores it, and a proxy may not say how they came.
            name, value = https_only()
            response[name] = value
        return response


def _is_no_form(request: HttpRequest) -> bool:
    """Tell whether a page is sent what it would read as an empty form; the API says so itself."""
    if request.method != "POST" or refusals.is_api(request):
        return False
    if (request.content_type or "").startswith(FORMS):
        return False
    return request.META.get("CONTENT_LENGTH") not in {None, "", "0"}
