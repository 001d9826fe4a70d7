"""Taking back what a spreadsheet brought: just that, and only while nothing hangs on it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import Shown, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.plain_letters import name_order
from tandem.lessons import assigning
from tandem.lessons.erasure import remove_students
from tandem.lessons.imports.one_at_a_time import wait_for_other_imports
from tandem.lessons.imports.undo_subjects import SubjectsMade, lock_subjects_made
from tandem.lessons.imports.writing import ADULTS, NEW, SUBJECTS
from tandem.lessons.models import (
    Availability,
    Deed,
    DeedPart,
    Session,
    SessionSeries,
    TimeOff,
    TutorNotices,
)
from tandem.lessons.shown import shown_primaries_of
from tandem.people.changes import forget_values
from tandem.people.models import (
    CalendarFeed,
    GuardianStudent,
    LearningWish,
    Student,
    Subject,
    Tutor,
)
from tandem.people.requester import Requester
from tandem.people.rules import check_owner
from tandem.relationships.locks import Links, lock_students, lock_tutors
from tandem.relationships.models import TutorStudent

MOST_NAMED, MOST_IDS = 3, 100
WHY = {
    "lessons": gettext_lazy("lessons were planned ({names})"),
    "tutors": gettext_lazy("another tutor was added ({names})"),
    "relationships": gettext_lazy("who teaches them was changed ({names})"),
    "record": gettext_lazy("the record was changed ({names})"),
    "guardians": gettext_lazy("a guardian was added or changed ({names})"),
    "wishes": gettext_lazy("a wish was added or changed ({names})"),
    "calendars": gettext_lazy("a calendar address was made ({names})"),
    "students": gettext_lazy("students were given to them ({names})"),
    "account": gettext_lazy("they may sign in ({names})"),
    "hours": gettext_lazy("hours or time off were written down ({names})"),
    "notices": gettext_lazy("letters were chosen for them ({names})"),
}
"""What was done since with somebody who was brought in."""


@dataclass(frozen=True)
class TakingOut:
    """Who and what goes: ``links`` are relationships of students who were here before."""

    shown: Shown
    students: tuple[Student, ...] = ()
    tutors: tuple[Tutor, ...] = ()
    links: tuple[TutorStudent, ...] = ()
    of_students: Mapping[str, Links] = field(default_factory=dict)
    subjects: SubjectsMade = field(default_factory=SubjectsMade)

    @property
    def everything(self) -> Sequence[object]:
        """All that goes."""
        return (*self.students, *self.tutors, *self.links, *self.subjects.going)


def plan_taking_out(requester: Requester, deed: Deed) -> TakingOut:
    """Lock everybody and return what undoing an import does. Owners only.

    ConflictError ``used_since``, with what stands against it, once anything hangs on somebody who
    came by it. Who is gone by now stays so.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=_("undo an import"))
    wait_for_other_imports()  # they name subjects, too
    written = datetime.fromisoformat(deed.details["written"])
    if deed.about == "tutors":
        plan = _plan_tutors(deed, written)
    else:
        plan = _plan_students(list(deed.parts.all()), written)
    people = [one.pk for one in (*plan.students, *plan.tutors)]
    made = lock_subjects_made(deed.details.get(SUBJECTS, []), people=people)
    return replace(plan, subjects=made, shown={**plan.shown, **made.shown})


def take_out(plan: TakingOut, requester: Requester) -> None:
    """Carry out what ``plan_taking_out`` planned."""
    if plan.links:
        apart = assigning.TakingApart(plan.links, (), plan.shown, plan.of_students)
        assigning.take_apart(apart, requester)
    if plan.students:
        remove_students([one.pk for one in plan.students])
    if plan.tutors:
        ids = [one.pk for one in plan.tutors]
        Tutor.objects.filter(pk__in=ids).delete()
        forget_values(*ids)
    Subject.objects.filter(pk__in=[one.pk for one in plan.subjects.going]).delete()


