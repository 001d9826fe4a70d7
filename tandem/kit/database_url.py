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
PLAIN_WORD = re.compile(r"[A-Za-z]{1,12}|.{1,2}", re.DOTALL)
"""What a sentence may have by chance: whoever saw that word alone blacked out would know it."""
BEFORE, AFTER = r"""(?<=["'“„«»‹:=@])""", r"""(?=["”“»«›@]|'(?!\w)|:\S)"""
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
        text = re.sub(_standing(part), "…", text)
    return text


def _standing(part: str) -> str:
    """Return the pattern of a part of a password, where it stands as such."""
    escaped = re.escape(part)
    begins = r"(?<!\w)" if re.match(r"\w", part) else ""
    ends = r"(?!\w)" if re.search(r"\w\Z", part) else ""
    if PLAIN_WORD.fullmatch(part):
        return f"{begins}(?:{BEFORE}{escaped}|{escaped}{AFTER}){ends}"
    return escaped if len(part) >= SURE else f"{begins}{escaped}{ends}"


def _secrets(address: str) -> Iterable[set[str]]:
    for found in GIVEN.finditer(address):
        given = found["url"] or found["word"] or ""
        for form in (given, unquote(given)):
            pieces = {piece for piece in re.split(r"\W+", form) if len(piece) >= SHORTEST_PART}
            yield pieces | {form} - {""}
