"""Who could take each student of a tutor who leaves: the best plan for all of them at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tandem.insights.matching import Hours
from tandem.insights.matching_many import Looking, Placed, match_many
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import day_starts, zone_or_business
from tandem.lessons.hand_overs import handed_over
from tandem.lessons.models import Session
from tandem.people.models import Tutor
from tandem.people.queries import Viewer
from tandem.people.rules import check_owner
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.rules import taken_in_words

NOT_HERE = gettext_lazy("This student does not learn here any more.")


@dataclass(frozen=True)
class Successor:
    """A relationship that is handed over, and who is found for it; None of who learns no more."""

    row: TutorStudent
    placed: Placed | None
    covers: tuple[TutorStudent, ...] = ()
    """Covers of others that stand in the way of handing it over to them."""

    @property
    def why(self) -> str:
        """Why there is nobody; '' where there is somebody."""
        if self.placed is None:
            return str(NOT_HERE)
        if not self.placed.why:
            return ""
        name = self.row.student.full_name
        said = [taken_in_words(state_of(one), one.tutor.full_name, name) for one in self.covers]
        return " ".join([self.placed.why, *said])


def successors(
    viewer: Viewer, tutor: Tutor, *, on: date, moves_sessions: bool = True
) -> list[Successor]:
    """Return the best plan for all students of a tutor, by their names. Owners only.

    Who takes one over has room, teaches the subject and, where lessons move, is free at the hours
    of all of them from ``on``; as few of these as can be lie outside stated hours. Who has been
    the tutor's longest is placed first. As many queries for one student as for hundreds.
    """
    check_owner(is_owner=viewer.is_owner, doing=_("match tutors to students"))
    rows = handed_over(tutor.pk)
    looking = [row for row in rows if row.student.active]
    lessons = _lessons(looking, tutor, on) if moves_sessions else {}
    there = _there_already(looking, on)
    wishes = [
        Looking(
            row.student_id,
            row.subject.name if row.subject else "",
            lessons=lessons.get(row.pk, ()),
            since=row.started_on,
            already=frozenset(one.tutor_id for one in there.get(row.pk, ())),
        )
        for row in looking
    ]
    placed = dict(
        zip(
            (row.pk for row in looking),
            match_many(viewer, wishes, leaving=tutor.pk, since=on),
            strict=True,
        )
    )
    covers = {
        pk: tuple(one for one in those if one.kind == TutorStudent.Kind.COVER)
        for pk, those in there.items()
    }
    return [Successor(row, placed.get(row.pk), covers.get(row.pk, ())) for row in rows]


def _there_already(rows: Sequence[TutorStudent], on: date) -> dict[str, list[TutorStudent]]:
    """Return what others are to teach, or to cover, of each in its subject from its day on."""
    students = {row.student_id for row in rows}
    others = TutorStudent.objects.filter(student__in=students).exclude(
        tutor__in={row.tutor_id for row in rows}
    )
    by_student: dict[str, list[TutorStudent]] = {}
    for one in others.select_related("tutor").order_by("started_on", "id"):
        by_student.setdefault(one.student_id, []).append(one)
    return {
        row.pk: [
            one
            for one in by_student.get(row.student_id, ())
            if one.subject_id == row.subject_id
            and state_of(one).holds_from(max(on, row.started_on))
        ]
        for row in rows
    }


def _lessons(rows: Iterable[TutorStudent], tutor: Tutor, on: date) -> dict[str, tuple[Hours, ...]]:
    """Return the hours of all lessons of each that would move."""
    since = day_starts(on, zone_or_business(tutor.time_zone))
    ahead = Session.objects.filter(
        tutor_student__in=[row.pk for row in rows],
        status=Session.Status.SCHEDULED,
        starts_at__gte=since,
        legacy_fault="",
    )
    found: dict[str, list[Hours]] = {}
    columns = ahead.order_by("starts_at").values_list("tutor_student", "starts_at", "ends_at")
    for link, *span in columns:
        found.setdefault(link, []).append(Hours(*span))
    return {link: tuple(lessons) for link, lessons in found.items()}
