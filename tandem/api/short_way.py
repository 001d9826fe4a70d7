"""Requests that bring a token go straight to the API.

Sessions, CSRF, messages and what pages need are not for them, and took longer than reading a
student. What all answers carry, they carry too.

Their answers are compressed, and no others of the API: where an answer holds a secret and words
from its address, its length tells who can make somebody's browser ask what the secret is. A browser
sends its cookie by itself, but never a token.
"""

from collections.abc import Callable

from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.urls import resolve

API, BEARER = "/api/", "bearer "


class ShortWay:
    """Middleware: skips what stands behind it, for a request to the API with a token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._compression = GZipMiddleware(get_response)
        self._headers = {
            "Content-Security-Policy": build_policy(),
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _may_take_it(request):
            return self.get_response(request)
        match = request.resolver_match = resolve(request.path_info)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        # A strong ETag would become weak, and If-Match wants a strong one.
        if not response.get("ETag", "").startswith('"'):
            self._compression.process_response(request, response)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        return response


def _may_take_it(request: HttpRequest) -> bool:
    token = request.META.get("HTTP_AUTHORIZATION", "")[: len(BEARER)].lower() == BEARER
    if not (token and request.path_info.startswith(API)):
        return False
    try:
        request.get_host()
    except DisallowedHost:
        return False  # It is refused further on.
    return True
