"""The words that every file of the mapping uses: where the old rows are, and small SQL pieces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tandem.upgrade.legacy.shapes import CONNECTION, Shape, Table

WHITE_SPACE = r"E' \t\n\r\u00a0'"


@dataclass(frozen=True)
class Facts:
    """What the mapping is made from.

    ``scratch`` is the schema in which the old rows lie under their row names and working tables
    are made; ``zone`` reads moments as dates; ``now`` parts past sessions from future ones.
    """

    shape: Shape
    scratch: str
    zone: str
    now: datetime

    def old(self, table: Table) -> str:
        """Return the relation that holds the old rows of ``table``."""
        return f"{self.scratch}.{table.row_name}"

    def working(self, name: str) -> str:
        """Return the name of a working table of the mapping."""
        return f"{self.scratch}.{name}"

    def create(self, name: str) -> str:
        """Return the SQL that begins to make a working table: columns or a query follow."""
        return f"CREATE UNLOGGED TABLE {self.working(name)}"

    def on_date(self, moment: str) -> str:
        """Return SQL for the date that ``moment`` falls on in the zone of the business."""
        return date_in(self.zone, moment)

    def beside_pairing(self, session: str) -> str:
        """Return SQL joins that put an old session beside its ``pairing``, or null.

        Where a student may have several, a working table ``link`` says which.
        """
        pairing = self.working("pairing")
        if self.shape.has(CONNECTION):
            return (
                f"JOIN {self.working('link')} link ON link.session_id = {session}.id "
                f"LEFT JOIN {pairing} pairing ON pairing.id = link.pairing_id"
            )
        return f"LEFT JOIN {pairing} pairing ON pairing.student_id = {session}.student_id"

    @property
    def now_sql(self) -> str:
        """SQL for the moment that parts past from future."""
        return f"{literal(self.now.isoformat())}::timestamptz"


@dataclass(frozen=True)
class Rows:
    """The new rows of one table: which columns are filled, and the SELECT that gives them.

    ``key`` names the column by which a person finds a row again. ``changed_later`` is SQL that
    tells whether Tandem changed or made a found row (``f``; the expected one is ``e``) after
    ``%(since)s``; without it, the row's own moment tells.
    """

    table: str
    columns: tuple[str, ...]
    select: str
    key: str = "id"
    where: str = "true"
    changed_later: str = ""

    @property
    def later(self) -> str:
        """SQL: whether Tandem changed the row after ``%(since)s``; a row that is gone, never."""
        moment = next((c for c in ("updated_at", "created_at", "at") if c in self.columns), None)
        return f"coalesce({self.changed_later or f'f.{moment} > %(since)s'}, false)"

    @property
    def insert(self) -> str:
        return f"INSERT INTO {self.table} ({', '.join(self.columns)})\n{self.select}"


@dataclass(frozen=True)
class Step:
    """One working table: a title for people, and the statements that make it."""

    title: str
    statements: Sequence[str]


def date_in(zone: str, moment: str) -> str:
    """Return SQL for the date that ``moment`` falls on in ``zone``."""
    return f"(({moment}) AT TIME ZONE {literal(zone)})::date"


def literal(text: str) -> str:
    """Return ``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def meaning(
    word: str, meanings: Mapping[str, str], special: Mapping[str, str] | None = None
) -> str:
    """Return SQL for what the SQL ``word`` means; null for an unknown one. ``special`` is SQL, by word."""
    found = {**{known: literal(means) for known, means in meanings.items()}, **(special or {})}
    cases = " ".join(f"WHEN {literal(known)} THEN {means}" for known, means in found.items())
    return f"CASE {word} {cases} END"


def subject_name(spelling: str) -> str:
    """Return SQL that takes outer space off; null for what names no subject."""
    return f"nullif(btrim({spelling}, {WHITE_SPACE}), '')"


def subject_key(spelling: str) -> str:
    """Return SQL that is equal for spellings of one subject; null for none."""
    return f"lower({subject_name(spelling)})"


def faults(*tests: tuple[str, str]) -> str:
    """Return SQL that names, separated by spaces, each fault whose test holds."""
    cases = ", ".join(f"CASE WHEN {test} THEN {literal(name)} END" for name, test in tests)
    return f"concat_ws(' ', {cases})"


def with_read_fault(row: str, fault_sql: str) -> str:
    """Return SQL that joins the faults of reading ``row`` with those of the rules."""
    return f"concat_ws(' ', {row}.read_fault, nullif({fault_sql}, ''))"
