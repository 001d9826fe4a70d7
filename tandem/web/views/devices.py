"""Where one is signed in, and an end to it."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.people.closing import end_sessions
from tandem.people.devices import device_of, device_words, end_device
from tandem.web.asked_again import asked_again
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act
from tandem.web.views.own_account import holder, own_trail


@form_page
@asked_again
def end(request: PageRequest, device_id: str) -> HttpResponse:
    """Sign out in one place; only one's own are found."""
    own = holder(request)
    device = device_of(own, device_id)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: end_device(own, device_id),
        to=lambda _done: reverse("account"),
        success_message=_("Signed out there."),
    )
    return done or act(
        request,
        form,
        heading=_("Sign out of {device}?").format(device=device_words(device.browser)),
        button=_("Sign out there"),
        trail=own_trail(),
        intro=[
            _("It signed in from {address}. Whoever sits there has to sign in anew.").format(
                address=device.address
            )
        ],
        danger=True,
    )


@form_page
@asked_again
def end_others(request: PageRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    own, here = holder(request), request.session.session_key

    def run(_given: dict[str, Any]) -> None:
        end_sessions(own, but=here)

    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        run,
        to=lambda _done: reverse("account"),
        success_message=_("Signed out everywhere else."),
    )
    return done or act(
        request,
        form,
        heading=_("Sign out everywhere else?"),
        button=_("Sign out everywhere else"),
        trail=own_trail(),
        intro=[
            _("You stay signed in here alone. Your tokens go on; a new password ends those, too.")
        ],
        danger=True,
    )
