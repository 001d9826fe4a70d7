"""Wishes as the page of a student shows them."""

from dataclasses import dataclass
from datetime import date

from tandem.kit.time import business_day
from tandem.people.models import LearningWish
from tandem.people.queries import Viewer
from tandem.people.wish_rules import hours_of
from tandem.relationships.wishes import StatedWish, wishes_of_student
from tandem.web.wish_words import hours_words


@dataclass(frozen=True)
class WishLine:
    """A wish in words; who waits for it waits ``since``."""

    id: str
    subject: str
    level: str
    hours: str
    since: date
    is_open: bool
    is_fulfilled: bool


def wish_lines(viewer: Viewer, student_id: str) -> list[WishLine]:
    """Return what a student would like to learn, the oldest wish first. Owners only; one query."""
    return [_line(row) for row in wishes_of_student(viewer, student_id)]


def _line(row: StatedWish) -> WishLine:
    return WishLine(
        row.pk,
        row.subject.name,
        str(LearningWish(level=row.level).get_level_display()) if row.level else "",
        hours_words(hours_of(row.hours)),
        business_day(row.created_at),
        row.is_open,
        row.fulfilled_by is not None,
    )
