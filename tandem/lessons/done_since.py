"""What became of a relationship after a transfer, and what to do where that stands in the way."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.plain_letters import by_name
from tandem.kit.time import day_in_words
from tandem.lessons.models import Session
from tandem.lessons.reassign import MOST_NAMED
from tandem.lessons.steps import HELD
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent


@dataclass(frozen=True)
class Since:
    """What was done to a relationship: those that continued it by transfers, with their tutors."""

    continued: Sequence[TutorStudent]
    ended_on: date | None
    """The day on which the last of them ends, where it does."""
    taught: str
    """Who has held a lesson and so stands against undoing it: a name, '' where nobody has."""

    @property
    def told(self) -> str:
        """What was done, with the days."""
        transfers = [
            _("a transfer to {tutor} on {day}").format(
                tutor=row.tutor.full_name, day=day_in_words(row.started_on)
            )
            for row in self.continued
        ]
        ends = [self.ended_on] if self.ended_on else []
        said = [_("an end on {day}").format(day=day_in_words(day)) for day in ends]
        return _(" and ").join([*transfers, *said])

    def remedy(self, *, instead: bool = False) -> str:
        """Return what to do: ``instead`` of what was asked for, or before it."""
        if self.taught:
            return self._once_taught().format(tutor=self.taught)
        if len(self.continued) + bool(self.ended_on) > 1:
            return _("Undo each of them, the last one first.")
        if self.ended_on:
            return _("Take that end back first.")
        return _("Undo that transfer instead.") if instead else _("Undo that transfer first.")

    def _once_taught(self) -> str:
        if self.ended_on:
            return _(
                "{tutor} has taught since, so it cannot be undone: pair the student anew instead."
            )
        return _(
            "{tutor} has taught since, so it cannot be undone: transfer the student again instead."
        )


def since(row: TutorStudent, *, is_undone: bool = False) -> Since:
    """Return what was done to a relationship; where it ``is_undone``, its own tutor counts, too."""
    there = TutorStudent.objects.filter(student=row.student_id).select_related("tutor")
    next_of = {one.transferred_from_id: one for one in there if one.transferred_from_id}
    rows = [next(one for one in there if one.pk == row.pk)]
    while (then := next_of.get(rows[-1].pk)) is not None:
        rows.append(then)
    counts = rows if is_undone else rows[1:]
    held = Session.objects.filter(tutor_student__in=counts, status__in=HELD)
    has_taught = {*held.values_list("tutor_student_id", flat=True)}
    taught = next((one.tutor.full_name for one in counts if one.pk in has_taught), "")
    return Since(rows[1:], state_of(rows[-1]).ends_on, taught)


def gone_on(ids: Collection[str]) -> tuple[TutorStudent, ...]:
    """Return those of these relationships that a transfer began which is not undone."""
    if not ids:
        return ()
    rows = TutorStudent.objects.filter(pk__in=ids, transferred_from__isnull=False)
    return tuple(
        rows.select_related("student", "tutor").order_by(by_name("student__full_name"), "id")
    )


def told_of_each(rows: Iterable[TutorStudent]) -> str:
    """Return what was done to the first of these relationships since, and what to do."""
    said = []
    for row in islice(rows, MOST_NAMED):
        found = since(row, is_undone=True)
        said.append(f"{row.student.full_name}: {found.told}. {found.remedy()}")
    return " ".join(said)


def check_goes_on(row: TutorStudent) -> None:
    """Refuse to undo the transfer that began a relationship which has an end by now."""
    if not state_of(row).has_end:
        return
    found = since(row, is_undone=True)
    raise ConflictError(
        "transferred" if found.continued else "wrong_status",
        _(
            "This transfer cannot be undone by itself, because of what was done since: {story}. "
            "{remedy}"
        ).format(story=found.told, remedy=found.remedy()),
        {"tutorStudentId": found.continued[0].pk if found.continued else row.pk},
    )


def check_not_transferred(row: TutorStudent, other_id: str | None, *, doing: str) -> None:
    """Refuse ``doing`` to one side of a transfer from ``row``; ``other_id`` is the other side."""
    if other_id is None:
        return
    found = since(row)
    raise ConflictError(
        "transferred",
        _(
            "This relationship is part of a transfer, so you cannot {doing} it alone: there was "
            "{story}. {remedy}"
        ).format(doing=doing, story=found.told, remedy=found.remedy(instead=True)),
        {"tutorStudentId": other_id},
    )
