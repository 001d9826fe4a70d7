"""What is asked directly, by whom, and what is answered."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from csp.utils import build_policy
from django.conf import settings
from django.middleware.gzip import GZipMiddleware
from django.utils.text import compress_string

from tandem.api.direct.kept import Kept
from tandem.api.responses import CREATED, JSON, Payload, as_json, names, tag_of, weak, with_warnings
from tandem.kit.named_sql import Read, Rows
from tandem.kit.time import business_day
from tandem.lessons.stated_hours import PlanningWarning
from tandem.people import tokens
from tandem.people.queries import Viewer, day_of_tutor
from tandem.people.tokens import Held, Holder

Headers = list[tuple[str, str]]
VARIES, SMALL = "Authorization, Cookie", 200
"""What answers depend on; and how many bytes are not worth compressing, as Django has it."""
TAKES_GZIP = re.compile(r"\bgzip\b")
COMMON: Headers = [
    ("cache-control", "private, no-cache"),
    ("content-security-policy", str(build_policy())),
    ("x-frame-options", settings.X_FRAME_OPTIONS),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", settings.SECURE_REFERRER_POLICY),
    ("cross-origin-opener-policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
]
"""What all of these answers carry; a test holds them equal to those of the ordinary way."""


class DirectRequest(NamedTuple):
    """A request; ``headers`` have lower-case names, each once."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class DirectAnswer(NamedTuple):
    """An answer, and for the log the pattern of its address, who asked, and queries sent.

    ``day`` is the date where who asked is.
    """

    status: int
    headers: Headers
    body: bytes
    route: str
    account_id: str
    queries: int
    day: date | None = None


class HolderChangedError(Exception):
    """The token is no longer what it was when it was remembered."""


class Call:
    """One request of somebody who is known; ``kept`` is what was answered before."""

    def __init__(
        self, request: DirectRequest, token_hash: str, holder: Holder, now: datetime, kept: Kept
    ) -> None:
        self.request, self.token_hash, self.holder, self.now = request, token_hash, holder, now
        self.viewer = Viewer(
            None,
            holder.is_owner,
            holder.tutor_id,
            read_only=holder.read_only,
            day=business_day(now),
            tutor_day=day_of_tutor(holder.tutor_zone, now),
        )
        self.kept, self.key = kept, (request.path, request.query, self.viewer)
        self.queries = 0

    def check(self, found: Rows) -> Held:
        """Return what a row of ``tokens.holder_query`` says; refuse who is not who they were."""
        if not found:
            raise HolderChangedError
        held = tokens.held(found[0])
        if held.holder != self.holder:
            raise HolderChangedError
        return held

    def listed(self, body: bytes, tag: str, route: str) -> DirectAnswer:
        """Return many things, compressed for who takes it so; 304 for who has these very ones."""
        if self.has(tag):
            return self.not_modified(weak(tag), route)
        own = {"content-type": JSON, "etag": weak(tag), "vary": VARIES}
        if len(body) >= SMALL:
            own["vary"] = f"{VARIES}, Accept-Encoding"
            if TAKES_GZIP.search(self.request.headers.get("accept-encoding", "")):
                body = compress_string(body, max_random_bytes=GZipMiddleware.max_random_bytes)
                own["content-encoding"] = "gzip"
        return self._made(200, body, route, own)

    def created(
        self, payload: Payload, location: str, route: str, *, warnings: Sequence[PlanningWarning]
    ) -> DirectAnswer:
        """Return the answer to a write that made something; ``warnings`` are no part of its tag."""
        body = as_json(payload)
        own = {"content-type": JSON, "etag": tag_of(body), "location": location}
        if warnings:
            body = as_json(with_warnings(payload, warnings))
        return self._made(CREATED, body, route, own)

    def resource(self, body: bytes, tag: str, route: str) -> DirectAnswer:
        """Return one resource with its ETag; 304 for who has this very one already."""
        if self.has(tag):
            return self.not_modified(tag, route)
        return self._made(200, body, route, {"content-type": JSON, "etag": tag})

    def not_modified(self, tag: str, route: str) -> DirectAnswer:
        """Return the answer to who has this very resource already."""
        return self._made(304, b"", route, {"etag": tag})

    def has(self, tag: str) -> bool:
        """Tell whether who calls has the resource with this ETag."""
        return names(self.request.headers.get("if-none-match", ""), tag)

    def _made(self, status: int, body: bytes, route: str, own: Mapping[str, str]) -> DirectAnswer:
        own = {"vary": VARIES, **own, "content-length": str(len(body))}
        headers = [*own.items(), *COMMON]
        who, day = self.holder.account_id, self.viewer.sees_on
        return DirectAnswer(status, headers, body, route, who, self.queries, day)


Work = Callable[[Call], Read[DirectAnswer | None]]
"""What answers a call; None leaves it to the ordinary way."""
