"""Everybody's accounts and tokens, for owners: who may sign in, and an end to it."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.kit.language import ngettext
from tandem.people import tokens
from tandem.people.closing import WaysIn, close_account, reopen_account, ways_in
from tandem.people.models import Account
from tandem.people.queries import visible_account, visible_accounts, with_second_factor
from tandem.people.rules import check_owner
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import Trail, act, settings_trail, tutor_trail
from tandem.web.views.own_account import ask_for_address, holder, of_somebody, token_lines


@require_safe
@signed_in
def accounts(request: PageRequest) -> HttpResponse:
    owner, now = _owner(request, _("see who may sign in")), request.reader.now
    usable = list(tokens.usable_by_account(now))
    context = {
        "accounts": sorted(
            with_second_factor(visible_accounts(owner)), key=lambda one: not one.is_active
        ),
        "tokens": token_lines(usable, request),
        "own": owner,
    }
    return render(request, "accounts/list.html", context)


@form_page
def close(request: PageRequest, account_id: str) -> HttpResponse:
    """Say what ends, then end it."""
    owner = _owner(request, _("close an account"))
    account = visible_account(owner, account_id)
    form = bind_form(request, ConfirmForm)
    left = "left" in request.GET
    trail = _trail(account) if left else accounts_trail()
    done = submit(
        request,
        form,
        lambda _given: close_account(requester=request.reader, account_id=account_id),
        to=lambda _closed: trail[-1][0],
        success_message=_(
            "{account}’s account is closed. Nobody can sign in with it any more."
        ).format(account=account),
    )
    if done and account.pk == owner.pk:
        list(messages.get_messages(request))  # Nobody is left to read them.
        logout(request)
        return redirect("account_inactive")
    asked = _("{account} no longer works here. Close the account too?").format(account=account)
    return done or act(
        request,
        form,
        heading=asked if left else _("Close {account}’s account?").format(account=account),
        button=_("Close the account"),
        trail=trail,
        intro=_what_ends(account, ways_in(account, request.reader.now)),
        danger=True,
    )


@form_page
def reopen(request: PageRequest, account_id: str) -> HttpResponse:
    account = visible_account(_owner(request, _("reopen an account")), account_id)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: reopen_account(requester=request.reader, account_id=account_id),
        to=lambda _opened: reverse("accounts"),
        success_message=_(
            "{account}’s account is open again. A mail to {email} says how to sign in."
        ).format(account=account, email=account.email),
    )
    return done or act(
        request,
        form,
        heading=_("Reopen {account}’s account?").format(account=account),
        button=_("Reopen it"),
        trail=accounts_trail(),
        intro=[
            _("A mail goes to {email}: they choose a new password by a link, and sign in.").format(
                email=account.email
            ),
            _("What was ended stays so. Tokens have to be made anew."),
        ],
    )


@form_page
def address(request: PageRequest, account_id: str) -> HttpResponse:
    """Ask for a new address in somebody's place; whoever opens the link is believed."""
    _owner(request, _("change the address of an account"))
    return ask_for_address(request, of_somebody(request, account_id), accounts_trail())


def accounts_trail() -> list[tuple[str, str]]:
    """Return the way to the accounts."""
    return [*settings_trail(), (reverse("accounts"), _("Accounts"))]


def _owner(request: PageRequest, doing: str) -> Account:
    check_owner(is_owner=request.reader.viewer.is_owner, doing=doing)
    return holder(request)


def _trail(account: Account) -> Trail:
    return tutor_trail(account.tutor) if account.tutor_id else accounts_trail()


def _what_ends(account: Account, found: WaysIn) -> list[str]:
    """Say what closing ends, by name, and what it leaves."""
    places = ngettext(
        "{account} is signed out in {number} place.",
        "{account} is signed out in {number} places.",
        found.sessions,
    )
    signed = [places.format(account=account, number=found.sessions)] if found.sessions else []
    names = ", ".join(f"“{token}”" for token in found.tokens)
    ended = [_("Tokens that open nothing any more: {names}.").format(names=names)] if names else []
    asked = (
        [_("The change of address to {new_email} is dropped.").format(new_email=found.new_email)]
        if found.new_email
        else []
    )
    return [
        _("Nobody can sign in as {email} any more, from this moment on.").format(
            email=account.email
        ),
        _("Links and codes that are under way open nothing."),
        *signed,
        *ended,
        *asked,
        _("Students, sessions and history stay as they are. You can reopen the account later."),
    ]
