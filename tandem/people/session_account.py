"""Whose session a request comes in; a new secret key changes nothing about that."""

from typing import cast

from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tandem.people.session_store import SessionStore


class SessionAccount(AuthenticationMiddleware):
    """Middleware: Django's own, but that a session keeps its key when the secret key has changed.

    Django gives it another then. Of requests side by side one would get it, and the others would
    end the browser's sign-in with their answers.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _account(request))  # type: ignore[assignment]  # as Django


def _account(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    session = cast("SessionStore", request.session)
    with session.keeping_its_key():
        return get_user(request)
