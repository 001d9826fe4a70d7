"""The older application's tables as Tandem knows them, whatever they are called where they lie.

Each column is declared here, once: all that reads, makes, shows and compares rows goes by it. What a
database has beyond these is listed, left alone, and in the backup.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from tandem.upgrade.legacy.vocabulary import NOT_CHOSEN


class Kind(Enum):
    """What a column holds; a moment is UTC, whatever the server's zone says."""

    TEXT = "text"
    BOOLEAN = "boolean"
    MOMENT = "timestamptz"


@dataclass(frozen=True)
class Column:
    """One column: what it is called, and what becomes of it.

    ``name`` is Prisma's, ``row_name`` its name in the rows that the mapping reads. ``ours`` is the
    column of Tandem's that says the same; where there is none, a rule says what becomes of it, or
    the old side is ``alone`` with it: then Tandem neither shows nor compares it. ``optional``: a
    database may lack it; it is then read as null. ``only_one``: no two rows may have one value.

    ``if_null`` is SQL for what Tandem has where the old row has nothing, ``empty`` for what an old
    column that takes no NULL gets where Tandem has nothing to say.
    """

    name: str
    ours: str = ""
    kind: Kind = Kind.TEXT
    optional: bool = False
    alone: bool = False
    only_one: bool = False
    if_null: str = ""
    empty: str = ""

    @property
    def row_name(self) -> str:
        return _snake(self.name)


@dataclass(frozen=True)
class Table:
    """One table of the older application. ``row_name`` is what the mapping's SQL calls it."""

    name: str
    row_name: str
    columns: tuple[Column, ...] = field(compare=False)
    optional: bool = False

    @property
    def kept(self) -> list[Column]:
        """The columns that Tandem has too, and keeps as they are."""
        return [column for column in self.columns if column.ours]


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _moment(name: str, ours: str = "", *, optional: bool = False) -> Column:
    return Column(name, ours, Kind.MOMENT, optional)


MADE, CHANGED = _moment("createdAt", "created_at"), _moment("updatedAt", "updated_at")
"""When a row was made, and changed last; one that cannot be read is taken from the other."""

TUTOR = Table(
    "Tutor",
    "tutor",
    (
        Column("id"),
        Column("userId", "auth_subject", only_one=True),
        Column("email", "email"),
        MADE,
        CHANGED,
        Column("stripeCustomerId", "stripe_customer_id", optional=True),
        Column("phone", "phone", optional=True),
    ),
)
STUDENT = Table(
    "Student",
    "student",
    (
        Column("id"),
        Column("tutorId"),
        Column("fullName", "full_name", if_null="''"),
        Column("subject", empty=f"'{NOT_CHOSEN}'"),
        Column("year", "year", if_null="''", empty="''"),
        Column("active", "active", Kind.BOOLEAN, if_null="true"),
        Column("parentEmail", "parent_email"),
        Column(
            "parentLinkToken",
            "parent_link_token",
            only_one=True,
            empty="gen_random_uuid()::text",
        ),
        MADE,
        CHANGED,
        Column("userId", "auth_subject", optional=True, only_one=True),
        Column("email", "email", optional=True, only_one=True),
        Column("phone", "phone", optional=True),
    ),
)
SESSION = Table(
    "Session",
    "session",
    (
        Column("id"),
        Column("studentId"),
        Column("notes", "notes"),
        Column("homework", "homework"),
        _moment("startTime", "starts_at"),
        _moment("endTime", "ends_at"),
        MADE,
        CHANGED,
        Column("tutorId", optional=True),
        Column("connectionId", optional=True),
        Column("title", "title", optional=True, empty="''"),
        Column("subject", optional=True, alone=True, empty=f"'{NOT_CHOSEN}'"),
        Column("status", optional=True),
        Column("location", "location", optional=True),
        Column("meetingLink", "meeting_link", optional=True),
    ),
)
SUBSCRIPTION = Table(
    "Subscription",
    "subscription",
    (
        Column("id"),
        Column("tutorId", "tutor_id", only_one=True),
        Column("status", "status"),
        Column("stripeCustomerId", "stripe_customer_id", only_one=True),
        Column("stripeSubId", "stripe_sub_id", only_one=True),
        _moment("currentPeriodEnd", "current_period_end"),
        MADE,
        CHANGED,
    ),
    optional=True,
)
PARENT = Table(
    "Parent",
    "parent",
    (
        Column("id"),
        Column("userId", "auth_subject", only_one=True),
        Column("email", "email", only_one=True),
        Column("fullName", "full_name"),
        Column("studentId", "student_id"),
        MADE,
        CHANGED,
        Column("phone", "phone", optional=True),
    ),
    optional=True,
)
CONNECTION = Table(
    "StudentTutorConnection",
    "connection",
    (
        Column("id"),
        Column("studentId"),
        Column("tutorId"),
        _moment("startDate", optional=True),
        _moment("endDate", optional=True),
        MADE,
        CHANGED,
        Column("subject", optional=True, empty=f"'{NOT_CHOSEN}'"),
        Column("status", optional=True),
        Column("requestMessage", optional=True, alone=True),
        Column("responseMessage", optional=True, alone=True),
    ),
    optional=True,
)
TABLES = (TUTOR, STUDENT, SESSION, SUBSCRIPTION, PARENT, CONNECTION)
BOOKKEEPING = frozenset({"_prisma_migrations"})


@dataclass(frozen=True)
class Shape:
    """What was found: which of the known tables and columns there are, and what else there is.

    ``columns`` maps a known table's Prisma name to its present columns: Prisma name to found name.
    """

    names: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]
    unknown_tables: tuple[str, ...] = ()
    unknown_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, table: Table, column: str | None = None) -> bool:
        """Tell whether the database has ``table`` (and in it ``column``)."""
        found = self.columns.get(table.name)
        return found is not None and (column is None or column in found)

    def present(self, table: Table) -> list[Column]:
        """Return the columns of ``table`` that the database has."""
        return [column for column in table.columns if self.has(table, column.name)]

    def unknown(self, table: Table) -> Mapping[str, str]:
        """Return the columns of ``table`` that nobody knows: the name to keep each by, its own name.

        The two differ where it is called as Prisma calls a known column, which has another name here.
        """
        known = {column.name for column in table.columns}
        found = self.unknown_columns.get(table.name, ())
        return {f"{name} (not known)" if name in known else name: name for name in found}

    def tables(self) -> Iterator[Table]:
        """Yield the known tables that there are, in an order in which parents come first."""
        return (table for table in TABLES if self.has(table))
