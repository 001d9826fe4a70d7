"""Your account: the address and the password that you sign in with, and your tokens."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tandem.kit import time
from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.kit.language import gettext as _
from tandem.people import calendar_feeds, limits, sign_in_address, tokens
from tandem.people.devices import devices_of
from tandem.people.models import Account, ApiToken
from tandem.people.queries import visible_account
from tandem.people.second_factor import factors_of
from tandem.web.asked_again import asked_again
from tandem.web.forms.accounts import AddressSheet, TokenSheet
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.letters import send_address_link
from tandem.web.methods import require_http_methods, require_safe
from tandem.web.reader import PageRequest, signed_in
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import Trail, act, settings_trail
from tandem.web.views.parent import secret_address, with_form


def holder(request: PageRequest) -> Account:
    """Return whose account it is that reads."""
    account = request.reader.viewer.account
    if account is None:
        raise NotFoundError("account", "")
    return account


def own_trail() -> list[tuple[str, str]]:
    """Return the way to one's own account."""
    return [*settings_trail(), (reverse("account"), _("Your account"))]


@require_safe
@signed_in
def account(request: PageRequest) -> HttpResponse:
    own, now = holder(request), request.reader.now
    rows = tokens.own_tokens(own)
    factors = list(factors_of(own))
    context = {
        "account": own,
        "has_app": any(row.type == Authenticator.Type.TOTP for row in factors),
        "passkeys": [row.wrap() for row in factors if row.type == Authenticator.Type.WEBAUTHN],
        "change": sign_in_address.change_of(own, now),
        "devices": devices_of(own),
        "here": request.session.session_key,
        "calendars": calendar_feeds.feeds_of(own, now=request.reader.now),
        "tokens": token_lines(list(rows), request),
    }
    return render(request, "accounts/own.html", context)


def token_lines(rows: list[ApiToken], request: PageRequest) -> list[dict[str, Any]]:
    """Return tokens with their state, those that open something first."""
    lines = [{"token": row, "state": tokens.state_of(row, request.reader.now)} for row in rows]
    return sorted(lines, key=lambda line: line["state"] != "usable")


@form_page
@asked_again
def new_token(request: PageRequest) -> HttpResponse:
    """Make a token; its key is shown in the answer itself, and nowhere kept."""
    form = bind_form(request, TokenSheet)
    made: list[tuple[ApiToken, str]] = []

    def make(given: dict[str, Any]) -> None:
        made.append(tokens.create_token(account=holder(request), now=request.reader.now, **given))

    done = submit(
        request,
        form,
        make,
        to=lambda _made: reverse("account"),
        success_message=_("The token is made."),
    )
    if done and made:
        token, key = made[-1]
        return render(request, "accounts/token.html", {"token": token, "key": key})
    return done or act(
        request,
        form,
        heading=_("Make a token"),
        button=_("Make the token"),
        trail=own_trail(),
        intro=[_("A program that has a token does over the API what you may do here.")],
    )


@form_page
def revoke_token(request: PageRequest, token_id: str) -> HttpResponse:
    """One's own; an owner everybody's."""
    own = holder(request)
    token = tokens.visible_token(own, token_id)
    is_own = token.account_id == own.pk
    back = reverse("account" if is_own else "accounts")
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: tokens.revoke(requester=request.reader, token_id=token_id),
        to=lambda _done: back,
        success_message=_("The token is revoked. It opens nothing any more."),
    )
    heading = _("Revoke your token “{token}”?")
    if not is_own:
        heading = _("Revoke {account}’s token “{token}”?")
    return done or act(
        request,
        form,
        heading=heading.format(account=token.account, token=token),
        button=_("Revoke it"),
        trail=own_trail() if is_own else [*settings_trail(), (back, _("Accounts"))],
        intro=[_("Every program that uses it is refused from now on. This cannot be undone.")],
        danger=True,
    )


@form_page
def change_address(request: PageRequest) -> HttpResponse:
    return ask_for_address(request, holder(request), own_trail())


def ask_for_address(request: PageRequest, account: Account, trail: Trail) -> HttpResponse:
    """Ask for the new address of an account, and send the link that confirms it there."""
    own = holder(request)
    if request.method == "POST":
        limits.spend(limits.PASSWORDS_ASKED, f"account:{own.pk}", request.reader.now)
    form = bind_form(request, AddressSheet)

    def ask(given: dict[str, Any]) -> None:
        change, secret = sign_in_address.ask_for_address(
            requester=request.reader, account_id=account.pk, **given
        )
        send_address_link(request, change, secret)

    typed = request.POST.get("email", "").strip()
    done = submit(
        request,
        form,
        ask,
        to=lambda _asked: trail[-1][0],
        success_message=_(
            "A mail is on its way to {typed}. The address changes when its link is opened."
        ).format(typed=typed),
    )
    heading = _("Change the address that you sign in with")
    if account.pk != own.pk:
        heading = _("Change the address that {account} signs in with").format(account=account)
    return done or act(
        request,
        form,
        heading=heading,
        button=_("Send the link"),
        trail=trail,
        intro=[
            _("It is {email} now. That address is told.").format(email=account.email),
            _("A link goes to the new one. Nothing is changed until it is opened, within a day."),
        ],
    )


@form_page
def withdraw_address(request: PageRequest) -> HttpResponse:
    own = holder(request)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: sign_in_address.withdraw_change(requester=request.reader, account_id=own.pk),
        to=lambda _done: reverse("account"),
        success_message=_("Forgotten. You sign in with {email}.").format(email=own.email),
    )
    return done or act(
        request,
        form,
        heading=_("Keep {email}?").format(email=own.email),
        button=_("Keep it"),
        trail=own_trail(),
        intro=[_("The link that was sent to the other address opens nothing any more.")],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Change the address once its link was opened and the button pressed: mail is looked through
    by programs, which open links and press nothing.
    """
    reader = request.user if isinstance(request.user, Account) else None
    try:
        change = sign_in_address.waiting_change(token, time.utc_now())
        if sign_in_address.needs_sign_in(change, reader):
            return _sign_in_first(request, change.account.email, reader)
        if request.method != "POST":
            return with_form(render(request, "accounts/confirm.html", {"change": change}))
        account = sign_in_address.confirm_address(
            reader=reader,
            now=time.utc_now(),
            secret=token,
            session_key=request.session.session_key if reader == change.account else None,
        )
    except NotFoundError:
        return render(request, "accounts/link_gone.html", status=404)
    return render(request, "accounts/confirmed.html", {"account": account, "reader": reader})


def _sign_in_first(request: HttpRequest, email: str, reader: Account | None) -> HttpResponse:
    if reader is None:
        return redirect(f"{reverse('account_login')}?next={request.path}")
    raise ForbiddenError(
        _("Sign out, sign in as {email}, and open the link again.").format(email=email)
    )


def of_somebody(request: PageRequest, account_id: str) -> Account:
    """Return an account that an owner looks after; ConflictError for one that is closed."""
    found = visible_account(holder(request), account_id)
    if not found.is_active:
        raise ConflictError("account_closed", _("This account is closed. Reopen it first."))
    return found
