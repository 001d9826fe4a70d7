"""The forms about a secret link, whoever has it: sent by e-mail, or made anew."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse

from tandem.kit.language import gettext as _
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.forms.sheet import ActionForm
from tandem.web.letters import told_of_letter
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, submit
from tandem.web.views.action_page import act

Trail = Sequence[tuple[str, str]]


def mail_form(
    request: PageRequest,
    send: Callable[[], None],
    *,
    address: str | None,
    to: str,
    heading: str,
    trail: Trail,
) -> HttpResponse:
    """Ask whether the link is sent to ``address``, and ``send`` it; then go on ``to`` a page."""
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: send(),
        to=lambda _sent: to,
        success_message=told_of_letter(
            _("The link is on its way to {address}.").format(address=address)
        ),
    )
    return done or act(
        request,
        form,
        heading=heading,
        button=_("Send the e-mail"),
        trail=trail,
        intro=[
            _("It goes to {address}.").format(address=address or _("nobody: no address is known"))
        ],
    )


def renew_form(
    request: PageRequest,
    form: ActionForm,
    renew: Callable[[dict[str, Any]], Any],
    *,
    to: Callable[[Any], str],
    heading: str,
    trail: Trail,
    whose: str,
    intro: str,
    is_there: bool,
) -> HttpResponse:
    """Ask whether a link is made, in place of the one that ``is_there``, and ``renew`` it.

    ``whose`` it is, is said afterwards.
    """
    done = submit(
        request,
        form,
        renew,
        to=to,
        success_message=f"{_('There is a new link. The old one no longer works.')} {whose}.",
    )
    return done or act(
        request,
        form,
        heading=heading,
        button=_("Make a new link"),
        trail=trail,
        intro=[intro],
        danger=is_there,
    )
