"""``Idempotency-Key``: a write that is sent again is not done again.

The answer is kept in the transaction of the write itself, so there is never one without the
other. Of two that come at once, the second waits for the first and repeats its answer. Kept is
what was done or refused. Input that was wrong, a precondition that failed and a lock that was
taken (``busy``) changed nothing and may be put right under the same key.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.http import HttpResponse

from tandem.api.access import READS, ApiRequest
from tandem.api.models import KeptAnswer
from tandem.api.responses import ShownOnce
from tandem.kit.errors import ConflictError, ForbiddenError, TandemError, invalid
from tandem.kit.transactions import as_one
from tandem.people.link_keys import opened, sealing_keys
from tandem.people.queries import Viewer, students_taught

P = ParamSpec("P")
View = Callable[Concatenate[ApiRequest, P], HttpResponse]
Refused = Callable[[ApiRequest, TandemError], HttpResponse]

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
KEPT_FOR = timedelta(hours=24)
LINK = re.compile(r'("parentLinkToken":\s*)("(?:[^"\\]|\\.)*")')
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Deprecation", "Link")


def idempotent(refused: Refused) -> Callable[[View[P]], View[P]]:
    """Return a decorator of views; ``refused`` turns a refusal into the response that is kept."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def run(request: ApiRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            key = request.headers.get(HEADER)
            if key is None or request.method in READS:
                return view(request, *args, **kwargs)
            if not 1 <= len(key) <= LONGEST_KEY:
                raise invalid(HEADER, f"A key has 1 to {LONGEST_KEY} characters.")

            def once_only() -> HttpResponse:
                mine, kept = _claimed(request, key)
                if mine.pk != kept.pk:
                    return _repeated(request, kept, mine)
                try:
                    response = view(request, *args, **kwargs)
                except TandemError as refusal:
                    response = refused(request, refusal)
                    if not _final(refusal):
                        transaction.set_rollback(True)
                        return response
                _keep(request, mine, response)
                return response

            return as_one(once_only)

        return run

    return decorate


def forget_student(*, student_id: str, **_signal: Any) -> None:
    """Drop the kept answers that mention a student, inside the erasure's transaction."""
    KeptAnswer.objects.filter(body__contains=student_id).delete()


def forget_tutor(*, tutor_id: str, **_signal: Any) -> None:
    """Drop the kept answers that mention a tutor, inside the erasure's transaction."""
    KeptAnswer.objects.filter(body__contains=tutor_id).delete()


def _claimed(request: ApiRequest, key: str) -> tuple[KeptAnswer, KeptAnswer]:
    """Return this request's row, and the row that has the key: the same when it is the first.

    The insertion waits for a transaction that has inserted the same key. A row that is too old
    gives way; the worker drops those whose keys nobody sends again.
    """
    caller = request.auth
    mine = KeptAnswer(
        account=caller.account, key=key, request_hash=_hash(request), created_at=caller.now
    )
    KeptAnswer.objects.bulk_create([mine], ignore_conflicts=True)
    kept = KeptAnswer.objects.filter(account=caller.account, key=key).first()
    if kept and kept.created_at >= caller.now - KEPT_FOR:
        return mine, kept
    if kept:
        kept.delete()
    return _claimed(request, key)  # Too old, or dropped by the worker just now.


def _hash(request: ApiRequest) -> str:
    parts = (str(request.method).encode(), request.get_full_path().encode(), request.body)
    return sha256(b"\n".join(parts)).hexdigest()


def _repeated(request: ApiRequest, kept: KeptAnswer, mine: KeptAnswer) -> HttpResponse:
    if kept.request_hash != mine.request_hash:
        raise invalid(HEADER, "This key was used for another request. Use a new one.")
    _check_still_told(request.auth.viewer, kept)
    body = _each_link(kept.body, opened)
    response = HttpResponse(body, status=kept.status, headers=kept.headers)
    response["Idempotent-Replayed"] = "true"
    return response


def _each_link(body: str, change: Callable[[str], str | None]) -> str:
    """Return an answer with each parents' link in another form: what is kept of it is sealed."""

    def changed(found: re.Match[str]) -> str:
        return found[1] + json.dumps(change(json.loads(found[2])), ensure_ascii=False)

    return LINK.sub(changed, body)


def _check_still_told(viewer: Viewer, kept: KeptAnswer) -> None:
    """ForbiddenError where what the account was then let it be told, and no longer does."""
    if viewer.is_owner:
        return
    taught = set(students_taught(viewer).filter(relationships__student__in=kept.taught))
    if kept.was_owner or not taught.issuperset(kept.taught):
        raise ForbiddenError(
            "This was done when it was first sent. Its answer is not told again: it was made for "
            "what you no longer are, an owner or somebody who teaches the student."
        )


def _final(refusal: TandemError) -> bool:
    if isinstance(refusal, ConflictError):
        return refusal.reason != "busy"
    return refusal.code not in {"changed", "invalid"}


def _keep(request: ApiRequest, row: KeptAnswer, response: HttpResponse) -> None:
    headers: dict[str, Any] = {
        name: response[name] for name in KEPT_HEADERS if response.has_header(name)
    }
    body = response.kept_content if isinstance(response, ShownOnce) else response.content
    row.status, row.headers = response.status_code, headers
    row.body = _each_link(body.decode(), sealing_keys().seal)
    viewer = request.auth.viewer
    row.was_owner = viewer.is_owner
    if not viewer.is_owner:
        row.taught = sorted(pk for pk in students_taught(viewer) if pk in row.body)
    row.save(update_fields=["status", "headers", "body", "was_owner", "taught"])
