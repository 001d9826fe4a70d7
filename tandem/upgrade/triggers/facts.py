"""The mapping's facts over live tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import Table
from tandem.upgrade.mapping.terms import Facts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # live facts take the time from their clock


@dataclass(frozen=True)
class LiveFacts(Facts):
    """Facts whose old rows are live ones, perhaps only some of them (``only``: row name to SQL).

    Working tables are temporary, or what ``made`` says; subjects are those that Tandem has.
    ``clock`` is SQL for now.
    """

    only: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)
    clock: str = "now()"

    def old(self, table: Table) -> str:
        return self.only.get(table.row_name, f"{SYNC}.{table.row_name}")

    def working(self, name: str) -> str:
        return self.made.get(name) or (
            f"{SYNC}.subject" if name == "subject" else f"pg_temp.{name}"
        )

    def beside_pairing(self, session: str) -> str:
        """A session that carries its link needs no table to look it up in."""
        if key := self.made.get("link"):
            return f"LEFT JOIN {self.working('pairing')} pairing ON pairing.id = {session}.{key}"
        return super().beside_pairing(session)

    def create(self, name: str) -> str:
        return f"CREATE TEMP TABLE {self.working(name)}"

    @property
    def now_sql(self) -> str:
        return self.clock


def some_rows(old: OldSide, zone: str, table: Table, rows: str, **made: str) -> LiveFacts:
    """Return facts in which ``table`` has but ``rows``: SQL for a relation of its row names."""
    only = {table.row_name: rows}
    return LiveFacts(old.shape, SYNC, zone, EPOCH, only=only, made=made)
