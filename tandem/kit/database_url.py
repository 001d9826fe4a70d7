"""Database addresses as people have them: libpq's, and Prisma's with words libpq does not know."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# https://www.prisma.io/docs/orm/overview/databases/postgresql#arguments
PRISMA_ONLY = frozenset(
    {"schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout",
     "statement_cache_size", "sslidentity", "sslpassword", "sslaccept"}
)  # fmt: skip
SECRETS = ("password", "sslpassword", "oauth_client_secret")
GIVEN = re.compile(
    r"://[^:@/]*:(?P<url>.*)@|(?:password|secret)\s*=\s*(?P<word>.*?)(?=\s+\w+\s*=|&|$)", re.DOTALL
)
SHORTEST_PART = 3
SURE = 8
"""A part of a password that is so long, and no plain word, is found in the middle of a word too."""
WORD = re.compile(r"\w")
PLAIN_WORD = re.compile(r"[A-Za-z]{1,12}|.{1,2}", re.DOTALL)
"""What a sentence may have by chance: whoever saw that word alone blacked out would know it."""
BEFORE, AFTER = "\"'“„«»‹:=@", re.compile(r"""["”“»«›@]|'(?!\w)|:\S""")
"""What stands around a part of an address, or of what libpq repeats of it, in quotation marks."""


@dataclass(frozen=True)
class DatabaseUrl:
    """A PostgreSQL address in libpq's form, and the schema that Prisma's form names, if any."""

    conninfo: str
    schema: str | None
    through_pgbouncer: bool = False
    """Whether Prisma's word ``pgbouncer=true`` says that no statement outlives its transaction."""

    @property
    def label(self) -> str:
        """The address without its passwords, fit to be shown and stored."""
        parts: dict[str, Any] = dict(conninfo_to_dict(self.conninfo))
        for secret in SECRETS:
            parts.pop(secret, None)
        return make_conninfo(**parts)

    @property
    def password(self) -> str | None:
        """The password in the address, if there is one."""
        found = conninfo_to_dict(self.conninfo).get("password")
        return None if found is None else str(found)


def parse_database_url(url: str) -> DatabaseUrl:
    """Parse a ``postgresql://`` URL or a libpq ``key=value`` string.

    Raises ValueError with libpq's words when it is neither.
    """
    schema, pooled = None, False
    if "://" in url:
        address, _, query = url.partition("?")
        words = parse_qsl(query, keep_blank_values=True)
        schema = dict(words).get("schema")
        pooled = dict(words).get("pgbouncer") == "true"
        kept = urlencode([(k, v) for k, v in words if k not in PRISMA_ONLY], quote_via=quote)
        url = f"{address}?{kept}" if kept else address
    try:
        return DatabaseUrl(make_conninfo(url), schema, pooled)
    except ProgrammingError as error:
        raise ValueError(str(error).strip()) from error


def without_passwords(text: str, addresses: Iterable[str]) -> str:
    """Return ``text`` with ``…`` for whatever part of a password of ``addresses`` stands in it.

    An address that is malformed is often so because of its password (an ``@`` or a ``/`` in it),
    and what libpq says then repeats a part of it. A part that is a plain word, or very short, is
    one only where an address or quotation marks are around it: others are words of the sentence.
    """
    parts = {part for address in addresses for secret in _secrets(address) for part in secret}
    for part in sorted(parts, key=len, reverse=True):
        text = re.sub(re.escape(part), _hidden, text)
    return text


def _hidden(found: re.Match[str]) -> str:
    """Return ``…`` for a part of a password where it stands as such, else the part."""
    part, before, after = found[0], found.string[: found.start()], found.string[found.end() :]
    begins_inside = WORD.match(part) and WORD.match(before[-1:])
    ends_inside = WORD.match(part[-1]) and WORD.match(after)
    is_alone = not (begins_inside or ends_inside)
    if PLAIN_WORD.fullmatch(part):
        is_hidden = is_alone and bool(set(before[-1:]) & set(BEFORE) or AFTER.match(after))
    else:
        is_hidden = is_alone or len(part) >= SURE
    return "…" if is_hidden else part


def _secrets(address: str) -> Iterable[set[str]]:
    for found in GIVEN.finditer(address):
        given = found["url"] or found["word"] or ""
        for form in (given, unquote(given)):
            pieces = {piece for piece in re.split(r"\W+", form) if len(piece) >= SHORTEST_PART}
            yield pieces | {form} - {""}
