"""``If-Match`` and ``If-None-Match`` of every write (RFC 9110, 13), in one place for all routes.

What an address names is locked, read as a GET would answer, and compared in the transaction of the
write itself, so that nobody comes between the comparison and the change. A verb (``…/{id}/pause``)
is a write to the resource that it stands behind.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpResponse

from tandem.api.access import READS, ApiRequest
from tandem.api.errors import ChangedError, ThereAlreadyError
from tandem.api.responses import Payload, etag, names
from tandem.kit.transactions import as_one

P = ParamSpec("P")
View = Callable[Concatenate[ApiRequest, P], HttpResponse]

TUTORS_NAMED = ("tutor_id", "to_tutor_id")
"""Members of a body that name a tutor whom the write locks."""


@dataclass(frozen=True)
class Resource:
    """What an address names.

    ``hold`` takes the request, the id, and ids of tutors whom the write will lock beside it; it
    holds all of it still (``lessons.seen``), and refuses what the caller may not see. ``current``
    returns each payload whose ETag a caller may have read there.
    """

    hold: Callable[[ApiRequest, str, Iterable[str]], object]
    current: Callable[[ApiRequest, str], Iterable[Payload]]


def preconditions(resources: Mapping[str, Resource]) -> Callable[[View[P]], View[P]]:
    """Return a decorator of views; ``resources`` are by the name of the path's parameter."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def run(request: ApiRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method in READS or not _conditions(request):
                return view(request, *args, **kwargs)

            def compared() -> HttpResponse:
                _check(request, _current(request, resources, kwargs))
                return view(request, *args, **kwargs)

            return as_one(compared)

        return run

    return decorate


def _conditions(request: ApiRequest) -> bool:
    return "If-Match" in request.headers or "If-None-Match" in request.headers


def _current(
    request: ApiRequest, resources: Mapping[str, Resource], kwargs: Mapping[str, Any]
) -> list[str]:
    """Lock what is addressed and return its ETags; a list, which is what a new one joins, has none.

    Because a list's tag is weak and of one page, ``If-Match`` never fits it, as RFC 9110 has it.
    """
    for name, resource in resources.items():
        if name in kwargs:
            resource.hold(request, kwargs[name], _tutors_named(kwargs.get("payload")))
            return [etag(payload) for payload in resource.current(request, kwargs[name])]
    return []


def _tutors_named(payload: object) -> set[str]:
    named = (getattr(payload, member, None) for member in TUTORS_NAMED)
    return {tutor_id for tutor_id in named if tutor_id}


def _check(request: ApiRequest, tags: list[str]) -> None:
    wanted, unwanted = (request.headers.get(name) for name in ("If-Match", "If-None-Match"))
    if wanted is not None and not _is_there(wanted, tags, weakly=False):
        raise ChangedError
    if unwanted is not None and _is_there(unwanted, tags, weakly=True):
        raise ThereAlreadyError


def _is_there(header: str, tags: list[str], *, weakly: bool) -> bool:
    return header.strip() == "*" or any(names(header, tag, weakly=weakly) for tag in tags)
