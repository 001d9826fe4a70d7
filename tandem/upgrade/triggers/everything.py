"""All statements of the sync, in order."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION
from tandem.upgrade.triggers.facts import EPOCH, LiveFacts
from tandem.upgrade.triggers.inbound_connections import connection_functions
from tandem.upgrade.triggers.inbound_people import people_functions
from tandem.upgrade.triggers.inbound_sessions import session_functions
from tandem.upgrade.triggers.inbound_students import student_functions
from tandem.upgrade.triggers.listing import list_unlinked
from tandem.upgrade.triggers.outbound import show_functions
from tandem.upgrade.triggers.static_functions import BEFORE_THE_VIEWS, static_functions
from tandem.upgrade.triggers.triggers import trigger_functions
from tandem.upgrade.triggers.views_of_expected import shown_views
from tandem.upgrade.triggers.views_of_old import said_views
from tandem.upgrade.triggers.words import words


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
    yield from words(old, zone)
    yield from static_functions(old, zone, home)
    yield list_unlinked()
    yield from people_functions(old, zone)
    yield from session_functions(old, zone)
    yield from student_functions(old, zone)
    if old.has(CONNECTION):
        yield from connection_functions(old, LiveFacts(old.shape, SYNC, zone, EPOCH))
    yield from show_functions(old)
    yield from trigger_functions(old, home)
    # Trigger functions fire for whoever writes; the old application's role may call none of these.
    yield f"REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA {SYNC} FROM PUBLIC"
