"""A parameter that an operation does not know is refused: a slip must not change what is meant."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

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
        unknown = sorted(request.GET.keys() - known)
        if unknown:
            raise InvalidError([FieldError(one, "There is no such parameter.") for one in unknown])
        return view(request, *args, **kwargs)

    return run


def _names(filters: type[Filters]) -> set[str]:
    return {field.alias or name for name, field in filters.model_fields.items()}
