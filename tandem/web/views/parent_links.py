"""Parents' links that could be guessed: made anew all at once, then sent out. Owners only."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy, ngettext
from tandem.people.models import ParentLink
from tandem.people.rules import is_address
from tandem.people.weak_links import (
    fingerprint,
    links_to_send,
    links_told,
    rotate_weak_links,
    weak_links,
)
from tandem.web.forms.relationships import ConfirmForm, PlanSheet
from tandem.web.letters import send_parent_link, told_of_letter
from tandem.web.link_list import links_as_csv
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act
from tandem.web.views.students import parent_link

LETTERS_AT_ONCE = 50
"""So many letters go out while somebody waits for the page."""
MOST_NAMED = 50
ATTENTION = gettext_lazy("Needs attention")


def _trail() -> list[tuple[str, str]]:
    return [
        (reverse("attention"), str(ATTENTION)),
        (reverse("links_to_send"), _("New links to send")),
    ]


@form_page
def new_links(request: PageRequest) -> HttpResponse:
    """Make every weak link anew, after a look at whose they are."""
    form = bind_form(request, PlanSheet)
    done = submit(
        request,
        form,
        lambda given: rotate_weak_links(requester=request.reader, expect=given["plan"]),
        to=lambda _made: reverse("links_to_send"),
        success_message=_("The new links are made, and the old ones open nothing any more."),
    )
    if done:
        return done
    weak = weak_links(request.reader.viewer)
    form.let_carry("plan", fingerprint(weak))
    return act(
        request,
        form,
        heading=_("New links for the parents?"),
        button=_("Make the new links"),
        trail=[(f"{reverse('attention')}?kind=links", ATTENTION)],
        template="links/new.html",
        danger=True,
        number=len(weak),
        reached=sum(bool(one.student.parent_email) for one in weak),
        more=max(0, len(weak) - MOST_NAMED),
        students=[one.student for one in weak[:MOST_NAMED]],
    )


@require_safe
@signed_in
def to_send(request: PageRequest) -> HttpResponse:
    """Whose parents have not been sent their new link."""
    waiting = links_to_send(request.reader.viewer)
    letters = sum(bool(one.student.parent_email) for one in waiting)
    return render(request, "links/to_send.html", {"waiting": waiting, "letters": letters})


@require_safe
@signed_in
def as_csv(request: PageRequest) -> HttpResponse:
    """The same as a file: each link is a key, so nothing on the way may keep it."""
    text = links_as_csv(
        (one.student, parent_link(request, one.student.parent_link_token))
        for one in links_to_send(request.reader.viewer)
    )
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="new-links.csv"'
    answer["Cache-Control"] = "no-store, private"
    return answer


@form_page
def mail_links(request: PageRequest) -> HttpResponse:
    """Send the next letters; who was written to waits no longer, whatever becomes of the others."""
    waiting = links_to_send(request.reader.viewer)
    reached = [one for one in waiting if is_address(one.student.parent_email or "")]
    reached = reached[:LETTERS_AT_ONCE]
    form = bind_form(request, ConfirmForm)

    def mailed(_given: dict[str, Any]) -> None:
        sent = _sent(request, reached)
        links_told(requester=request.reader, student_ids=sent)
        messages.info(request, _told_of(len(sent), of=len(reached)))

    done = submit(
        request,
        form,
        mailed,
        to=lambda _done: reverse("links_to_send"),
        success_message=_("Whoever was written to is no longer on the list."),
    )
    letters = ngettext(
        "{number} letter goes out, each to the parents’ address of one student.",
        "{number} letters go out, each to the parents’ address of one student.",
        len(reached),
    )
    return done or act(
        request,
        form,
        heading=_("Send the new links by e-mail?"),
        button=_("Send the e-mails"),
        trail=_trail(),
        intro=[letters.format(number=len(reached))],
    )


def _told_of(sent: int, *, of: int) -> str:
    """Return how many letters are on their way, and whether that is all of them."""
    text = (
        ngettext("{number} letter is on its way.", "{number} letters are on their way.", sent)
        if sent == of
        else ngettext(
            "{number} letter is on its way; the e-mail server took no more. "
            "Try again in a few minutes.",
            "{number} letters are on their way; the e-mail server took no more. "
            "Try again in a few minutes.",
            sent,
        )
    )
    return told_of_letter(text.format(number=sent))


@form_page
def told(request: PageRequest) -> HttpResponse:
    """The owner has sent what waits in a way of their own."""
    waiting = [one.pk for one in links_to_send(request.reader.viewer)]
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: links_told(requester=request.reader, student_ids=waiting),
        to=lambda _done: reverse("links_to_send"),
        success_message=_("The list is empty. Each link stays on its student’s page."),
    )
    return done or act(
        request,
        form,
        heading=_("Have all the parents been told?"),
        button=_("Yes, empty the list"),
        trail=_trail(),
        intro=[_("The links stay as they are, each on the page of its student.")],
    )


def _sent(request: PageRequest, reached: Sequence[ParentLink]) -> list[str]:
    """Send a letter for each link up to the first that fails; return whose went out."""
    sent: list[str] = []
    for one in reached:
        try:
            send_parent_link(one.student, parent_link(request, one.student.parent_link_token))
        except ConflictError:
            if not sent:
                raise
            break
        sent.append(one.pk)
    return sent
