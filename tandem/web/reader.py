"""Who reads a page, in which zone, and at what moment; every page of an account begins here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from tandem.kit import time
from tandem.kit.language import speak
from tandem.people import limits
from tandem.people.business import freshen
from tandem.people.models import Account, Tutor
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.people.second_factor import must_set_up
from tandem.web.forms.sheet import KEY, account_of_key
from tandem.web.language import in_own_language

KEPT_FORM = "kept_form"
"""Where the session keeps a form that somebody sent while signed out."""
LONGEST_KEPT = 100_000
SECRET_FIELDS = ("password",)
"""What a form is never kept with."""

P = ParamSpec("P")


@dataclass(frozen=True)
class PageRequester(Requester):
    """Who reads a page. ``zone`` is the one that moments are shown in."""

    name: str
    zone: str


class PageRequest(HttpRequest):
    """A request as views see it: htmx's middleware and ``signed_in`` have added to it."""

    htmx: HtmxDetails
    reader: PageRequester
    must_set_up: bool
    is_inside: bool
    """Whether the page stands in the frame with the menu: not where a second factor comes first."""


def wants_fragment(request: PageRequest) -> bool:
    """Tell whether htmx asks for a part; going back in history, it asks for the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


View = Callable[Concatenate[PageRequest, P], HttpResponse]


def signed_in(view: View[P]) -> View[P]:
    """Let only owners and tutors through; send others to sign in, or tell them why not.

    Of whom the business asks for a second factor, who has none sets it up before anything else.
    Moments on the page are shown in the reader's zone. Nothing of it is kept by a browser, so
    that the Back button shows nothing after signing out.
    """
    return _signed_in(view, setting_up=False)


def signed_in_to_set_up(view: View[P]) -> View[P]:
    """Do the same for the pages on which a second factor is set up."""
    return _signed_in(view, setting_up=True)


def _signed_in(view: View[P], *, setting_up: bool) -> View[P]:
    @wraps(view)
    def run(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        account = request.user
        if not isinstance(account, Account):
            return _to_sign_in(request)
        limits.spend(limits.PAGES, f"account:{account.pk}", time.utc_now())
        request.must_set_up = must_set_up(account)
        if request.must_set_up and not setting_up:
            return led_to(request, reverse("mfa_activate_totp"))
        if account.language:
            speak(account.language)
        request.reader = reader_of(account)
        freshen()
        may_read = _may_read(request.reader.viewer)
        request.is_inside = may_read and not request.must_set_up
        with timezone.override(request.reader.zone):
            if may_read:
                response = view(request, *args, **kwargs)
            else:
                response = render(request, "no_role.html", status=403)
        _kept_by_nobody(response)
        return response

    return run


def in_own_frame(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page of allauth's as every other to who is signed in, in their language.

    It lets everybody through: whoever is not signed in yet has it without the menu.
    """

    @wraps(view)
    def run(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        account = request.user
        if isinstance(account, Account) and not must_set_up(account):
            request.reader = reader_of(account)
            request.is_inside = _may_read(request.reader.viewer)
        response = view(request, *args, **kwargs)
        if isinstance(account, Account):
            _kept_by_nobody(response)
        return response

    return in_own_language(run)


def _kept_by_nobody(response: HttpResponse) -> None:
    patch_cache_control(response, private=True, no_store=True)


def reader_of(account: Account) -> PageRequester:
    """Return who ``account`` is; signing in has brought its tutor along."""
    tutor: Tutor | None = getattr(account, "tutor", None)
    return PageRequester(
        account,
        time.utc_now(),
        name=account.full_name or str(tutor or account),
        zone=time.zone_or_business(tutor.time_zone if tutor else ""),
    )


def _may_read(viewer: Viewer) -> bool:
    return viewer.is_owner or viewer.tutor_id is not None


def _to_sign_in(request: PageRequest) -> HttpResponse:
    """A fragment cannot hold the sign-in page, so the whole browser goes there."""
    if request.method == "POST":
        keep_form(request)
    here = request.get_full_path()
    if request.htmx:
        here = request.htmx.current_url_abs_path or "/"
    return led_to(request, redirect_to_login(here)["Location"])


def led_to(request: PageRequest, address: str) -> HttpResponse:
    """Lead the browser to an address; a part of a page is not put where htmx would have it."""
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


def keep_form(request: HttpRequest) -> bool:
    """Keep what somebody typed until they have signed in again; only they will have it back.

    Tells whether it did: a form that no account was given, or longer than any of ours, is not kept.
    """
    account_id = account_of_key(request.POST.get(KEY, ""))
    typed = request.POST.copy()
    for name in (KEY, "csrfmiddlewaretoken", *SECRET_FIELDS):
        typed.pop(name, None)
    body = typed.urlencode()
    if account_id is None or len(body) > LONGEST_KEPT:
        return False
    path = request.get_full_path()
    request.session[KEPT_FORM] = {"path": path, "account": account_id, "body": body}
    return True
