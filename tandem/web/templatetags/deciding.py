"""What the pages on which lessons are decided about say of each: a group is one lesson."""

from collections.abc import Iterable, Sequence

from django import template
from django.utils import timezone

from tandem.insights.offers import held_together
from tandem.kit.dates import moment_words
from tandem.kit.language import and_list
from tandem.kit.language import gettext as _
from tandem.kit.time import span_in_words, zone_or_business
from tandem.lessons.cover import Cover
from tandem.lessons.models import Session, TimeOff
from tandem.lessons.new_hours import Move
from tandem.people.models import Tutor
from tandem.web.lines import lesson_line, named

register = template.Library()
Fate = Session | Cover | Move


@register.filter
def as_lessons(fates: Iterable[Fate]) -> list[list[Fate]]:
    """Return what becomes of sessions by lesson; a group whose members part is as many."""
    by_end: dict[object, list[Fate]] = {}
    for one in fates:
        by_end.setdefault(_end_of(one), []).append(one)
    found = []
    for same in by_end.values():
        by_id = {_session(one).pk: one for one in same}
        lessons = held_together([_session(one) for one in same])
        found += [[by_id[one.pk] for one in lesson] for lesson in lessons]
    return sorted(found, key=lambda all_of_it: _session(all_of_it[0]).starts_at)


@register.filter
def names_of(lesson: Sequence[Fate]) -> str:
    """Return the names of the children in a lesson."""
    return and_list([named(_session(one).student.full_name) for one in lesson])


@register.filter
def group_line(lesson: Sequence[Fate]) -> str:
    """Return a group's lesson in a line: when, who and with whom."""
    first = _session(lesson[0])
    starts, ends = timezone.localtime(first.starts_at), timezone.localtime(first.ends_at)
    when = _("{starts} to {ends}").format(starts=moment_words(starts), ends=f"{ends:%H:%M}")
    return lesson_line(when, names_of(lesson), str(first.tutor))


def _session(one: Fate) -> Session:
    return one if isinstance(one, Session) else one.session


def _end_of(one: Fate) -> object:
    """Return where a fate leads: to a tutor, to a moment, or nowhere else."""
    if isinstance(one, Cover):
        return one.link.tutor_id
    return one.starts_at if isinstance(one, Move) else None


@register.filter
def when_away(row: TimeOff, tutor: Tutor) -> str:
    """Return from when to when a tutor is away, on their clock; whole days are said to be that."""
    return span_in_words(row.starts_at, row.ends_at, zone_or_business(tutor.time_zone))
