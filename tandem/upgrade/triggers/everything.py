"""All statements of the sync, in order."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.triggers.rules_as_functions import rule_functions
from tandem.upgrade.triggers.sql_files import (
    BEFORE_THE_VIEWS,
    static_functions,
    telling_functions,
)
from tandem.upgrade.triggers.views_of_expected import shown_views
from tandem.upgrade.triggers.views_of_made import made_views
from tandem.upgrade.triggers.views_of_old import said_views


def objects(old: OldSide, zone: str, home: str) -> Iterator[str]:
    """Yield what is made beside both sides: schema, views, functions. No trigger, no lock.

    ``zone`` is the business's; ``home`` is the quoted schema of Tandem's tables.
    """
    yield f"CREATE SCHEMA IF NOT EXISTS {SYNC}"
    yield (
        f"CREATE OR REPLACE AGGREGATE {SYNC}.merged(jsonb)"
        " (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}')"
    )
    yield from static_functions(old, zone, home, BEFORE_THE_VIEWS)
    yield from said_views(old)
    yield from shown_views(old, zone)
    yield from made_views(old, zone)
    yield from rule_functions(old, zone)
    yield from static_functions(old, zone, home)
    yield from telling_functions(old, zone, home)
    # Trigger functions fire for whoever writes; the old application's role may call none of these.
    yield f"REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA {SYNC} FROM PUBLIC"
