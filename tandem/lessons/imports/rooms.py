"""How many students tutors have room for, while a spreadsheet gives them more, row by row."""

from dataclasses import dataclass, field

from tandem.people.models import Tutor
from tandem.relationships import capacity
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.rules import RelationshipState


@dataclass
class Rooms:
    """What each tutor with a limit teaches, with what was given before; read when first asked."""

    taken: dict[str, list[RelationshipState]] = field(default_factory=dict)

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
        capacity.check_capacity(taken, capacity=tutor.capacity, since=link.started_on)
        taken.append(state_of(link))
