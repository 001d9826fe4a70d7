"""The language in which a page speaks: what its reader chose here, or else what their browser asks.

Programs are spoken to in English: for them no language is activated.
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

CHOICE = "lang"
"""The part of an address by which a reader chooses; the browser keeps it in a cookie."""
KEPT_FOR = timedelta(days=365)
ENGLISH = settings.LANGUAGE_CODE
NO_PAGES = ("/api/", "/static/")
CODES = {code.partition("-")[0]: code for code, _ in settings.LANGUAGES}
"""The short word for a language, as it is stored and stands in an address -> Django's."""

Answer = Callable[[HttpRequest], HttpResponse]


class Language:
    """Middleware that speaks the reader's language until the page is made."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(NO_PAGES):
            return self.get_response(request)
        asked = asked_for(request)
        translation.activate(CODES.get(asked) or translation.get_language_from_request(request))
        try:
            response = self.get_response(request)
        finally:
            translation.deactivate()
        patch_vary_headers(response, ("Accept-Language",))
        if asked:
            _keep(response, asked)
        return response


def asked_for(request: HttpRequest) -> str:
    """Return the language that the address asks for, or ''."""
    asked = request.GET.get(CHOICE, "") if request.META.get("QUERY_STRING") else ""
    return asked if asked in CODES else ""


def speak(request: HttpRequest, language: str) -> None:
    """Speak a language (as BCP 47 writes it: de, de-AT) that was chosen for who reads the page.

    What the reader chose in this browser goes before it; a language that there is not, or '',
    changes nothing.
    """
    chosen = asked_for(request) or settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    code = CODES.get(language.split("-", maxsplit=1)[0].lower())
    if code and not chosen:
        translation.activate(code)


def spoken() -> str:
    """Return the short word for the language that is spoken now: en, de."""
    return (translation.get_language() or ENGLISH).partition("-")[0]


def _keep(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        CODES[language],
        max_age=KEPT_FOR,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
