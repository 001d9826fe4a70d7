"""Database addresses as people have them: libpq's, and Prisma's with words libpq does not know."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

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
    schema = None
    if "://" in url:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        schema = dict(query).get("schema")
        kept = urlencode([(k, v) for k, v in query if k not in PRISMA_ONLY])
        url = urlunsplit(parts._replace(query=kept))
    try:
        return DatabaseUrl(make_conninfo(url), schema)
    except ProgrammingError as error:
        raise ValueError(str(error).strip()) from error
