"""/api/accounts"""

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.paging import ACCOUNTS, page
from tandem.api.preconditions import Resource
from tandem.api.responses import listed, resource
from tandem.api.schemas.accounts import (
    AccountAnswer,
    AccountList,
    AccountOut,
    AccountPage,
)
from tandem.api.schemas.sessions import Nothing
from tandem.people.closing import close_account, lock_account, reopen_account
from tandem.people.models import Account
from tandem.people.queries import visible_account, visible_accounts

router = Router(tags=["Accounts and tokens"], by_alias=True)


@router.get("", response=AccountList, summary="List accounts")
def list_accounts(request: ApiRequest, filters: Query[AccountPage]) -> HttpResponse:
    """Everybody's for an owner, closed ones too; for anybody else their own."""
    rows, rest = page(visible_accounts(request.auth.account), ACCOUNTS, filters)
    return listed(request, AccountList(accounts=[_out(row) for row in rows], next=rest))


@router.get("/{account_id}", response=AccountAnswer, summary="Read an account")
def read_account(request: ApiRequest, account_id: str) -> HttpResponse:
    """One's own, by an owner anybody's."""
    return resource(request, _one(request, account_id))


@router.post("/{account_id}/close", response=AccountAnswer, summary="Close an account")
def close(request: ApiRequest, account_id: str, payload: Nothing | None = None) -> HttpResponse:
    """Owners only. Its sessions, tokens, codes and links end at once. The only owner's stays."""
    del payload
    caller = request.auth
    _one(request, account_id)
    close_account(requester=caller, account_id=account_id)
    return resource(request, _one(request, account_id))


@router.post("/{account_id}/reopen", response=AccountAnswer, summary="Reopen an account")
def reopen(request: ApiRequest, account_id: str, payload: Nothing | None = None) -> HttpResponse:
    """Owners only. A new password is chosen by a link; what was ended stays so."""
    del payload
    caller = request.auth
    _one(request, account_id)
    reopen_account(requester=caller, account_id=account_id)
    return resource(request, _one(request, account_id))


def _one(request: ApiRequest, account_id: str) -> AccountAnswer:
    return AccountAnswer(account=_out(visible_account(request.auth.account, account_id)))


RESOURCE = Resource(
    hold=lambda _request, pk, _tutors: lock_account(pk),
    current=lambda request, pk: [_one(request, pk)],
)


def _out(account: Account) -> AccountOut:
    return AccountOut(
        id=account.pk,
        email=account.email,
        full_name=account.full_name,
        is_owner=account.is_owner,
        tutor_id=account.tutor_id,
        active=account.is_active,
        last_login=account.last_login,
        created_at=account.created_at,
    )
