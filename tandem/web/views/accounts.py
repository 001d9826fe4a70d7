"""Everybody's accounts and tokens, for owners: who may sign in, and an end to it."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tandem.people import tokens
from tandem.people.closing import WaysIn, close_account, reopen_account, ways_in
from tandem.people.models import Account
from tandem.people.queries import visible_account, visible_accounts, with_second_factor
from tandem.people.rules import check_owner
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import Trail, act, tutor_trail
from tandem.web.views.own_account import ask_for_address, holder, of_somebody, token_lines


@require_safe
@signed_in
def accounts(request: PageRequest) -> HttpResponse:
    owner, now = _owner(request, "see who may sign in"), request.reader.now
    usable = list(tokens.usable_tokens(now).order_by("account__email", "-created_at"))
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
    owner = _owner(request, "close an account")
    account = visible_account(owner, account_id)
    form = bind_form(request, ConfirmForm)
    left = "left" in request.GET
    trail = _trail(account) if left else accounts_trail()
    done = submit(
        request,
        form,
        lambda _given: close_account(**request.reader.acting, account_id=account_id),
        to=lambda _closed: trail[-1][0],
        success_message=f"{account}’s account is closed. Nobody can sign in with it any more.",
    )
    if done and account.pk == owner.pk:
        list(messages.get_messages(request))  # Nobody is left to read them.
        logout(request)
        return redirect("account_inactive")
    asked = f"{account} no longer works here. Close the account too?"
    return done or act(
        request,
        form,
        heading=asked if left else f"Close {account}’s account?",
        button="Close the account",
        trail=trail,
        intro=_what_ends(account, ways_in(account, request.reader.now)),
        danger=True,
    )


@form_page
def reopen(request: PageRequest, account_id: str) -> HttpResponse:
    account = visible_account(_owner(request, "reopen an account"), account_id)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: reopen_account(**request.reader.acting, account_id=account_id),
        to=lambda _opened: reverse("accounts"),
        success_message=f"{account}’s account is open again. A mail to {account.email} says how to "
        "sign in.",
    )
    return done or act(
        request,
        form,
        heading=f"Reopen {account}’s account?",
        button="Reopen it",
        trail=accounts_trail(),
        intro=[
            f"A mail goes to {account.email}: they choose a new password by a link, and sign in.",
            "What was ended stays so. Tokens have to be made anew.",
        ],
    )


@form_page
def address(request: PageRequest, account_id: str) -> HttpResponse:
    """Ask for a new address in somebody's place; whoever opens the link is believed."""
    _owner(request, "change the address of an account")
    return ask_for_address(request, of_somebody(request, account_id), accounts_trail())


def accounts_trail() -> list[tuple[str, str]]:
    """Return the way to the accounts."""
    return [(reverse("accounts"), "Accounts")]


def _owner(request: PageRequest, doing: str) -> Account:
    check_owner(is_owner=request.reader.viewer.is_owner, doing=doing)
    return holder(request)


def _trail(account: Account) -> Trail:
    return tutor_trail(account.tutor) if account.tutor_id else accounts_trail()


def _what_ends(account: Account, found: WaysIn) -> list[str]:
    """Say what closing ends, by name, and what it leaves."""
    places = f"{found.sessions} place{'' if found.sessions == 1 else 's'}"
    signed = [f"{account} is signed out in {places}."] if found.sessions else []
    names = ", ".join(f"“{token}”" for token in found.tokens)
    ended = [f"Tokens that open nothing any more: {names}."] if names else []
    asked = [f"The change of address to {found.new_email} is dropped."] if found.new_email else []
    return [
        f"Nobody can sign in as {account.email} any more, from this moment on.",
        "Links and codes that are under way open nothing.",
        *signed,
        *ended,
        *asked,
        "Students, sessions and history stay as they are. You can reopen the account later.",
    ]
