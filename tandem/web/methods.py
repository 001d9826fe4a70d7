"""By which methods a page can be asked for, which it can be asked as well."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse

from tandem.web.errors import method_not_allowed

P = ParamSpec("P")
Request = TypeVar("Request", bound=HttpRequest)
READ, FORM = ("GET", "HEAD"), ("GET", "HEAD", "POST")
NAME = "tandem_methods"
"""Of a view: the methods that it takes."""


def require_http_methods(
    methods: Sequence[str],
) -> Callable[
    [Callable[Concatenate[Request, P], HttpResponse]],
    Callable[Concatenate[Request, P], HttpResponse],
]:
    """As Django's decorator, with a page for every other method, and a note of those there are."""

    def decorate(
        view: Callable[Concatenate[Request, P], HttpResponse],
    ) -> Callable[Concatenate[Request, P], HttpResponse]:
        @wraps(view)
        def run(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                return method_not_allowed(methods)
            return view(request, *args, **kwargs)

        setattr(run, NAME, tuple(methods))
        return run

    return decorate


def require_safe(
    view: Callable[Concatenate[Request, P], HttpResponse],
) -> Callable[Concatenate[Request, P], HttpResponse]:
    """Take GET and HEAD alone."""
    return require_http_methods(READ)(view)


def methods_of(request: HttpRequest) -> Sequence[str]:
    """Return what the page at a request's address takes; of a package's views all of a form's."""
    view: Any = request.resolver_match.func if request.resolver_match else None
    methods: Sequence[str] = getattr(view, NAME, FORM)
    return methods
