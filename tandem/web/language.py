"""The language in which a page speaks: what its reader chose here, or else what their browser asks.

Programs are spoken to in English: for them no language is activated.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from tandem.kit.language import CODES, known, speak, stop_speaking
from tandem.people.business import freshen
from tandem.people.models import Account

CHOICE = "lang"
"""The part of an address by which a reader chooses; the browser keeps it in a cookie."""
KEPT_FOR = timedelta(days=365)
NO_PAGES = ("/api/", "/static/")

Answer = Callable[..., HttpResponse]


class Language:
    """Middleware that speaks the reader's language until the page is made."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(NO_PAGES):
            return self.get_response(request)
        asked = _asked_for(request)
        speak(asked or known(translation.get_language_from_request(request)))
        try:
            response = self.get_response(request)
        finally:
            stop_speaking()
        patch_vary_headers(response, ("Accept-Language",))
        if asked:
            _keep(response, asked)
        return response


def speak_to(request: HttpRequest, language: str) -> None:
    """Speak a language (as BCP 47 writes it: de, de-AT) that was chosen for who reads the page.

    What the reader chose in this browser goes before it; a language that there is not, or '',
    changes nothing.
    """
    here = _asked_for(request) or settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    if not here and (short := known(language)):
        speak(short)


def in_own_language(view: Answer) -> Answer:
    """Speak the language that who is signed in chose; for pages that are not behind ``signed_in``.

    Whoever is not signed in yet is spoken to as their browser asks.
    """

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        account = request.user
        freshen()
        if isinstance(account, Account) and account.language:
            speak(account.language)
        return view(request, *args, **kwargs)

    return run


def _asked_for(request: HttpRequest) -> str:
    asked = request.GET.get(CHOICE, "") if CHOICE in request.META.get("QUERY_STRING", "") else ""
    return asked if asked in CODES else ""


def _keep(response: HttpResponse, language: str) -> None:
    keep(response, settings.LANGUAGE_COOKIE_NAME, CODES[language])


def key_cookie() -> str:
    """Return the name of the cookie by which a browser keeps that the key / is ``off``, or on."""
    return f"{'__Host-' if settings.HTTPS else ''}find-key"


def key_kept(request: HttpRequest) -> str:
    """Return what the reader of a page chose of the key /; '' where nothing."""
    return "off" if request.COOKIES.get(key_cookie()) == "off" else ""


def keep(response: HttpResponse, cookie: str, chosen: str) -> None:
    """Let the browser keep for a year what its reader chose, where no script reads it."""
    response.set_cookie(
        cookie,
        chosen,
        max_age=KEPT_FOR,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
