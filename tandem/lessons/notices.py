"""Telling families by mail: the switch, and when letters are made beforehand."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from tandem.kit.language import gettext as _
from tandem.kit.named_sql import NamedStatements
from tandem.kit.time import business_day, day_starts, zone_or_business
from tandem.kit.transactions import one_transaction
from tandem.lessons.outbox import DAYS, Notice, NoticeSettings, every_notice
from tandem.people.requester import Requester
from tandem.people.rules import check_owner

STATEMENTS = NamedStatements(Path(__file__).with_name("notices.sql"))
MAKE_BEFOREHAND = STATEMENTS.compose("make_beforehand")
TOLD_FROM = time(16)
"""In the business's zone: reminders go out at four on the day before, summaries on Sundays."""
SUNDAY = 6


def notice_settings() -> NoticeSettings:
    """Return whether families are told; one that is not saved where nobody has decided yet."""
    return NoticeSettings.objects.first() or NoticeSettings()


@one_transaction({})
def change_notices(*, requester: Requester, is_on: bool, kinds: Iterable[str]) -> NoticeSettings:
    """Switch notices on or off, and say which kinds there are. Owners only.

    What was made before and waits goes out all the same; switched off, nothing new is made.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=_("switch notices"))
    chosen = [one for one in every_notice() if one in {*kinds}]
    row, _created = NoticeSettings.objects.update_or_create(
        id=1,
        defaults={
            "is_on": is_on,
            "kinds": chosen,
            "updated_at": requester.now,
            "updated_by": requester.who,
        },
    )
    return row


def make_beforehand(now: datetime) -> int:
    """Make the reminders and summaries that are due; return how many. None is made twice."""
    today = business_day(now)
    # On the wall: a day on which clocks change, mostly a Sunday, has an hour more or less by then.
    if now.astimezone(ZoneInfo(zone_or_business(""))).time() < TOLD_FROM:
        return 0
    tomorrow = today + timedelta(days=1)
    made = _made(Notice.Kind.REMINDER, tomorrow)
    if today.weekday() == SUNDAY:
        made += _made(Notice.Kind.SUMMARY, tomorrow)
    return made


def _made(kind: Notice.Kind, day: date) -> int:
    """Make letters about what begins on the days of the business from ``day`` on."""
    zone = zone_or_business("")
    values: dict[str, Any] = {
        "kind": kind.value,
        "deed": f"{kind.value} {day.isoformat()}",
        "starts": day_starts(day, zone),
        "ends": day_starts(day + timedelta(days=DAYS[kind]), zone),
    }
    with connection.cursor() as cursor:
        cursor.execute(MAKE_BEFOREHAND, values)
        return int(cursor.rowcount)
