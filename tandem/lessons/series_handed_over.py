"""Lessons that come back, where their relationship is handed to another tutor, and back again.

From the day of the hand-over on they come back with the new tutor. Where that day lies ahead, the
former tutor keeps the series up to it, and a copy goes on from there; else the series itself goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import cast
from zoneinfo import ZoneInfo

from django.db.models import Q

from tandem.kit.fingerprints import Shown, hash_of
from tandem.kit.ids import new_id
from tandem.kit.named_sql import fetch_rows
from tandem.kit.time import day_starts, zone_or_business
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.reassign import REASSIGN
from tandem.lessons.series import TEXTS
from tandem.lessons.series_rules import dates_of, stored_rule
from tandem.people.local_dates import today
from tandem.relationships.events import What
from tandem.relationships.models import RelationshipEvent, TutorStudent

HAND_OVER_SERIES = REASSIGN.compose("hand_over_series")
DEEDS_FOLLOW = REASSIGN.compose("deeds_follow")
JOIN_SERIES = REASSIGN.compose("join_series")
DAY = timedelta(days=1)
Row = tuple[str, str | None, str, date]
"""A series, the part of it that is made, to which relationship it goes, and from which date on."""
SAME = attrgetter("group", "rule", "first_date", "wall_time", "minutes", "time_zone", *TEXTS)
"""What two parts have in common that can be one series again."""


@dataclass(frozen=True)
class SeriesGoing:
    """A series that goes to another relationship (id) from a date on: itself, or cut in two."""

    series: SessionSeries
    link: str
    since: date
    is_cut: bool


@dataclass(frozen=True)
class HandedOver:
    """What a relationship's series became: the ids of those that are the new tutor's then.

    ``parts`` are those of them that were made, with the one that each goes on from.
    """

    series: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)

    def as_details(self) -> dict[str, list[str] | dict[str, str]]:
        """Return what the relationship's history says of it."""
        return {"series": self.series, **({"parts": self.parts} if self.parts else {})}


def series_going_over(
    pairs: Sequence[tuple[TutorStudent, TutorStudent]], now: datetime
) -> list[SeriesGoing]:
    """Return what comes back weekly with other relationships from their starts on.

    ``pairs`` are relationships under lock, with their tutors, and the one that each goes to. One
    that has no date from then on stays.
    """
    wanted = {old.pk: (old, new) for old, new in pairs}
    rows = SessionSeries.objects.filter(tutor_student__in=wanted).order_by("pk") if wanted else ()
    found = []
    for series in rows:
        old, new = wanted[series.tutor_student_id]
        since = _first_date(series, old, new.started_on)
        if series.ends_on and not _has_dates(series, since, series.ends_on):
            continue
        is_ahead = new.started_on > today(old.tutor, now)
        is_cut = is_ahead and _has_dates(series, series.starts_on, since)
        found.append(SeriesGoing(series, new.pk, since, is_cut))
    return found


def hand_over_series(going: Sequence[SeriesGoing], now: datetime) -> dict[str, HandedOver]:
    """Carry out what ``series_going_over`` planned.

    Return by the id of the former relationship what became of its series.
    """
    done: dict[str, HandedOver] = {}
    rows: list[Row] = []
    for one in going:
        pk, part = one.series.pk, new_id() if one.is_cut else None
        rows.append((pk, part, one.link, one.since))
        became = done.setdefault(one.series.tutor_student_id, HandedOver())
        became.series.append(part or pk)
        if part:
            became.parts[part] = pk
    _write(rows, now)
    return done


def shown_going(going: Sequence[SeriesGoing]) -> Mapping[str, Shown]:
    """Return what is shown of series that go, by the id of their relationship.

    Of one that is cut also which lessons are the part's: one that was moved to before that day is
    the former tutor's to hold, and of the part.
    """
    dates = _dates_by_series([one.series.pk for one in going if one.is_cut])
    shown: dict[str, dict[str, str]] = {}
    for one in going:
        pk = one.series.pk
        of_part = [lesson for lesson, day in dates.get(pk, ()) if day >= one.since]
        became = {f"series:{pk}": hash_of(_facts(one.series), one.since, one.is_cut, of_part)}
        shown.setdefault(one.series.tutor_student_id, {}).update(became)
    return shown


def shown_given_back(
    wanted: Iterable[tuple[TutorStudent, TutorStudent, Mapping[str, str]]],
) -> Mapping[str, Shown]:
    """Return what ``give_back_series`` goes by, by the id of the relationship that is undone.

    So the lessons of a part, which are the other's where both are one again.
    """
    about: dict[str, str] = {}
    undone = set()
    for row, _restored, parts in wanted:
        undone.add(row.pk)
        about |= dict.fromkeys([*parts, *parts.values()], row.pk)
    there = SessionSeries.objects.filter(Q(tutor_student__in=undone) | Q(pk__in=about))
    dates = _dates_by_series([*about]) if about else {}
    shown: dict[str, dict[str, str]] = {}
    for one in there.order_by("pk"):
        of_which = about.get(one.pk, one.tutor_student_id)
        facts = hash_of(one.tutor_student_id, _facts(one), dates.get(one.pk, ()))
        shown.setdefault(of_which, {})[f"series:{one.pk}"] = facts
    return shown


def _facts(series: SessionSeries) -> tuple[object, ...]:
    return (SAME(series), series.starts_on, series.ends_on, series.planned_until)


def _dates_by_series(ids: Sequence[str]) -> dict[str, list[tuple[str, date]]]:
    """Return the lessons (ids) of series with the dates that each stands for, by series."""
    found: dict[str, list[tuple[str, date]]] = {}
    if ids:
        rows = Session.objects.filter(series__in=ids, series_date__isnull=False).order_by("pk")
        for series, pk, day in rows.values_list("series", "pk", "series_date"):
            found.setdefault(str(series), []).append((pk, cast("date", day)))
    return found


