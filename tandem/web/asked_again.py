"""Pages before which somebody shows again that it is them, unless they did within ten minutes."""

from functools import wraps

from allauth.account.adapter import get_adapter
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from tandem.people.reauthentication import is_recent
from tandem.web.methods import require_http_methods
from tandem.web.reader import P, PageRequest, View, keep_form


def asked_again(view: View[P]) -> View[P]:
    """Ask for the password or a code first. A form that was sent too late is kept meanwhile.

    It stands below ``signed_in``: strangers are sent to sign in before.
    """

    @wraps(view)
    def run(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if is_recent(request):
            return view(request, *args, **kwargs)
        if request.method == "POST":
            keep_form(request)
        ways = get_adapter().get_reauthentication_methods(request.user)
        address = ways[0]["url"] if ways else reverse("sign_in_again")
        here = urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})
        return HttpResponseRedirect(f"{address}?{here}")

    return run


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Ask somebody who has neither a password nor an app to sign in by a code once more."""
    if request.method != "POST":
        return render(request, "account/sign_in_again.html")
    to = request.GET.get(REDIRECT_FIELD_NAME, "")
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    logout(request)
    query = urlencode({REDIRECT_FIELD_NAME: to if safe else reverse("home")})
    return HttpResponseRedirect(f"{reverse('account_request_login_code')}?{query}")
