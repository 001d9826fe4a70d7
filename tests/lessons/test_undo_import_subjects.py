"""Subjects that a spreadsheet added go with it, unless something names them by then."""

from collections.abc import Callable
from threading import Event

import pytest
from django.db import connection, transaction

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.corrections import remove
from tandem.lessons.erasure import delete_tutor
from tandem.lessons.models import Deed
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.actions import set_subjects, subject_named
from tandem.people.models import LearningWish, Subject, Tutor, TutorSubject
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish, remove_wish
from tandem.relationships.actions import change_subject, pair
from tests.cast import NOW, Cast, link
from tests.lessons.test_deeds import undone
from tests.lessons.test_imports import STUDENTS, TUTORS, brought
from tests.lessons.test_undo_import import imported
from tests.together import together, wait_until_somebody_waits

WAITING = "Name,Subject\nMax Stone,Chemistry\n"


def names() -> list[str]:
    """Return the names of all subjects."""
    return sorted(Subject.objects.values_list("name", flat=True))


def undone_with(cast: Cast, deed: str) -> tuple[list[str], list[str]]:
    """Undo an import after a look; return the names of subjects that went, and that stayed."""
    made = undone(cast, deed).subjects
    return [one.name for one in made.going], [one.name for one in made.kept]


@pytest.mark.parametrize(
    ("text", "of", "new"),
    [(STUDENTS, "students", ["Chemistry"]), (TUTORS, "tutors", ["Chess"])],
)
def test_what_nobody_names_goes(cast: Cast, text: str, of: str, new: list[str]) -> None:
    """Those that were here before stay, whoever of the file had them."""
    before = names()
    deed = imported(cast, text, of)
    assert names() == sorted([*before, *new])
    assert undone_with(cast, deed) == (new, [])
    assert names() == before


def test_a_subject_goes_though_its_people_are_gone(cast: Cast) -> None:
    """Whoever came was removed by hand; what is left of the import are its subjects."""
    before = names()
    deed = imported(cast, TUTORS, "tutors")
    ada = Tutor.objects.get(email="ada@tandem.example")
    delete_tutor(requester=Requester(cast.owner, NOW), tutor_id=ada.pk)
    assert undone_with(cast, deed) == (["Chess"], [])
    assert names() == before


def teach(cast: Cast) -> None:
    set_subjects(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, subjects=[Taught("chemistry")]
    )


def taught_once(cast: Cast) -> None:
    teach(cast)
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, subjects=[])


def paired(cast: Cast) -> str:
    made = pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        student_id=cast.ana.pk,
        subject="Chemistry",
    )
    return made.pk


def paired_once(cast: Cast) -> None:
    remove(requester=Requester(cast.owner, NOW), tutor_student_id=paired(cast))


def learnt(cast: Cast) -> None:
    change_subject(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=link(cast.ben, cast.ana).pk,
        subject="Chemistry",
    )


def learnt_once(cast: Cast) -> None:
    learnt(cast)
    change_subject(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=link(cast.ben, cast.ana).pk,
        subject="Physics",
    )


def wished(cast: Cast) -> str:
    made = create_wish(
        requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, wanted=Wanted("Chemistry")
    )
    return made.pk


def wished_once(cast: Cast) -> None:
    remove_wish(requester=Requester(cast.owner, NOW), wish_id=wished(cast))


def old_application(cast: Cast) -> None:
    """The schema that keeps both databases in step; it finds subjects by their names."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA tandem_sync")


USES: list[Callable[[Cast], object]] = [
    teach, taught_once, paired, paired_once, learnt, learnt_once, wished, wished_once,
    old_application,
]  # fmt: skip


@pytest.mark.parametrize("use", USES, ids=lambda use: use.__name__)
def test_what_something_names_by_then_stays(cast: Cast, use: Callable[[Cast], object]) -> None:
    """Also where just a history does: it is read for years. All else of the import goes."""
    deed = imported(cast, WAITING)
    use(cast)
    before = names()
    assert undone_with(cast, deed) == ([], ["Chemistry"])
    assert names() == before
    assert Deed.objects.get(pk=deed).undone_at


def test_what_the_history_of_who_was_here_names_stays(cast: Cast) -> None:
    """That they had a tutor of it, and that it was undone, stands there."""
    deed = imported(
        cast, "Name,Tutor,Subject\nCleo Hart,Ben,Maths\nCleo Hart,Dev,Latin\nEva,,Greek\n"
    )
    assert undone_with(cast, deed) == (["Greek"], ["Latin"])


def test_a_subject_of_two_imports_goes_with_neither_before_the_other(cast: Cast) -> None:
    """The second found it; it stays as long as one of the second's people has it."""
    first = imported(cast, WAITING)
    second = imported(cast, "Name,Subject\nEva Lund,Chemistry\n")
    assert undone_with(cast, first) == ([], ["Chemistry"])
    assert undone_with(cast, second) == ([], [])


def test_what_is_named_since_the_look_is_looked_at_again(cast: Cast) -> None:
    owner = Requester(cast.owner, NOW)
    deed = imported(cast, WAITING)
    seen = preview_undo_of(requester=owner, deed_id=deed)
    teach(cast)
    with pytest.raises(ConflictError) as refused:
        undo_deed(requester=owner, deed_id=deed, expect=fingerprint(seen.shown))
    assert "the subjects have changed" in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_a_subject_that_is_just_being_given_to_somebody_stays(cast: Cast) -> None:
    """Undoing waits for whoever has named it and is not done."""
    deed = imported(cast, WAITING)
    named = Event()

    def give() -> None:
        with transaction.atomic():
            subject = subject_named("Chemistry")
            named.set()
            wait_until_somebody_waits()
            TutorSubject.objects.create(tutor=cast.dev, subject=subject)

    def take_back() -> list[str]:
        named.wait(10)
        done = undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
        return [one.name for one in done.subjects.kept]

    assert together(give, take_back) == [None, ["Chemistry"]]


@pytest.mark.django_db(transaction=True)
def test_a_subject_that_just_goes_is_made_again_for_who_names_it(cast: Cast) -> None:
    """Who names it waits, and finds none by then; so does a file that is brought in."""
    deed = imported(cast, WAITING)
    gone = Event()

    def take_back() -> None:
        with transaction.atomic():
            undo_deed(requester=Requester(cast.owner, NOW), deed_id=deed)
            gone.set()
            wait_until_somebody_waits()

    def give() -> None:
        gone.wait(10)
        teach(cast)

    def bring() -> None:
        gone.wait(10)
        brought(cast, "Name,Subject\nEva Lund,CHEMISTRY\n")

    assert together(take_back, give, bring) == [None, None, None]
    assert [one.lower() for one in names()].count("chemistry") == 1
    assert LearningWish.objects.get().subject == cast.dev.subjects.get().subject


def test_every_table_that_names_a_subject_is_looked_at() -> None:
    """A further one has to be asked in ``undo_subjects``."""
    relations = Subject._meta.get_fields(include_hidden=True)  # noqa: SLF001 - Django documents it
    assert {getattr(one.related_model, "__name__", "") for one in relations if one.one_to_many} == {
        "TutorSubject", "TutorStudent", "LearningWish",
    }  # fmt: skip
