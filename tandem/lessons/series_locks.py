"""A series under lock with its people and its sessions, and which of these still follow it."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.kit.transactions import ChangedMeanwhileError
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.queries import one_series
from tandem.lessons.steps import LockedLinks, Status, lock_links
from tandem.people.models import Student
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.models import TutorStudent


@dataclass(frozen=True)
class LockedSeries:
    """A series, the people in it and its sessions (by the dates they stand for), all locked."""

    series: SessionSeries
    people: LockedLinks
    sessions: tuple[Session, ...]

    @property
    def link(self) -> TutorStudent:
        """The relationship that the series belongs to."""
        return self.people.links[self.series.tutor_student_id]

    @property
    def student(self) -> Student:
        """Whom the lessons are for."""
        return self.people.students[self.link.student_id]

    @property
    def zone(self) -> ZoneInfo:
        """Where the clock hangs that the series goes by."""
        return ZoneInfo(self.series.time_zone)

    def found(self, day: date | None) -> Session | None:
        """Return the session that stands for a date."""
        return next((one for one in self.sessions if one.series_date == day), None)

    def on(self, day: date | None) -> Session:
        """Return the session that stands for a date; ConflictError ``no_lesson``."""
        if (session := self.found(day)) is None:
            raise ConflictError(
                "no_lesson",
                _("This series has no lesson for {day}. Nothing was changed.").format(
                    day=day_in_words(day) if day else ""
                ),
            )
        return session


def lock_people_of_series(viewer: Viewer, series_id: str) -> tuple[SessionSeries, LockedLinks]:
    """Lock the people in a series that the viewer may see, and read it under these locks."""
    seen = one_series(viewer, series_id)
    people = lock_links(viewer, seen.tutor_student_id)
    # Another may have planned it on, ended it or moved it meanwhile.
    series = one_series(viewer, series_id)
    if series.tutor_student_id != seen.tutor_student_id:
        raise ChangedMeanwhileError
    return series, people


def lock_series(requester: Requester, series_id: str) -> LockedSeries:
    """Lock a series that its owner or its tutor is about to change, with all its sessions."""
    viewer = requester.viewer
    series, people = lock_people_of_series(viewer, series_id)
    is_own = people.tutor.pk == viewer.tutor_id
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=is_own)
    rows = Session.objects.select_for_update(no_key=True).filter(
        series=series, series_date__isnull=False
    )
    sessions = sorted(rows.order_by("pk"), key=lambda one: (one.series_date or date.min, one.pk))
    return LockedSeries(series, people, tuple(sessions))


def check_ahead(series: SessionSeries, one: Session, now: datetime) -> None:
    """Refuse to change a lesson that is no longer planned, has begun, or is held by others."""
    if one.status != Status.SCHEDULED or one.starts_at <= now:
        raise ConflictError(
            "not_ahead",
            _(
                "This lesson is not ahead any more: it has begun, or it was held, missed or called "
                "off. Nothing was changed."
            ),
        )
    if one.tutor_student_id != series.tutor_student_id:
        raise ConflictError(
            "held_by_another",
            _("Another tutor holds this lesson. Change it on its own page. Nothing was changed."),
        )
