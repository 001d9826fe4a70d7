"""/api/tokens"""

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.paging import TOKENS, page
from tandem.api.preconditions import Resource
from tandem.api.responses import CREATED, ShownOnce, as_json, listed, no_content, resource
from tandem.api.schemas.accounts import (
    NewToken,
    NewTokenAnswer,
    TokenAnswer,
    TokenList,
    TokenOut,
    TokenPage,
)
from tandem.kit.errors import ForbiddenError
from tandem.people import tokens
from tandem.people.models import ApiToken

router = Router(tags=["Accounts and tokens"], by_alias=True)
MAKES_NONE = "A token makes no token. Sign in on the site and make it there, under Your account."


@router.get("", response=TokenList, summary="List tokens")
def list_tokens(request: ApiRequest, filters: Query[TokenPage]) -> HttpResponse:
    """One's own, an owner everybody's; those that open nothing any more too."""
    caller = request.auth
    rows, rest = page(tokens.tokens_of(caller.account), TOKENS, filters)
    return listed(request, TokenList(tokens=[_out(row, request) for row in rows], next=rest))


@router.post("", response={CREATED: NewTokenAnswer}, summary="Make a token")
def make_token(request: ApiRequest, payload: NewToken) -> HttpResponse:
    """For one's own account. It takes somebody signed in (the cookie): a token makes no token."""
    caller = request.auth
    if caller.token is not None:
        raise ForbiddenError(MAKES_NONE)
    caller.check_confirmed()
    token, key = tokens.create_token(
        account=caller.account,
        now=caller.now,
        name=payload.name,
        read_only=payload.read_only,
        expires_in=payload.expires_in_days,
    )
    made = NewTokenAnswer(token=_out(token, request), key=key)
    without_key = as_json(made.model_copy(update={"key": None}))
    response = ShownOnce(as_json(made), without_key, status=CREATED)
    response["Location"] = f"/api/tokens/{token.pk}"
    return response


@router.get("/{token_id}", response=TokenAnswer, summary="Read a token")
def read_token(request: ApiRequest, token_id: str) -> HttpResponse:
    """Its name, state and use; never its key."""
    return resource(request, _one(request, token_id))


@router.delete("/{token_id}", response={204: None}, summary="Revoke a token")
def revoke_token(request: ApiRequest, token_id: str) -> HttpResponse:
    """One's own, by an owner anybody's. It opens nothing from now on; again changes nothing."""
    caller = request.auth
    tokens.visible_token(caller.account, token_id)
    tokens.revoke(requester=caller, token_id=token_id)
    return no_content()


def _one(request: ApiRequest, token_id: str) -> TokenAnswer:
    return TokenAnswer(token=_out(tokens.visible_token(request.auth.account, token_id), request))


RESOURCE = Resource(
    hold=lambda _request, pk, _tutors: tokens.lock_token(pk),
    current=lambda request, pk: [_one(request, pk)],
)


def _out(token: ApiToken, request: ApiRequest) -> TokenOut:
    return TokenOut(
        id=token.pk,
        name=token.name,
        account_id=token.account_id,
        email=token.account.email,
        read_only=token.read_only,
        state=tokens.state_of(token, request.auth.now),
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
    )