def has_part_elsewhere(series: SessionSeries) -> bool:
    """Tell whether a series goes on with another tutor, as a transfer that still holds has it."""
    parts = [
        part
        for before, part in _parts_of_hand_overs(series.tutor_student_id)
        if before == series.pk
    ]
    others = SessionSeries.objects.filter(pk__in=parts)
    return bool(parts) and others.exclude(tutor_student=series.tutor_student_id).exists()


def _parts_of_hand_overs(link: str) -> list[tuple[str, str]]:
    """Return the parts (ids) that hand-overs of a relationship have made of series.

    Each comes after the one that it goes on from.
    """
    outs = RelationshipEvent.objects.filter(
        relationship=link, what=What.TRANSFERRED_OUT, details__has_key="parts"
    )
    return [(before, part) for one in outs for part, before in one.details["parts"].items()]


def _first_date(series: SessionSeries, old: TutorStudent, on: date) -> date:
    """Return the first date whose lesson begins on ``on`` or later where the former tutor is.

    The series may go by the clocks of another place.
    """
    since = day_starts(on, zone_or_business(old.tutor.time_zone))
    zone = ZoneInfo(series.time_zone)
    near = (on - DAY, on)
    begins = (day for day in near if datetime.combine(day, series.wall_time, zone) >= since)
    return next(begins, on + DAY)


def _has_dates(series: SessionSeries, since: date, before: date) -> bool:
    """Tell whether any date of a series lies in a window of it."""
    days = dates_of(stored_rule(series.rule), series.first_date, before)
    return any(day >= since for day in days)


def give_back_series(
    wanted: Iterable[tuple[TutorStudent, TutorStudent, Mapping[str, str]]], now: datetime
) -> None:
    """Let the series of relationships that are undone come back with those that go on.

    Each comes with its ``parts`` as ``HandedOver`` has them. A part is joined to the one that it
    went on from, unless either was changed since; then it is a series of its own.
    """
    to, origins = dict[str, str](), dict[str, str]()
    for undone, restored, parts in wanted:
        to[undone.pk] = restored.pk
        origins.update(parts)
    there = SessionSeries.objects.filter(tutor_student__in={*to, *to.values()})
    by_id = {one.pk: one for one in there.order_by("pk")}
    joins = [
        (part, origin)
        for part, origin in origins.items()
        if _are_one(by_id.get(origin), by_id.get(part), to)
    ]
    joined = dict(joins)
    going = [one for one in by_id.values() if one.tutor_student_id in to]
    rows = [one for one in going if one.pk not in joined]
    _write([(one.pk, None, to[one.tutor_student_id], one.starts_on) for one in rows], now)
    join_series(joins, now)
    links = [one.tutor_student_id for one in going]
    become = [joined.get(one.pk, one.pk) for one in going]
    _deeds_follow(links, [one.pk for one in going], become, [to[link] for link in links])


def _are_one(
    before: SessionSeries | None, after: SessionSeries | None, to: Mapping[str, str]
) -> bool:
    """Tell whether a part goes on from where the other stops, with nothing else between them."""
    if before is None or after is None:
        return False
    goes_on = to.get(after.tutor_student_id) == before.tutor_student_id
    return goes_on and is_continued_by(before, after)


def is_continued_by(before: SessionSeries, after: SessionSeries) -> bool:
    """Tell whether two are parts of one: the second goes on as the first, where that ends."""
    return before.ends_on == after.starts_on and SAME(before) == SAME(after)


def _write(rows: Sequence[Row], now: datetime) -> None:
    if rows:
        ids, parts, links, days = ([*column] for column in zip(*rows, strict=True))
        values = {"ids": ids, "parts": parts, "links": links, "days": days, "now": now}
        fetch_rows(HAND_OVER_SERIES, values)


def join_again(link: str, now: datetime, *cuts: tuple[str, str]) -> None:
    """Let parts of one relationship's series be one again that are alike by now.

    ``cuts`` are ids of two of which a change made the second; beside them the parts that hand-overs
    made. What was done to the second is the first's then.
    """
    rows = SessionSeries.objects.filter(tutor_student=link)
    for before, after in (*cuts, *_parts_of_hand_overs(link)):
        two = rows.in_bulk([before, after])
        if before in two and after in two and is_continued_by(two[before], two[after]):
            join_series([(after, before)], now)
            _deeds_follow([link], [after], [before], [link])


def shown_parts(link: str, *cuts: tuple[str, str]) -> Shown:
    """Return what decides whether ``join_again`` makes any parts one, for a preview."""
    pairs = (*cuts, *_parts_of_hand_overs(link))
    ids = {pk for two in pairs for pk in two if pk}
    rows = SessionSeries.objects.filter(tutor_student=link, pk__in=ids)
    return {f"part:{row.pk}": hash_of(row.starts_on, row.ends_on, SAME(row)) for row in rows}


def _deeds_follow(
    links: Sequence[str], series: Sequence[str], become: Sequence[str], others: Sequence[str]
) -> None:
    if links:
        values = {"links": links, "series": series, "become": become, "others": others}
        fetch_rows(DEEDS_FOLLOW, values)


def join_series(rows: Sequence[tuple[str, str]], now: datetime) -> None:
    """Let parts be one with the series that they go on from: pairs of ids, the part first."""
    if rows:
        parts, origins = ([*column] for column in zip(*rows, strict=True))
        fetch_rows(JOIN_SERIES, {"parts": parts, "origins": origins, "now": now})
