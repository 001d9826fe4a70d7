"""What students would like to learn: kept, fulfilled by a relationship, back with an undo."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from tandem.insights.subject_export import export_student
from tandem.insights.waiting import next_hours, waiting_students
from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.kit.weekly import Weekly
from tandem.lessons.assigning import Assigned, assign
from tandem.lessons.end_relationship import end
from tandem.lessons.erasure import erase_student
from tandem.lessons.undoing import undo_deed
from tandem.people.models import Change, LearningWish, Student
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish, remove_wish, update_wish, visible_wishes
from tandem.relationships import actions, requests
from tandem.relationships.models import TutorStudent
from tandem.relationships.wishes import open_wishes, with_state
from tests.cast import NOW, Cast

MONDAY = Weekly(0, time(16), time(17))
LATER = NOW + timedelta(hours=1)
TODAY = NOW.date()


@pytest.fixture
def kim(cast: Cast) -> Student:
    """Kim would like to learn Latin, on Mondays at four, and chemistry whenever."""
    wishes = [Wanted("Latin", "advanced", [MONDAY]), Wanted("Chemistry")]
    made: Student = actions.enrol(
        requester=Requester(cast.owner, NOW), full_name="Kim", wishes=wishes
    )
    return made


def still_open(cast: Cast, student: Student, day: date = TODAY) -> set[str]:
    rows = open_wishes(visible_wishes(viewer_of(cast.owner)), day).filter(student=student)
    return {row.subject.name for row in rows}


def paired(cast: Cast, student: Student, **more: Any) -> TutorStudent:
    row: TutorStudent = actions.pair(
        requester=Requester(cast.owner, LATER), tutor_id=cast.ben.pk, student_id=student.pk, **more
    )
    return row


def test_wishes_are_kept_with_a_new_student(cast: Cast, kim: Student) -> None:
    """Subject, level and hours, as they were said; a subject that there is, whatever its case."""
    latin = kim.wishes.get(subject__name="Latin")
    assert (latin.level, latin.hours) == (
        "advanced",
        [{"weekday": 0, "starts": "16:00", "ends": "17:00"}],
    )
    other = create_wish(
        requester=Requester(cast.owner, NOW), student_id=cast.cleo.pk, wanted=Wanted(" latin ")
    )
    assert other.subject_id == latin.subject_id


def test_who_waits_is_listed_with_what_for_and_how_long(cast: Cast, kim: Student) -> None:
    """A line for each wish; also of somebody who is taught something else."""
    create_wish(
        requester=Requester(cast.owner, NOW - timedelta(days=40)),
        student_id=cast.ana.pk,
        wanted=Wanted("Art"),
    )
    waiting, number = waiting_students(viewer_of(cast.owner, now=NOW), most=9)
    told = {(one.student.full_name, one.subject, one.level, len(one.hours)) for one in waiting}
    assert told >= {
        ("Kim", "Latin", "advanced", 1),
        ("Kim", "Chemistry", "", 0),
        (cast.ana.full_name, "Art", "", 0),
    }
    assert number == len({one.student for one in waiting})
    since = {one.student.full_name: one.since for one in waiting}
    assert since["Kim"] == TODAY
    assert since[cast.ana.full_name] == TODAY - timedelta(days=40)


def test_a_relationship_of_the_subject_fulfils_a_wish(cast: Cast, kim: Student) -> None:
    """That one alone; also one that begins later, and one that ended since."""
    row = paired(cast, kim, subject="latin", started_on=TODAY + timedelta(days=9))
    assert still_open(cast, kim) == {"Chemistry"}
    latin = with_state(visible_wishes(viewer_of(cast.owner)), TODAY).get(
        student=kim, subject__name="Latin"
    )
    assert latin.fulfilled_by == row.pk
    over = TODAY + timedelta(days=30)
    end(requester=Requester(cast.owner, LATER), tutor_student_id=row.pk, on=over)
    assert still_open(cast, kim, over + timedelta(days=60)) == {"Chemistry"}


def test_what_ended_before_the_wish_fulfils_none(cast: Cast) -> None:
    """And while it goes on it does; so does one of any subject that came after the wish alone."""
    subject = cast.ben_cleo.subject.name if cast.ben_cleo.subject else ""
    later = NOW + timedelta(days=2)
    create_wish(
        requester=Requester(cast.owner, later), student_id=cast.cleo.pk, wanted=Wanted(subject)
    )
    assert still_open(cast, cast.cleo) == set()
    end(
        requester=Requester(cast.owner, later),
        tutor_student_id=cast.ben_cleo.pk,
        on=TODAY + timedelta(2),
    )
    assert still_open(cast, cast.cleo, TODAY + timedelta(3)) == {subject}
    actions.pair(
        requester=Requester(cast.owner, later + timedelta(hours=1)),
        tutor_id=cast.dev.pk,
        student_id=cast.cleo.pk,
    )
    assert still_open(cast, cast.cleo, TODAY + timedelta(3)) == set()


def test_a_wish_comes_back_with_an_undo(cast: Cast, kim: Student) -> None:
    """Both of one student at once are one deed; taken back, both are open, and no tutor is left."""
    choices = [
        Assigned(kim.pk, cast.dev.pk, "Latin"),
        Assigned(kim.pk, cast.ben.pk, "Chemistry"),
    ]
    done = assign(requester=Requester(cast.owner, LATER), choices=choices)
    assert still_open(cast, kim) == set()
    assert [row.is_primary for row in done.links] == [True, False]
    undo_deed(requester=Requester(cast.owner, LATER), deed_id=done.deed)
    assert still_open(cast, kim) == {"Latin", "Chemistry"}
    assert not kim.relationships.exists()


def test_who_is_asked_and_who_has_left_does_not_wait(cast: Cast, kim: Student) -> None:
    """A request awaits its answer; declined, the wish is open again. Inactive, nothing is."""
    row = requests.request(
        requester=Requester(cast.owner, LATER),
        tutor_id=cast.ben.pk,
        student_id=kim.pk,
        subject="Latin",
    )
    assert still_open(cast, kim) == {"Chemistry"}
    requests.decline(requester=Requester(cast.owner, LATER), tutor_student_id=row.pk)
    assert still_open(cast, kim) == {"Latin", "Chemistry"}
    Student.objects.filter(pk=kim.pk).update(active=False)
    assert still_open(cast, kim) == set()


def test_a_wish_is_changed_and_removed_and_both_are_told(cast: Cast, kim: Student) -> None:
    """The history of the student has each line."""
    wish = kim.wishes.get(subject__name="Latin")
    changes = {"subject": "Greek", "level": "", "hours": []}
    changed = update_wish(requester=Requester(cast.owner, NOW), wish_id=wish.pk, changes=changes)
    assert (changed.subject.name, changed.level, changed.hours) == ("Greek", "", [])
    remove_wish(requester=Requester(cast.owner, NOW), wish_id=wish.pk)
    assert not LearningWish.objects.filter(pk=wish.pk).exists()
    lines = Change.objects.filter(about_id=kim.pk, table_name="people_learningwish")
    assert sorted(lines.filter(row_id=wish.pk).values_list("what", flat=True)) == [
        "added",
        "changed",
        "removed",
    ]


def test_what_is_no_wish_is_refused(cast: Cast, kim: Student) -> None:
    """The same subject twice, none, an unknown level, hours that end before they begin."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    with pytest.raises(ConflictError) as twice:
        create_wish(**who, student_id=kim.pk, wanted=Wanted("LATIN"))
    assert twice.value.reason == "wished_already"
    turned = Weekly(0, time(17), time(16))
    for bad in (
        Wanted(" "),
        Wanted("Art", "genius"),
        Wanted("Art", "", [turned]),
        Wanted("Art", "", [Weekly(7, time(1), time(2))]),
        Wanted("Art", "", [MONDAY] * 21),
    ):
        with pytest.raises(InvalidError):
            create_wish(**who, student_id=kim.pk, wanted=bad)
    chemistry = kim.wishes.get(subject__name="Chemistry")
    with pytest.raises(ConflictError):
        update_wish(**who, wish_id=chemistry.pk, changes={"subject": "Latin"})
    with pytest.raises(InvalidError):
        update_wish(**who, wish_id=chemistry.pk, changes={"level": "genius"})
    with pytest.raises(NotFoundError):
        create_wish(**who, student_id="nobody", wanted=Wanted("Art"))
    assert kim.wishes.count() == 2


