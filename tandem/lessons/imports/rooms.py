"""How many students tutors have room for, while a spreadsheet gives them more, row by row."""

from dataclasses import dataclass, field
from datetime import date

from tandem.kit.errors import ConflictError
from tandem.people.models import Tutor
from tandem.relationships import capacity
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.rules import RelationshipState


@dataclass
class Rooms:
    """What each tutor with a limit teaches, with what was given before; read when first asked."""

    taken: dict[str, list[RelationshipState]] = field(default_factory=dict)
    full: dict[str, tuple[date, ConflictError]] = field(default_factory=dict)
    """Of tutors without a place: the last day that is known to be full, and what is said of it."""

    def take(self, tutor: Tutor, link: TutorStudent) -> None:
        """Give a tutor one more; ConflictError ``capacity`` where there is no place on a day."""
        if tutor.capacity is None:
            return
        taken = self.taken.get(tutor.pk)
        if taken is None:
            taken = self.taken[tutor.pk] = [
                one
                for row in TutorStudent.objects.filter(tutor=tutor).order_by("id")
                if (one := state_of(row)).status in TutorStudent.OPEN
            ]
        if len(taken) >= tutor.capacity:  # else there is a place on every day
            self._check(tutor, taken, link.started_on)
        taken.append(state_of(link))

    def _check(self, tutor: Tutor, taken: list[RelationshipState], since: date) -> None:
        """Refuse one more without an end; who begins before a day that is full has no place on it.

        So thousands of rows are not judged day by day once a tutor has no place any more.
        """
        day, refusal = self.full.get(tutor.pk, (None, None))
        if refusal and day and since <= day:
            raise refusal
        try:
            capacity.check_capacity(taken, capacity=tutor.capacity, since=since)
        except ConflictError as found:
            self.full[tutor.pk] = date.fromisoformat(found.details["date"]), found
            raise
