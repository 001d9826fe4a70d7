"""Requests that come again and again, answered from the worker's event loop: no thread, no Django.

The ordinary way (Django's resolver, ninja, a thread and its connection) takes several times as long
as the database takes to read a student. Here stands no rule and no text of its own: reads are those
of ``reads.py``, bookings those of ``tandem.lessons.booking``, and whatever is unusual (another
query, a refusal, a token that nobody knows) is left to the ordinary way, which finds the words.

Who calls is remembered by token for as long as its use need not be noted again, and each answer is
sent only if the same round trip said that the token, its account and its rights are still what they
were.
"""

import asyncio
from contextlib import nullcontext
from datetime import datetime
from typing import NamedTuple
from weakref import WeakValueDictionary

from tandem.api.direct.booking import PATH as SESSIONS
from tandem.api.direct.booking import booking
from tandem.api.direct.call import (
    COMMON,
    VARIES,
    Call,
    DirectAnswer,
    DirectRequest,
    HolderChangedError,
    Work,
)
from tandem.api.direct.kept import Kept, Key
from tandem.api.direct.reading import DASHBOARD, reading
from tandem.api.errors import unavailable
from tandem.kit.async_sql import (
    AsyncPool,
    ConnectionLostError,
    NoConnectionError,
    StatementFailedError,
    TooSlowError,
)
from tandem.kit.errors import TandemError
from tandem.people import limits, tokens
from tandem.people.tokens import Holder

BEARER = "Bearer "
LEFT = (TandemError, NoConnectionError, StatementFailedError)
"""After these the ordinary way is asked."""
MOST_KNOWN = 10_000
"""So many tokens are remembered in a process; then it begins anew."""


class Known(NamedTuple):
    """Who holds a token, and when its use was noted last."""

    holder: Holder
    used_at: datetime


class Direct:
    """Answers what it can from one event loop, with the connections of ``pool``."""

    def __init__(self, pool: AsyncPool) -> None:
        self._pool = pool
        self._known: dict[str, Known] = {}
        self._kept = Kept()
        self._turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    async def answer(self, request: DirectRequest, now: datetime) -> DirectAnswer | None:
        """Return the answer, or None where the ordinary way is to find it; nothing is done then."""
        authorization = request.headers.get("authorization", "")
        work = _work(request) if authorization.startswith(BEARER) else None
        if work is None:
            return None
        token_hash = tokens.hash_of(authorization[len(BEARER) :])
        try:
            known = self._known.get(token_hash)
            if known is None or not tokens.is_use_noted(known.used_at, now):
                known = await self._look_up(token_hash, now)
            if known is None:
                return None
            return await self._counted(
                Call(request, token_hash, known.holder, now, self._kept), work
            )
        except HolderChangedError:
            self._known.pop(token_hash, None)
        except LEFT:
            pass
        except TooSlowError:  # the ordinary way would only wait as long once more
            return _unavailable(request.method)
        except ConnectionLostError:
            return None if request.method == "GET" else _unavailable(request.method)
        return None

    async def _counted(self, call: Call, work: Work) -> DirectAnswer | None:
        """Count a request and answer it; what is left to the ordinary way is counted there."""
        who = f"token:{call.holder.token_id}"
        await self._pool.run_read(limits.spending(limits.REQUESTS, who, call.now))
        found = None
        try:
            async with self._turn(call) if call.request.path == DASHBOARD else nullcontext():
                found = await self._pool.run_read(work(call))
        except (HolderChangedError, *LEFT):
            limits.give_back(limits.REQUESTS, who, call.now)
            raise
        if found is None:
            limits.give_back(limits.REQUESTS, who, call.now)
        return found

    def _turn(self, call: Call) -> asyncio.Lock:
        """Return what lets a dashboard be counted once, however many ask for it at once."""
        return self._turns.setdefault(call.key, asyncio.Lock())

    async def _look_up(self, token_hash: str, now: datetime) -> Known | None:
        """Return who holds a token, note its use, and remember it."""
        (rows,) = await self._pool.fetch([tokens.holder_query(token_hash, now)])
        if not rows:
            return None
        held = tokens.held(rows[0])
        used_at = held.last_used_at
        if used_at is None or not tokens.is_use_noted(used_at, now):
            await self._pool.fetch([tokens.use_query(token_hash, now)])
            used_at = now
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        known = self._known[token_hash] = Known(held.holder, used_at)
        return known


def _work(request: DirectRequest) -> Work | None:
    """Return what answers a request; None for all that is unusual or wrong."""
    try:
        if request.method == "GET":
            return None if request.body else reading(request)
        return booking(request) if request.method == "POST" else None
    except (ValueError, TandemError):  # pydantic's errors are ValueErrors
        return None


def _unavailable(method: str) -> DirectAnswer:
    """Return the answer where nothing came from the database: a write may have been done."""
    route = "" if method == "GET" else SESSIONS[1:]
    response = unavailable()
    headers = [*((name.lower(), value) for name, value in response.items()), ("vary", VARIES)]
    return DirectAnswer(response.status_code, [*headers, *COMMON], response.content, route, "", 1)
