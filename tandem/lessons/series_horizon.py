"""Series that are not planned to their end are planned on as time passes.

By the worker, or by a command.

Safe to be run twice, and by two at once: who comes second finds what the first has planned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import InterfaceError, OperationalError
from django.db.models import F, Q

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.time import business_day
from tandem.kit.transactions import BUSY, one_transaction
from tandem.lessons import series_rules
from tandem.lessons.history import What, line, write
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.outbox import kept_from_families
from tandem.lessons.series import check_can_go_on, lessons_on
from tandem.lessons.series_conflicts import Conflict, conflicts_of, date_of, no_such_times
from tandem.lessons.series_locks import lock_people_of_series
from tandem.lessons.steps import REFUSALS, LockedLinks
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.relationships.events import state_of

NOT_PLANNED = Q(ends_on=None) | Q(planned_until__lt=F("ends_on"))


@dataclass(frozen=True)
class ToppedUp:
    """What was planned of one series (id), and what stands against the dates that were left out.

    ``error`` is why it could not be planned on at all.
    """

    series_id: str
    sessions: tuple[Session, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    error: Exception | None = None

    @property
    def failure(self) -> str:
        """What went wrong, in one line without values of a row; '' where nothing did."""
        said = str(self.error).partition("\n")[0]
        return f"{type(self.error).__name__}: {said}" if self.error else ""


def top_up(*, now: datetime) -> list[ToppedUp]:
    """Plan every series up to the horizon; return those that got a date, lost one or failed.

    Those without an end, and those that were handed over on a day that nothing was planned up to.
    Each is a transaction of its own, and one that fails stops no other. One whose relationship is
    paused, or has ended, is left as it is; what could not be is not tried again. What lies behind
    is not planned.
    """
    horizon = business_day(now) + series_rules.HORIZON
    due = SessionSeries.objects.filter(NOT_PLANNED, planned_until__lt=horizon)
    ids = list(due.order_by("pk").values_list("pk", flat=True))
    done = [_tried(now, pk) for pk in ids]
    return [one for one in done if one and (one.sessions or one.conflicts or one.error)]


def _tried(now: datetime, series_id: str) -> ToppedUp | None:
    try:
        return top_up_series(now=now, series_id=series_id)
    except ConflictError as refusal:
        is_busy = refusal.reason == BUSY[0]  # with these people; the next time will do
        return None if is_busy else ToppedUp(series_id, error=refusal)
    except (OperationalError, InterfaceError):
        raise  # The database is away, for all of them.
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others go on
        return ToppedUp(series_id, error=error)


@one_transaction(REFUSALS)
def top_up_series(*, now: datetime, series_id: str) -> ToppedUp | None:
    """Plan one series up to the horizon; None where it is gone meanwhile."""
    viewer = viewer_of(None)
    try:
        series, locked = lock_people_of_series(viewer, series_id)
    except NotFoundError:
        return None
    if not _goes_on(series, locked):
        return ToppedUp(series_id)
    until = _until(series, locked, now)
    there = {*Session.objects.filter(series=series).values_list("series_date", flat=True)}
    days = [day for day in _days(series, until) if day not in there]
    lessons = [one for one in lessons_on(series, locked, days, now) if one.starts_at > now]
    conflicts = (*no_such_times(series, days), *conflicts_of(lessons, locked))
    left = {one.date for one in conflicts}
    made = tuple(one for one in lessons if date_of(one) not in left)
    with kept_from_families():
        write(line(one, What.PLANNED, requester=Requester(None, now)) for one in made)
    Session.objects.bulk_create(made)
    series.planned_until = max(until, series.planned_until)
    series.save(update_fields=["planned_until", "updated_at"])
    return ToppedUp(series_id, made, conflicts)


def _goes_on(series: SessionSeries, locked: LockedLinks) -> bool:
    try:
        link = locked.links[series.tutor_student_id]
        check_can_go_on(link, locked.tutor, locked.students[link.student_id])
    except ConflictError:
        return False
    return series.ends_on is None or series.planned_until < series.ends_on


def _until(series: SessionSeries, locked: LockedLinks, now: datetime) -> date:
    """Return the horizon, or the end of the series or its relationship where that is nearer."""
    horizon = business_day(now) + series_rules.HORIZON
    over_on = state_of(locked.links[series.tutor_student_id]).ends_on
    return min(horizon, over_on or horizon, series.ends_on or horizon)


def _days(series: SessionSeries, until: date) -> Sequence[date]:
    since = max(series.starts_on, series.planned_until)
    rule = series_rules.stored_rule(series.rule)
    return [day for day in series_rules.dates_of(rule, series.first_date, until) if day >= since]
