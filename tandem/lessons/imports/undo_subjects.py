"""Subjects that a spreadsheet added: which of them go with it, and which something names by now."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from tandem.kit.fingerprints import Shown, hash_of
from tandem.people.models import Change, LearningWish, Subject, TutorSubject
from tandem.relationships.models import RelationshipEvent, TutorStudent

OLD_APPLICATION = "SELECT to_regnamespace('tandem_sync') IS NOT NULL"
OF_SUBJECTS = ("people_tutorsubject", "people_learningwish")
"""The tables of whose rows the history of people keeps the subject."""


@dataclass(frozen=True)
class SubjectsMade:
    """Subjects that an import made: those that go with it, and those that stay."""

    going: tuple[Subject, ...] = ()
    kept: tuple[Subject, ...] = ()
    is_shared: bool = False
    """Whether they stay because an older application shares the database."""

    @property
    def shown(self) -> Shown:
        """What a preview shows of them."""
        if not (self.going or self.kept):
            return {}
        names = [[(one.pk, one.name) for one in some] for some in (self.going, self.kept)]
        return {"subjects": hash_of(*names)}


def lock_subjects_made(ids: Sequence[str], *, people: Collection[str]) -> SubjectsMade:
    """Lock the subjects that an import made, last of all, and tell which of them go with it.

    ``people`` are the ids of students and tutors who go. While an older application shares the
    database all stay: it finds them by their names, and holds none.
    """
    rows = Subject.objects.select_for_update().filter(pk__in=ids)
    made = sorted(rows.order_by("pk"), key=lambda one: one.name)
    if not made or _is_shared():
        return SubjectsMade(kept=tuple(made), is_shared=bool(made))
    stay = {*_named_elsewhere([one.pk for one in made], people)}
    return SubjectsMade(
        going=tuple(one for one in made if one.pk not in stay),
        kept=tuple(one for one in made if one.pk in stay),
    )


def _is_shared() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(OLD_APPLICATION)
        (is_there,) = cursor.fetchone()
    return bool(is_there)


def _named_elsewhere(ids: Sequence[str], people: Collection[str]) -> Iterator[str | None]:
    """Return the ids of those that something names which stays; a history is read for years."""
    taught = TutorSubject.objects.filter(subject__in=ids).exclude(tutor__in=people)
    yield from taught.values_list("subject", flat=True)
    # One that goes by itself, of a student who stays, has its lines there, too.
    learnt = TutorStudent.objects.filter(subject__in=ids).exclude(student__in=people)
    yield from learnt.values_list("subject", flat=True)
    wishes = LearningWish.objects.filter(subject__in=ids).exclude(student__in=people)
    yield from wishes.values_list("subject", flat=True)
    yield from _named_by_histories(ids, people)


def _named_by_histories(ids: Sequence[str], people: Collection[str]) -> Iterator[str | None]:
    theirs = TutorStudent.objects.filter(student__in=people)
    places = ("details__subject", "details__set__subject", "details__from")
    lines = RelationshipEvent.objects.filter(_any_of(places, ids))
    for names in lines.exclude(relationship_id__in=theirs.values("pk")).values_list(*places):
        yield from names
    sides = ("values__subject_id__0", "values__subject_id__1")
    changes = Change.objects.filter(_any_of(sides, ids), table_name__in=OF_SUBJECTS)
    for names in changes.exclude(about_id__in=people).values_list(*sides):
        yield from names


def _any_of(places: Sequence[str], ids: Sequence[str]) -> Q:
    found = Q()
    for place in places:
        found |= Q((f"{place}__in", ids))
    return found
