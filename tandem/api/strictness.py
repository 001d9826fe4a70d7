"""Input that could be read in two ways, or that nobody asked for, is refused.

A slip must not change what is meant: a parameter that an operation does not know, one that is given
twice where one is expected, a key that stands twice in an object.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, get_origin

from django.http import HttpRequest, HttpResponse
from ninja.parser import Parser

from tandem.api.schemas.parts import Filters
from tandem.kit.errors import FieldError, InvalidError

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def known_parameters(view: View[P]) -> View[P]:
    """Wrap a view that reads its query, if it has one, as ``filters``."""

    @wraps(view)
    def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        filters = kwargs.get("filters")
        known = _names(type(filters)) if isinstance(filters, Filters) else set()
        wrong = dict.fromkeys(request.GET.keys() - known, "There is no such parameter.")
        lists = names_of_lists(type(filters)) if isinstance(filters, Filters) else set()
        wrong |= {
            name: "Give it once."
            for name, values in request.GET.lists()
            if len(values) > 1 and name in known - lists
        }
        if wrong:
            raise InvalidError([FieldError(*one) for one in sorted(wrong.items())])
        return view(request, *args, **kwargs)

    return run


class StrictParser(Parser):
    """Reads JSON as RFC 8259 has it; a key that stands twice raises InvalidError."""

    def parse_body(self, request: HttpRequest) -> Any:
        return read_json(request.body)


def read_json(body: bytes) -> Any:
    """Return what a body says; ValueError where it is not JSON, InvalidError for a key twice."""
    return json.loads(body, object_pairs_hook=_once_each, parse_constant=_no_constant)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InvalidError([FieldError(name, "It stands twice in one object.") for name in twice])
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")


def names_of_lists(filters: type[Filters]) -> set[str]:
    """Return the parameters that may be given several times."""
    return {
        field.alias or name
        for name, field in filters.model_fields.items()
        if get_origin(field.annotation) is list
    }


def _names(filters: type[Filters]) -> set[str]:
    return {field.alias or name for name, field in filters.model_fields.items()}
