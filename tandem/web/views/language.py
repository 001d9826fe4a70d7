"""The language that one reads one's pages in."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.kit.language import speak
from tandem.people.languages import choose_language
from tandem.web.forms.accounts import LanguageSheet
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act
from tandem.web.views.own_account import holder, own_trail


@form_page
def own_language(request: PageRequest) -> HttpResponse:
    """Choose it; what is said of that is said in it already."""
    own = holder(request)
    form = bind_form(request, LanguageSheet, initial={"language": own.language})

    def choose(given: dict[str, Any]) -> None:
        choose_language(requester=request.reader, **given)
        if own.language:
            speak(own.language)

    done = submit(
        request,
        form,
        choose,
        to=lambda _done: reverse("account"),
        success_message=lambda _done: _("Your pages speak this language now."),
    )
    return done or act(
        request,
        form,
        heading=_("In which language do you read?"),
        button=_("Save"),
        trail=own_trail(),
        intro=[_("Your pages and the mails to you are in it. Families choose their own.")],
    )
