"""What the looks at weekly lessons of a group say: one line for each hour, with who is there."""

from collections.abc import Iterable
from itertools import groupby

from django import template
from django.utils import timezone

from tandem.kit.dates import day_words
from tandem.kit.language import and_list
from tandem.lessons.models import Session, SessionSeries
from tandem.web.lines import hours_words, named

register = template.Library()


@register.inclusion_tag("series/hours.html")
def hours_of_group(sessions: Iterable[Session]) -> dict[str, list[dict[str, str]]]:
    """Show sessions, by start, with those of one hour on one line."""
    hours = groupby(sessions, key=lambda one: (one.starts_at, one.ends_at))
    return {"hours": [_line([*rows]) for _span, rows in hours]}


@register.filter
def students_of(rows: Iterable[SessionSeries]) -> str:
    """Return whom series are for, as a list in words."""
    return and_list([named(one.tutor_student.student.full_name) for one in rows])


def _line(rows: list[Session]) -> dict[str, str]:
    start, end = (timezone.localtime(at) for at in (rows[0].starts_at, rows[0].ends_at))
    return {
        "starts": start.isoformat(),
        "day": day_words(start),
        "hours": hours_words(start, end),
        "names": and_list([named(one.student.full_name) for one in rows]),
    }
