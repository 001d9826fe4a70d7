"""The pages of one's second factor: allauth's views in Tandem's own pages."""

from collections.abc import Callable

from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkey
from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from tandem.people.recovery_codes import forget_codes
from tandem.web.asked_again import asked_again
from tandem.web.reader import PageRequest, signed_in_to_set_up
from tandem.web.views import passkeys
from tandem.web.views.own_account import holder


def _page(view: Callable[[PageRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a page of one of allauth's views; no browser keeps the secrets that stand on it."""

    def run(request: PageRequest) -> HttpResponse:
        response = view(request)
        # The page is made here, while it is known whose zone it is in.
        return response.render() if isinstance(response, SimpleTemplateResponse) else response

    return signed_in_to_set_up(asked_again(run))


def _codes_once(request: PageRequest) -> HttpResponse:
    """Show the recovery codes, if they were not shown; then nobody can read them any more."""
    response: HttpResponse = codes.view_recovery_codes(request)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
        forget_codes(holder(request))
    return response


urlpatterns: list[URLPattern] = [
    # allauth leads here when something is done.
    path("", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("add", _page(app.activate_totp), name="mfa_activate_totp"),
    path("remove", _page(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("passkeys/add", _page(passkey.add_webauthn), name="mfa_add_webauthn"),
    path("passkeys/<int:passkey_id>/name", passkeys.rename, name="rename_passkey"),
    path("passkeys/<int:passkey_id>/remove", passkeys.remove, name="remove_passkey"),
    path("codes", _page(_codes_once), name="mfa_view_recovery_codes"),
    path("codes/new", _page(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
]
