"""What undoing a wide change does, or would do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tandem.kit.fingerprints import Shown
from tandem.lessons import undo_series
from tandem.lessons.cover import Cover, held_then
from tandem.lessons.imports.undo_subjects import SubjectsMade
from tandem.lessons.models import Deed, Session
from tandem.lessons.reassign import Clash
from tandem.lessons.series_conflicts import Conflict
from tandem.people.models import Student, Tutor
from tandem.relationships.models import TutorStudent
from tandem.relationships.primary_again import DecidedSince

SINCE = frozenset({"begun", "changed_since", "in_the_past"})
"""Why something stays as it is because time went on, or somebody has said another word since."""


@dataclass(frozen=True)
class UndoPlan:
    """What undoing a deed does, or would do.

    ``given_back`` are sessions that go back to the tutor before, ``covered`` to who covered them;
    ``planned_again`` come back,
    ``changed`` are as they would be again, ``removed`` go; ``left`` stay as they are now, and why,
    and so do ``left_dates`` of weekly lessons.
    ``unpaired`` are relationships that go as if they had never been; ``kept`` stay, because
    something was planned in them or they were ended since.
    ``clashes`` and ``conflicts`` are why it would be refused. ``shown`` is what the fingerprint is
    made of.
    """

    given_back: tuple[Session, ...] = ()
    covered: tuple[Cover, ...] = ()
    planned_again: tuple[Session, ...] = ()
    changed: tuple[Session, ...] = ()
    removed: tuple[Session, ...] = ()
    left: tuple[Clash, ...] = ()
    left_dates: tuple[Conflict, ...] = ()
    unpaired: tuple[TutorStudent, ...] = ()
    kept: tuple[TutorStudent, ...] = ()
    students: tuple[Student, ...] = ()
    """Who came from a spreadsheet and go again, with their relationships."""
    tutors: tuple[Tutor, ...] = ()
    subjects: SubjectsMade = field(default_factory=SubjectsMade)
    """The subjects that it added."""
    clashes: tuple[Clash, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    shown: Shown = field(default_factory=dict)
    takers: Mapping[str, str] = field(default_factory=dict)
    """Of what is given back the id of the tutor to whom each goes."""
    deed: Deed | None = None
    going_on: undo_series.GoingOn | None = None
    """The weekly lessons that were stopped and go on."""
    decided_since: tuple[DecidedSince, ...] = ()
    """Who stays primary, and when, because that was decided after what is undone."""
    ends_on: date | None = None
    """The day on which a relationship ends again that was given another end."""

    @property
    def held_then(self) -> list[tuple[Session, str]]:
        """What is planned then and was not, or at other hours or with another tutor; each with the
        id of its tutor.
        """
        going = [one for one in self.given_back if one.status == Session.Status.SCHEDULED]
        given = [(one, self.takers.get(one.pk, one.tutor_id)) for one in going]
        same = [(one, one.tutor_id) for one in (*self.planned_again, *self.changed)]
        return [*given, *held_then(self.covered), *same]

    @property
    def is_refused(self) -> bool:
        """Whether something stands against it."""
        return bool(self.clashes or self.conflicts)

    @property
    def is_partial(self) -> bool:
        """Whether something that nobody has changed since does not become as it was."""
        return bool(self.stuck or self.stuck_dates)

    @property
    def stuck(self) -> list[Clash]:
        """What of ``left`` stays because its old hours, or its people, are not there for it."""
        return [one for one in self.left if one.reason not in SINCE]

    @property
    def stuck_dates(self) -> list[Conflict]:
        """The same of ``left_dates``."""
        return [one for one in self.left_dates if one.code not in SINCE]
