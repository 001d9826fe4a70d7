"""Database addresses as people have them: libpq's, and Prisma's with words libpq does not know."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# https://www.prisma.io/docs/orm/overview/databases/postgresql#arguments
PRISMA_ONLY = frozenset(
    {"schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout",
     "statement_cache_size", "sslidentity", "sslpassword", "sslaccept"}
)  # fmt: skip


@dataclass(frozen=True)
class DatabaseUrl:
    """A PostgreSQL address in libpq's form, and the schema that Prisma's form names, if any."""

    conninfo: str
    schema: str | None
    through_pgbouncer: bool = False
    """Whether Prisma's word ``pgbouncer=true`` says that no statement outlives its transaction."""

    @property
    def label(self) -> str:
        """The address without its password, fit to be shown and stored."""
        parts: dict[str, Any] = dict(conninfo_to_dict(self.conninfo))
        parts.pop("password", None)
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
