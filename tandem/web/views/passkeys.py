"""Adding a passkey, giving it a name, removing it; and signing in with one."""

from typing import Any

from allauth.mfa.base import views as mfa
from allauth.mfa.webauthn import views as allauth_views
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.people import passkeys
from tandem.people.second_factor import kinds_of_factors
from tandem.web.asked_again import asked_again
from tandem.web.forms.accounts import PasskeySheet
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act
from tandem.web.views.own_account import holder, own_trail

REFUSED = "passkey=refused"
"""What the sign-in page's address says where a passkey was refused just now."""


class SignIn(allauth_views.LoginWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """In place of address and password."""

    def form_invalid(self, form: AuthenticateWebAuthnForm) -> HttpResponse:
        """Lead back to the sign-in page, which says so."""
        del form
        return HttpResponseRedirect(f"{reverse('account_login')}?{REFUSED}")


class SecondStep(mfa.AuthenticateView):  # type: ignore[misc]  # allauth has no types
    """After the password: a code of the app, a recovery code, or a passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say which of them there are."""
        types = set(kinds_of_factors(self.stage.login.user))
        context = super().get_context_data(**kwargs)
        if "totp" not in types:
            context["form"].fields["code"].label = _("Recovery code")
        return {
            **context,
            "has_app": "totp" in types,
            "has_passkey": "webauthn" in types,
        }


class Again(allauth_views.ReauthenticateWebAuthnView):  # type: ignore[misc]  # as above
    """Of somebody who is signed in and is asked again."""

    def form_invalid(self, form: AuthenticateWebAuthnForm) -> HttpResponse:
        """Show the page again, with what was wrong."""
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return response


@form_page
@asked_again
def rename(request: PageRequest, passkey_id: int) -> HttpResponse:
    own = holder(request)
    row = passkeys.passkey(own, passkey_id)
    form = bind_form(request, PasskeySheet, initial={"name": row.wrap().name})
    done = submit(
        request,
        form,
        lambda given: passkeys.rename_passkey(own, passkey_id, **given),
        to=lambda _done: reverse("account"),
        success_message=_("The passkey has its new name."),
    )
    return done or act(
        request,
        form,
        heading=_("Give the passkey another name"),
        button=_("Keep the name"),
        trail=own_trail(),
    )


@form_page
@asked_again
def remove(request: PageRequest, passkey_id: int) -> HttpResponse:
    own = holder(request)
    row = passkeys.passkey(own, passkey_id)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: passkeys.remove_passkey(own, passkey_id),
        to=lambda _done: reverse("account"),
        success_message=_("The passkey is removed. It opens nothing any more."),
    )
    return done or act(
        request,
        form,
        heading=_("Remove the passkey “{name}”?").format(name=row.wrap().name),
        button=_("Remove it"),
        trail=own_trail(),
        intro=[
            _("It signs you in no more. Your device may go on offering it; delete it there, too.")
        ],
        danger=True,
    )
