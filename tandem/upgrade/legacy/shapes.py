"""The older application's tables as Tandem knows them, whatever they are called where they lie.

Column names here are Prisma's defaults. A database may lack every column marked optional; it is
then read as null. What it has beyond these is listed, left alone, and in the backup.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What a column holds; a moment is UTC, whatever the server's zone says."""

    TEXT = "text"
    BOOLEAN = "boolean"
    MOMENT = "timestamptz"


@dataclass(frozen=True)
class Column:
    """One column: its Prisma name, and its name in the rows that the mapping reads."""

    name: str
    row_name: str
    kind: Kind = Kind.TEXT
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """One table of the older application. ``row_name`` is what the mapping's SQL calls it."""

    name: str
    row_name: str
    columns: tuple[Column, ...]
    optional: bool = False


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _columns(required: str, moments: str = "", optional: str = "") -> tuple[Column, ...]:
    kinds = {"active": Kind.BOOLEAN}
    return (
        *(Column(n, _snake(n), kinds.get(n, Kind.TEXT)) for n in required.split()),
        *(
            Column(n.rstrip("?"), _snake(n.rstrip("?")), Kind.MOMENT, n.endswith("?"))
            for n in moments.split()
        ),
        *(Column(n, _snake(n), optional=True) for n in optional.split()),
    )


TUTOR = Table(
    "Tutor", "tutor", _columns("id userId email", "createdAt updatedAt", "stripeCustomerId phone")
)
STUDENT = Table(
    "Student",
    "student",
    _columns(
        "id tutorId fullName subject year active parentEmail parentLinkToken",
        "createdAt updatedAt",
        "userId email phone",
    ),
)
SESSION = Table(
    "Session",
    "session",
    _columns(
        "id studentId notes homework",
        "startTime endTime createdAt updatedAt",
        "tutorId connectionId title subject status location meetingLink",
    ),
)
SUBSCRIPTION = Table(
    "Subscription",
    "subscription",
    _columns(
        "id tutorId status stripeCustomerId stripeSubId", "currentPeriodEnd createdAt updatedAt"
    ),
    optional=True,
)
PARENT = Table(
    "Parent",
    "parent",
    _columns("id userId email fullName studentId", "createdAt updatedAt", "phone"),
    optional=True,
)
CONNECTION = Table(
    "StudentTutorConnection",
    "connection",
    _columns(
        "id studentId tutorId",
        "startDate? endDate? createdAt updatedAt",
        "subject status requestMessage responseMessage",
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
