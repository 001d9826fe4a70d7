"""Finding anybody, and any page, from anywhere: the box on top of each, and the page behind it."""

from typing import NamedTuple
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.insights.find import Hit, find, unlikeness
from tandem.insights.suggestions import MOST, NAMELESS
from tandem.kit.language import gettext_lazy
from tandem.people.queries import Viewer
from tandem.web.addresses import address
from tandem.web.forms.filters import Filter, filled
from tandem.web.forms.pickers import LONGEST
from tandem.web.language import keep, key_cookie, key_kept
from tandem.web.methods import require_safe
from tandem.web.places import places
from tandem.web.reader import PageRequest, signed_in

MOST_ON_PAGE = 50
KINDS = {
    "student": gettext_lazy("Student"),
    "tutor": gettext_lazy("Tutor"),
    "guardian": gettext_lazy("Guardian"),
    "subject": gettext_lazy("Subject"),
    "page": gettext_lazy("Page"),
}


class Typed(Filter):
    """What was typed."""

    q = forms.CharField(
        label=gettext_lazy(
            "Name of a student, tutor, guardian, subject or page, or an e-mail address"
        ),
        required=False,
        max_length=LONGEST,
    )


@require_safe
@signed_in
def find_anybody(request: PageRequest) -> HttpResponse:
    """List who and what is called so: where the box suggests too few, or there is no script."""
    q = filled(Typed(request.GET))["q"]
    found = _found(request.reader.viewer, q, MOST_ON_PAGE + 1)
    lines = [one[1:] for one in found[:MOST_ON_PAGE]]
    keys = request.GET.get("keys", "")
    chosen = keys if keys in {"on", "off"} else key_kept(request)
    context = {"q": q, "lines": lines, "more": len(found) > MOST_ON_PAGE, "keys": chosen}
    page = render(request, "find.html", context)
    if keys == chosen:
        keep(page, key_cookie(), chosen)
    return page


@require_safe
@signed_in
def suggest_anybody(request: PageRequest) -> HttpResponse:
    """Return the likeliest for the script of the box, each with its address."""
    q = filled(Typed(request.GET))["q"]
    found = _found(request.reader.viewer, q, MOST + 1)
    lines = [_suggestion(one) for one in found[:MOST]]
    return JsonResponse({"found": lines, "more": len(found) > MOST, "new": False})


class Line(NamedTuple):
    """Somebody or something found; ``id`` is a person's, ``about`` tells it from others."""

    id: str
    kind: str
    name: str
    about: str
    address: str


def _found(viewer: Viewer, q: str, most: int) -> list[Line]:
    """Return people and pages, the likeliest first; of two as likely the person."""
    people = [
        (one.name, Line(one.id, str(KINDS[one.kind]), *_line(one))) for one in find(viewer, q, most)
    ]
    pages = [
        (one.name, Line("", str(KINDS["page"]), one.name, "", one.address))
        for one in places(viewer, q)
    ]
    found = sorted([*people, *pages], key=lambda one: unlikeness(one[0], q))
    return [line for _, line in found[:most]]


def _suggestion(line: Line) -> dict[str, str]:
    told = f"{line.kind} · {line.about}" if line.about else line.kind
    return {"id": line.id, "name": line.name, "about": told, "href": line.address}


def _line(hit: Hit) -> tuple[str, str, str]:
    """Return the name, what tells it from others, and the address of the page."""
    if hit.kind == "subject":
        goes_to = f"{reverse('calendar')}?{urlencode({'subject': hit.name})}"
    else:
        goes_to = address(hit.kind, hit.id)
    return hit.name or str(NAMELESS), hit.about, goes_to
