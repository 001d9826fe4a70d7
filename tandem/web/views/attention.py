"""Imported rows that break a rule or fit nowhere, in words."""

from django.http import HttpResponse
from django.shortcuts import render

from tandem.insights.attention import how_many
from tandem.kit.errors import NotFoundError
from tandem.kit.time import business_day
from tandem.people.weak_links import links_to_send
from tandem.web.attention import KINDS, kinds
from tandem.web.methods import require_safe
from tandem.web.paging import page_of
from tandem.web.reader import PageRequest, signed_in


@require_safe
@signed_in
def attention(request: PageRequest) -> HttpResponse:
    """One kind at a time; without one in the address, the first that has any rows."""
    viewer = request.reader.viewer
    rows = kinds(viewer, business_day(request.reader.now))
    numbers = how_many(rows)
    first = next((kind for kind, n in numbers.items() if n and kind != "left"), "students")
    kind = request.GET.get("kind") or first
    if kind not in rows:
        raise NotFoundError("kind", kind)
    context = {
        "kind": kind,
        "tabs": [(name, KINDS[name], numbers[name]) for name in rows if numbers[name]],
        "number": sum(number for name, number in numbers.items() if name != "left"),
        "links_to_send": len(links_to_send(viewer)) if viewer.is_owner else 0,
        "left": numbers.get("left", 0),
        "page": page_of(rows[kind], "pk", request.GET.get("page", "")),
    }
    return render(request, "attention.html", context)
