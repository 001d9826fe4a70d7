"""The addresses of signing in and out: only those of allauth's that have a page of ours."""

from allauth.account import views
from allauth.mfa.base import views as mfa_views
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, path, re_path
from django.views.generic import TemplateView

from tandem.web.asked_again import asked_again, sign_in_again
from tandem.web.reader import in_own_frame
from tandem.web.views import passkeys

urlpatterns: list[URLPattern] = [
    path("login/", views.login, name="account_login"),
    path("logout/", in_own_frame(views.logout), name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path(
        "signup/",
        TemplateView.as_view(template_name="account/signup_closed.html"),
        name="account_signup",
    ),
    path("second-factor/", passkeys.SecondStep.as_view(), name="mfa_authenticate"),
    path("passkey/", passkeys.SignIn.as_view(), name="mfa_login_webauthn"),
    path(
        "again/passkey/",
        in_own_frame(passkeys.Again.as_view()),
        name="mfa_reauthenticate_webauthn",
    ),
    path("again/", in_own_frame(views.reauthenticate), name="account_reauthenticate"),
    path("again/sign-in/", login_required(in_own_frame(sign_in_again)), name="sign_in_again"),
    path("again/code/", in_own_frame(mfa_views.reauthenticate), name="mfa_reauthenticate"),
    path("password/change/", in_own_frame(views.password_change), name="account_change_password"),
    path(
        "password/set/",
        asked_again(in_own_frame(views.password_set)),
        name="account_set_password",
    ),
    path("login/code/", views.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", views.confirm_login_code, name="account_confirm_login_code"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
