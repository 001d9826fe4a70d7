"""The business's name and logo: set by owners, shown on each page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tandem.kit.errors import NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.pictures import MOST_OF_PICTURE
from tandem.people.business import business_logo, business_name, change_face, face_set_here, freshen
from tandem.people.rules import check_owner
from tandem.web.forms.business import FaceSheet
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act, last_change, settings_trail

A_YEAR = 31_536_000


@form_page
def face(request: PageRequest) -> HttpResponse:
    """Let an owner set the name and the logo."""
    check_owner(is_owner=request.reader.viewer.is_owner, doing=_("change name and logo"))
    present = face_set_here()
    form = bind_form(
        request, FaceSheet, initial={"name": present.name}, has_logo=present.logo is not None
    )
    form.fields["name"].widget.attrs["placeholder"] = business_name()
    if request.method == "POST":
        form.files = request.FILES
    done = submit(
        request,
        form,
        lambda given: change_face(requester=request.reader, **_wanted(given)),
        to=lambda _row: reverse("settings"),
        success_message=_("Saved. Each page bears it within some seconds."),
    )
    return done or act(
        request,
        form,
        heading=_("Name and logo"),
        button=_("Save"),
        trail=settings_trail(),
        intro=last_change(present),
        enctype="multipart/form-data",
    )


def _wanted(given: dict[str, Any]) -> dict[str, Any]:
    file = given["logo"]
    return {
        "name": given["name"],
        "logo": file.read(MOST_OF_PICTURE + 1) if file else None,
        "removes_logo": given.get("no_logo", False),
    }


@require_safe
def logo(_request: HttpRequest, tag: str) -> HttpResponse:
    """For everybody: families see it, and who signs in. Another logo has another address."""
    kept = business_logo()
    if kept is None or kept.tag != tag:
        freshen()  # it may be newer than what this process has read
        kept = business_logo()
    if kept is None or kept.tag != tag:
        raise NotFoundError("logo", tag)
    answer = HttpResponse(kept.content, content_type=kept.media_type)
    answer["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return answer