def _plan_students(parts: Sequence[DeedPart], written: datetime) -> TakingOut:
    new = {part.student_id: part for part in parts if part.details.get(NEW)}
    seen = TutorStudent.objects.in_bulk([part.tutor_student_id for part in parts])
    tutors = lock_tutors(*sorted({row.tutor_id for row in seen.values()}))
    there = Student.objects.filter(pk__in=new).values_list("pk", flat=True)
    students, links = lock_students(*sorted({*there, *(row.student_id for row in seen.values())}))
    for row in links.values():
        row.student = students[row.student_id]
    rows = [links[pk] for pk in sorted(seen)]
    for row in rows:
        row.tutor = tutors[row.tutor_id]
    going = [one for one in students.values() if one.pk in new]
    since = _Since(students)
    since.look_at_relationships(rows, [one for one in links.values() if one.student_id in new])
    since.note("record", (one.pk for one in going if one.updated_at > written))
    since.note("relationships", (row.student_id for row in rows if row.updated_at > written))
    since.look_beside(new, written)
    since.check()
    of_students: dict[str, Links] = {pk: Links() for pk in students}
    for row in links.values():
        of_students[row.student_id][row.pk] = row
    kept = [row for row in rows if row.student_id not in new]
    shown = {
        "students": hash_of([(one.pk, one.updated_at) for one in going]),
        "relationships": hash_of([(row.pk, row.updated_at) for row in rows]),
        **shown_primaries_of(row.student_id for row in kept),
    }
    return TakingOut(shown, tuple(going), links=tuple(kept), of_students=of_students)


def _plan_tutors(deed: Deed, written: datetime) -> TakingOut:
    there = Tutor.objects.filter(pk__in=deed.details["tutors"]).values_list("pk", flat=True)
    tutors = lock_tutors(*sorted(there))
    since = _Since(tutors)
    since.note("record", (one.pk for one in tutors.values() if one.updated_at > written))
    since.note("account", (one.pk for one in tutors.values() if one.user_id))
    for why, model in (
        ("students", TutorStudent),
        ("lessons", Session),
        ("hours", Availability),
        ("hours", TimeOff),
    ):
        rows = model.objects.filter(tutor__in=tutors)
        since.note(why, rows.values_list("tutor", flat=True))
    chosen = TutorNotices.objects.filter(tutor__in=tutors).exclude(kinds=[])
    since.note("notices", chosen.values_list("tutor", flat=True))
    since.check()
    going = tuple(tutors.values())
    return TakingOut({"tutors": hash_of([(one.pk, one.updated_at) for one in going])}, tutors=going)


class _Since:
    """What was done since with whom: all of it is told at once."""

    def __init__(self, people: Mapping[str, Student] | Mapping[str, Tutor]) -> None:
        self.people = people
        self.found: dict[str, list[str]] = defaultdict(list)

    def note(self, why: str, ids: Iterable[str]) -> None:
        """Note whom something of ``WHY`` is about."""
        known = self.found[why]
        known += [pk for pk in dict.fromkeys(ids) if pk not in known]

    def look_at_relationships(
        self, made: Sequence[TutorStudent], of_new: Sequence[TutorStudent]
    ) -> None:
        """Note lessons in relationships that were made, and relationships beside them."""
        ids = {row.pk for row in made}
        every = {row.pk: row.student_id for row in (*made, *of_new)}
        for model in (Session, SessionSeries):
            rows = model._default_manager.filter(tutor_student__in=every)  # noqa: SLF001 - Django documents it
            busy = rows.values_list("tutor_student", flat=True).distinct()
            self.note("lessons", (every[pk] for pk in busy))
        self.note("tutors", (row.student_id for row in of_new if row.pk not in ids))

    def look_beside(self, new: Mapping[str, DeedPart], written: datetime) -> None:
        """Note what was put beside students who came: adults, wishes, calendar addresses."""
        adults = GuardianStudent.objects.filter(student__in=new).select_related("guardian")
        for one in adults:
            is_known = one.guardian_id in new[one.student_id].details.get(ADULTS, [])
            came_along = one.guardian.updated_at <= written
            is_older = one.guardian.created_at < new[one.student_id].deed.at
            if not is_known or not (came_along or is_older):
                self.note("guardians", [one.student_id])
        wishes = LearningWish.objects.filter(student__in=new, updated_at__gt=written)
        self.note("wishes", wishes.values_list("student", flat=True))
        feeds = CalendarFeed.objects.filter(student__in=new)
        self.note("calendars", feeds.values_list("student", flat=True))

    def check(self) -> None:
        """Refuse where anything was noted: ConflictError ``used_since``."""
        told = [
            str(WHY[why]).format(names=self._names(ids)) for why, ids in self.found.items() if ids
        ]
        if told:
            said = _(
                "This cannot be undone at one go any more, because something was done since with "
                "who came by it: {what}. Nothing was changed."
            ).format(what="; ".join(told))
            ids = sorted({pk for some in self.found.values() for pk in some})
            raise ConflictError("used_since", said, {"ids": ids[:MOST_IDS]})

    def _names(self, ids: Sequence[str]) -> str:
        named = sorted((str(self.people[pk]) for pk in ids), key=name_order)[:MOST_NAMED]
        return ", ".join(named) + (" …" if len(ids) > MOST_NAMED else "")
