"""What a page of settings tells of them in numbers, by one statement."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from psycopg import sql

from tandem.kit.named_sql import NamedStatements, fetch_all
from tandem.people.queries import Viewer

SETTINGS = NamedStatements(Path(__file__).with_name("settings_facts.sql"))


class SettingsFacts(NamedTuple):
    """The reader's own usable tokens and calendar addresses; and who can sign in, for an owner."""

    tokens: int
    calendars: int
    owners: int
    others: int


def settings_facts(viewer: Viewer, now: datetime) -> SettingsFacts:
    """Return the numbers that ``viewer`` may read; only owners read of others' accounts."""
    account_id = viewer.account.pk if viewer.account else None
    statement = _statement(viewer.is_owner, viewer.tutor_id is not None)
    return fetch_all(statement, {"account_id": account_id, "now": now}, SettingsFacts)[0]


@cache
def _statement(is_owner: bool, is_tutor: bool) -> str:  # noqa: FBT001 - a shape
    kinds = [*(["owner"] if is_owner else []), *(["tutor"] if is_tutor else [])]
    return SETTINGS.compose(
        "settings_facts",
        kinds=sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, kinds or [""]))),
        accounts=sql.SQL("true" if is_owner else "false"),
    )
