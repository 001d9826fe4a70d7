"""The page that a guardian's own link opens: all their children, each as on the parents' page."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.kit import time
from tandem.lessons.family_cancelling import FamilyAtLink
from tandem.lessons.parent_links import Family, opened_by_guardian
from tandem.people import limits
from tandem.web.language import speak_to
from tandem.web.methods import require_safe
from tandem.web.views.parent import parent_page, secret_address


@require_safe
@secret_address
def family(request: HttpRequest, token: str) -> HttpResponse:
    """List the children; of one alone, show the page at once."""
    now = time.utc_now()
    seen = opened_by_guardian(token, address=limits.counted_address(request), now=now)
    return _page(request, seen, token, now)


@require_safe
@secret_address
def child(request: HttpRequest, token: str, student_id: str) -> HttpResponse:
    """Show one of the children."""
    now = time.utc_now()
    seen = opened_by_guardian(
        token, address=limits.counted_address(request), now=now, student_id=student_id
    )
    return _page(request, seen, token, now)


def _page(request: HttpRequest, seen: Family, token: str, now: datetime) -> HttpResponse:
    speak_to(request, seen.guardian.language)
    if seen.view is None:
        return render(request, "family.html", {"children": seen.children, "token": token})
    several = reverse("family", args=[token]) if len(seen.children) > 1 else ""
    student = seen.view.student.pk
    here = reverse("family_child", args=[token, student])
    return parent_page(request, seen.view, FamilyAtLink(student, now), here=here, family=several)