def test_owners_alone(cast: Cast, kim: Student) -> None:
    """Who teaches the student now, too, neither writes nor reads them."""
    paired(cast, kim, subject="Art")
    ben = cast.ben.user
    wish = kim.wishes.get(subject__name="Latin")
    with pytest.raises(ForbiddenError):
        create_wish(requester=Requester(ben, NOW), student_id=kim.pk, wanted=Wanted("Music"))
    with pytest.raises(ForbiddenError):
        update_wish(requester=Requester(ben, NOW), wish_id=wish.pk, changes={"level": ""})
    with pytest.raises(ForbiddenError):
        remove_wish(requester=Requester(ben, NOW), wish_id=wish.pk)
    with pytest.raises(ForbiddenError):
        visible_wishes(viewer_of(ben))
    assert kim.wishes.count() == 2


def test_an_export_tells_them_and_an_erasure_takes_them_with_it(cast: Cast, kim: Student) -> None:
    told = str(export_student(requester=Requester(cast.owner, NOW), student_id=kim.pk))
    assert "advanced" in told
    assert "16:00" in told
    erase_student(requester=Requester(cast.owner, NOW), student_id=kim.pk)
    assert not LearningWish.objects.exists()
    kept = Change.objects.filter(table_name="people_learningwish").exclude(values=None)
    assert not kept.exists()


def test_hours_that_the_clocks_leave_out_are_looked_for_a_week_later(cast: Cast) -> None:
    """Wanted hours stand in no calendar: no request has to fail for a night in March."""
    gone = Weekly(6, time(1, 30), time(2, 30))
    (one,) = next_hours([gone], date(2027, 3, 27))
    assert one.starts_at.date() == date(2027, 4, 4)
    (plain,) = next_hours([MONDAY], date(2027, 3, 27))
    assert plain.starts_at.isoformat() == "2027-03-29T15:00:00+00:00"
