"""Finding anybody from anywhere: the box on top of each page, and the page behind it."""

from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.insights.find import Hit, find
from tandem.insights.suggestions import MOST, NAMELESS
from tandem.kit.language import gettext_lazy
from tandem.web.addresses import address
from tandem.web.forms.filters import Filter, filled
from tandem.web.forms.pickers import LONGEST
from tandem.web.language import keep, key_cookie, key_kept
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, signed_in

MOST_ON_PAGE = 50
KINDS = {
    "student": gettext_lazy("Student"),
    "tutor": gettext_lazy("Tutor"),
    "guardian": gettext_lazy("Guardian"),
    "subject": gettext_lazy("Subject"),
}


class Typed(Filter):
    """What was typed."""

    q = forms.CharField(
        label=gettext_lazy("Name of a student, tutor, guardian or subject, or an e-mail address"),
        required=False,
        max_length=LONGEST,
    )


@require_safe
@signed_in
def find_anybody(request: PageRequest) -> HttpResponse:
    """List who and what is called so: where the box suggests too few, or there is no script."""
    q = filled(Typed(request.GET))["q"]
    found = find(request.reader.viewer, q, MOST_ON_PAGE + 1)
    lines = [(KINDS[one.kind], *_line(one)) for one in found[:MOST_ON_PAGE]]
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
    found = find(request.reader.viewer, q, MOST + 1)
    lines = [_suggestion(one) for one in found[:MOST]]
    return JsonResponse({"found": lines, "more": len(found) > MOST, "new": False})


def _suggestion(hit: Hit) -> dict[str, str]:
    name, about, goes_to = _line(hit)
    kind = str(KINDS[hit.kind])
    told = f"{kind} · {about}" if about else kind
    return {"id": hit.id, "name": name, "about": told, "href": goes_to}


def _line(hit: Hit) -> tuple[str, str, str]:
    """Return the name, what tells it from others, and the address of the page."""
    if hit.kind == "subject":
        goes_to = f"{reverse('calendar')}?{urlencode({'subject': hit.name})}"
    else:
        goes_to = address(hit.kind, hit.id)
    return hit.name or str(NAMELESS), hit.about, goes_to
