"""People come from a spreadsheet: looked at first, all at one go, and by the same rules as ever."""

from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.end_relationship import end
from tandem.lessons.imports.bring_in import Import, bring_in, preview_import
from tandem.lessons.models import Deed, Notice, TutorNotices
from tandem.people.actions import create_tutor, update_student, update_tutor
from tandem.people.guardians import create_guardian
from tandem.people.models import Guardian, LearningWish, Student, Subject, Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol
from tandem.relationships.models import PrimaryPeriod, RelationshipEvent, TutorStudent
from tests.cast import NOW, Cast, user

STUDENTS = """Name,Year,E-mail,Parent,Parent’s e-mail,Tutor,Subject,Begins on,Notes
Kim Vale,9,kim@child.example,Pat Vale,pat@home.example,Ben,Physics,2026-10-01,Left-handed
Kim Vale,,kim@child.example,,,cara@tandem.example,Maths,,
Lou Vale,7,,Pat Vale,pat@home.example,Dev,,2026-12-01,
Max Stone,,,,stone@home.example,,Chemistry,,
"""
TUTORS = """Name;E-mail;Phone;Subjects;Time zone;Most students at once
Ada Byron;ada@tandem.example;0170;"Maths (advanced), Chess";Europe/Berlin;8
Ben Again;BEN@tandem.example;;;;
"""


def looked(cast: Cast, text: str, of: Any = "students") -> Import:
    return preview_import(requester=Requester(cast.owner, NOW), of=of, content=text.encode())


def brought(cast: Cast, text: str, of: Any = "students", **more: Any) -> Import:
    return bring_in(requester=Requester(cast.owner, NOW), of=of, content=text.encode(), **more)


def told(done: Import) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.becomes, one.name, one.tutor) for one in done.rows]


def everything() -> list[Any]:
    """All that an import could have written."""
    return [
        sorted(model._default_manager.values_list())  # noqa: SLF001 - Django documents it
        for model in (Student, Tutor, TutorStudent, PrimaryPeriod, Guardian, Subject, Deed)
    ]


def test_students_come_with_tutors_and_guardians_as_previewed(cast: Cast) -> None:
    """The look changes nothing; what was looked at is what happens, with each line of history."""
    before = everything()
    seen = looked(cast, STUDENTS)
    assert everything() == before
    assert told(seen) == [
        (2, "added", "Kim Vale", "Ben"),
        (3, "added", "Kim Vale", "Cara"),
        (4, "added", "Lou Vale", "Dev"),
        (5, "added", "Max Stone", ""),
    ]
    assert (seen.people, seen.relationships, seen.guardians) == (3, 3, 1)
    done = brought(cast, STUDENTS, expect=fingerprint(seen.shown))
    assert told(done) == told(seen)
    kim = Student.objects.get(full_name="Kim Vale")
    assert (kim.year, kim.email, kim.parent_email) == ("9", "kim@child.example", None)
    assert kim.parent_link_token
    ben, cara = kim.relationships.order_by("started_on")
    assert (ben.tutor, ben.is_primary, ben.started_on) == (cast.ben, True, date(2026, 10, 1))
    assert (ben.subject and ben.subject.name, ben.notes) == ("Physics", "Left-handed")
    assert (cara.tutor, cara.is_primary, cara.started_on) == (cast.cara, False, NOW.date())
    lines = RelationshipEvent.objects.filter(relationship__in=[ben, cara])
    assert {(one.what, one.actor, one.at) for one in lines} == {("started", cast.owner, NOW)}
    (period,) = PrimaryPeriod.objects.filter(student=kim)
    assert (period.tutor_student, period.starts_on) == (ben, date(2026, 10, 1))


def test_it_is_as_if_each_had_been_added_by_hand(cast: Cast) -> None:
    """The same facts, marks, days and lines as ``enrol`` makes of the same pairings."""
    text = "Name,Tutor,Subject,Begins on\n" + "".join(
        f"Kim,{tutor},{subject},{day}\n"
        for tutor, subject, day in (
            ("Ben", "Maths", "2026-10-05"),
            ("Cara", "Maths", "2026-09-01"),
            ("Dev", "", "2027-01-10"),
        )
    )  # fmt: skip
    brought(cast, text)
    enrol(
        requester=Requester(cast.owner, NOW),
        full_name="Kim by hand",
        tutors=[
            Pairing(cast.ben.pk, "Maths", date(2026, 10, 5)),
            Pairing(cast.cara.pk, "Maths", date(2026, 9, 1)),
            Pairing(cast.dev.pk, "", date(2027, 1, 10)),
        ],
    )

    def facts(name: str) -> list[Any]:
        rows = TutorStudent.objects.filter(student__full_name=name).order_by("tutor__full_name")
        facts = ("tutor", "subject", "started_on", "status", "is_primary", "kind")
        periods = PrimaryPeriod.objects.filter(student__full_name=name)
        lines = RelationshipEvent.objects.filter(relationship__in=rows)
        ids = {row.pk: row.tutor_id for row in rows}
        return [
            list(rows.values_list(*facts)),
            sorted((ids[one.tutor_student_id], one.starts_on, str(one.ends_on)) for one in periods),
            sorted(
                (
                    ids[one.relationship_id], one.what, str(one.on_date),
                    str({k: v for k, v in one.details["set"].items() if k != "student"}),
                    str({k: v for k, v in one.details.items() if k != "set"}),
                )
                for one in lines
            ),
        ]  # fmt: skip

    assert facts("Kim") == facts("Kim by hand")


def test_siblings_have_one_guardian_who_is_told_nothing(cast: Cast) -> None:
    """No letter is written, and no link made that nobody asked for."""
    brought(cast, STUDENTS)
    pat = Guardian.objects.get()
    assert {one.full_name for one in pat.students.all()} == {"Kim Vale", "Lou Vale"}
    assert (pat.notices, pat.link_token) == ([], None)
    assert not Notice.objects.exists()


def test_who_waits_for_a_tutor_is_on_the_list_with_the_wish(cast: Cast) -> None:
    """An address without a name is the parents'."""
    brought(cast, STUDENTS)
    wish = LearningWish.objects.get()
    assert (wish.student.full_name, wish.subject.name) == ("Max Stone", "Chemistry")
    assert wish.student.parent_email == "stone@home.example"
    assert not wish.student.relationships.exists()


def test_a_guardian_who_is_here_is_joined_and_not_changed(cast: Cast) -> None:
    known = create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.ana.pk],
        fields={"full_name": "Patricia Vale", "email": "PAT@home.example"},
    )
    assert brought(cast, STUDENTS).guardians == 0
    known.refresh_from_db()
    assert known.full_name == "Patricia Vale"
    assert known.notices
    assert known.students.count() == 3


def test_who_is_here_already_stays_as_they_are(cast: Cast) -> None:
    """By the e-mail address, or the name and a tutor or an address of the parents."""
    requester = Requester(cast.owner, NOW)
    update_student(requester=requester, student_id=cast.ana.pk, changes={"email": "ana@c.example"})
    text = """Name,E-mail,Year,Parent’s e-mail,Tutor,Subject
Anna,ANA@c.example,11,,Ben,physics
cleo hart,,,,Ben,
Ana Ruiz,,12,RUIZ@home.example,,
Ana Ruiz,another@c.example,10,,Ben,
"""
    before = sorted(TutorStudent.objects.values_list())
    done = brought(cast, text)
    assert told(done) == [
        (2, "here", "Anna", "Ben"),
        (3, "here", "cleo hart", "Ben"),
        (4, "here", "Ana Ruiz", ""),
        (5, "added", "Ana Ruiz", "Ben"),
    ]
    assert done.here[0].why == "Ben teaches Ana Ruiz already."
    assert "is here already" in done.here[2].why
    assert Student.objects.get(pk=cast.ana.pk).year == "10"
    rows = sorted(TutorStudent.objects.exclude(student__email="another@c.example").values_list())
    assert rows == before


@pytest.mark.parametrize("tutor", ["", "Dev"])
def test_an_address_of_somebody_called_otherwise_is_asked_about(cast: Cast, tutor: str) -> None:
    """Siblings have their mother's: neither gets the other's tutor, nor is one of them lost."""
    brought(cast, "Name,E-mail\nKim Vale,mum@home.example\n")
    seen = looked(cast, f"Name,E-mail,Tutor\nLou Vale,MUM@home.example,{tutor}\n")
    assert seen.rows == []
    (fault,) = seen.faults
    assert (fault.line, fault.column) == (2, "E-mail")
    assert "This is the e-mail address of Kim Vale, who is here already." in fault.message


def test_the_same_file_again_brings_nothing(cast: Cast) -> None:
    brought(cast, STUDENTS)
    before = everything()
    assert looked(cast, STUDENTS).made == []
    with pytest.raises(ConflictError) as refused:
        brought(cast, STUDENTS)
    assert refused.value.reason == "nothing_to_bring_in"
    assert everything() == before


def test_a_student_who_is_here_gets_the_tutor_who_is_new(cast: Cast) -> None:
    """Not as the primary one, as by hand; nothing else of the student is made."""
    text = "Name,Tutor,Subject,Begins on\nCleo Hart,Ben,Maths,\nCleo Hart,Dev,Latin,2026-12-01\n"
    seen = looked(cast, text)
    done = brought(cast, text, expect=fingerprint(seen.shown))
    assert told(done) == [(2, "here", "Cleo Hart", "Ben"), (3, "paired", "Cleo Hart", "Dev")]
    row = TutorStudent.objects.get(tutor=cast.dev)
    assert (row.student, row.is_primary, row.started_on) == (cast.cleo, False, date(2026, 12, 1))
    assert (done.people, done.relationships) == (0, 1)


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("Kim,Nobody,,", "Tutor", "There is no tutor “Nobody”."),
        ("Kim,Cara,,", "Tutor", "Several tutors are called “Cara”."),
        ("Kim,Dev,,", "Tutor", "This tutor is inactive, so takes no new students."),
    ],
)
def test_the_rules_of_a_pairing_are_the_same(cast: Cast, row: str, column: str, said: str) -> None:
    """What cannot be is told with its row, and refuses all of it unless it is left out."""
    requester = Requester(cast.owner, NOW)
    create_tutor(requester=requester, full_name="cara", email="cara.two@tandem.example")
    update_tutor(requester=requester, tutor_id=cast.dev.pk, changes={"active": False})
    text = f"Name,Tutor,Subject,Begins on\n{row}\nLou,Ben,,\n"
    (fault,) = looked(cast, text).faults
    assert (fault.line, fault.column) == (2, column)
    assert said in fault.message
    before = everything()
    with pytest.raises(InvalidError) as refused:
        brought(cast, text)
    assert "1 row has a fault, so nothing was brought in." in str(refused.value)
    assert f"Line 2, {column}: " in str(refused.value)
    assert everything() == before
    assert [one.name for one in brought(cast, text, leave_out=True).made] == ["Lou"]


def test_an_address_of_two_tutors(cast: Cast) -> None:
    """As an older application may have left it: the name tells them apart, the address does not."""
    old = {"email": cast.ben.email, "legacy_fault": "duplicate_email"}
    Tutor.objects.filter(pk=cast.cara.pk).update(**old)
    (fault,) = looked(cast, f"Name,Tutor\nKim,{cast.ben.email}\n").faults
    assert f"Several tutors have the address “{cast.ben.email}”." in fault.message
    assert "or write the tutor’s name" in fault.message
    assert [one.becomes for one in looked(cast, "Name,Tutor\nKim,Cara\n").made] == ["added"]


def test_a_tutor_gets_no_more_than_there_is_room_for(cast: Cast) -> None:
    """Row by row, each on its own days; who does not fit is named, and why."""
    requester = Requester(cast.owner, NOW)
    update_tutor(requester=requester, tutor_id=cast.dev.pk, changes={"capacity": 2})
    text = "Name,Tutor,Begins on\n" + "".join(f"Kim {n},Dev,{n}.12.2026\n" for n in (3, 2, 1, 4))
    seen = looked(cast, text)
    assert [one.line for one in seen.made] == [2, 3]
    assert [one.line for one in seen.faults] == [4, 5]
    assert "This tutor has room for 2" in seen.faults[0].message
    brought(cast, text, leave_out=True, expect=fingerprint(seen.shown))
    assert cast.dev.relationships.count() == 2


def test_what_has_changed_since_the_look_is_not_done(cast: Cast) -> None:
    """Another file, a tutor who left, somebody who came by another way: it says what differs."""
    seen = fingerprint(looked(cast, STUDENTS).shown)
    requester = Requester(cast.owner, NOW)
    enrol(requester=requester, full_name="Kim Vale", email="kim@child.example")
    before = everything()
    with pytest.raises(ConflictError) as refused:
        brought(cast, STUDENTS, expect=seen)
    assert refused.value.reason == "changed_since_preview"
    assert "the outcomes of the rows have changed" in str(refused.value)
    assert everything() == before
    with pytest.raises(ConflictError) as refused:
        brought(cast, STUDENTS.replace("Lou", "Luis"), expect=seen)
    assert "the file has changed" in str(refused.value)


def test_an_address_that_stands_beside_a_crowd_is_nobodys(cast: Cast) -> None:
    rows = "".join(f"Kim {n},Office,office@home.example\n" for n in range(51))
    seen = looked(cast, f"Name,Parent,Parent’s e-mail\n{rows}Lou,Pat,pat@home.example\n")
    assert len(seen.faults) == 51
    assert "51 students have this address as a parent’s." in seen.faults[0].message
    assert [one.name for one in seen.made] == ["Lou"]


def test_tutors_come_with_what_they_teach(cast: Cast) -> None:
    """They are told nothing, and have no account until one is made."""
    seen = looked(cast, TUTORS, "tutors")
    assert told(seen) == [(2, "added", "Ada Byron", ""), (3, "here", "Ben Again", "")]
    brought(cast, TUTORS, "tutors", expect=fingerprint(seen.shown))
    ada = Tutor.objects.get(email="ada@tandem.example")
    assert (ada.capacity, ada.time_zone, ada.phone, ada.user) == (8, "Europe/Berlin", "0170", None)
    levels = {one.subject.name: one.level for one in ada.subjects.select_related("subject")}
    assert levels == {"Maths": "advanced", "Chess": ""}
    assert Subject.objects.filter(name__iexact="maths").count() == 1
    assert TutorNotices.objects.get(tutor=ada).kinds == []
    assert Tutor.objects.get(pk=cast.ben.pk).full_name == "Ben"


def test_subjects_that_nobody_has_named_yet_are_told(cast: Cast) -> None:
    """Each as it is first written; one that is only written otherwise is no new one."""
    rows = "Kim,Ben,MATHS\nLou,Ben,Mathe\nMax,,mathe\nEva,Nobody,Latin\nJo,,Art\n"
    seen = looked(cast, f"Name,Tutor,Subject\n{rows}")
    assert seen.new_subjects == ["Art", "Mathe"]
    assert looked(cast, TUTORS, "tutors").new_subjects == ["Chess"]
    done = brought(cast, f"Name,Tutor,Subject\n{rows}", leave_out=True)
    assert done.new_subjects == seen.new_subjects
    assert looked(cast, "Name,Tutor,Subject\nUna,Ben,Mathe\n").new_subjects == []


@pytest.mark.parametrize("of", ["students", "tutors"])
def test_only_an_owner_brings_people_in(cast: Cast, of: Any) -> None:
    """A tutor is told so, for the look too."""
    text = {"students": STUDENTS, "tutors": TUTORS}[of].encode()
    for action in (preview_import, bring_in):
        with pytest.raises(ForbiddenError) as refused:
            action(requester=Requester(user(cast.ben), NOW), of=of, content=text)
        assert str(refused.value) == "Only an owner can bring people in from a spreadsheet."


def test_two_rows_that_mean_one_student_who_is_here_pair_them_once(cast: Cast) -> None:
    """Both are found by the name and a tutor; the second is told with its row."""
    text = (
        "Name,Year,Tutor,Subject\n"
        "Cleo Hart,5,Ben,Maths\nCleo Hart,5,Dev,Latin\n"
        "Cleo Hart,9,Ben,Maths\nCleo Hart,9,Dev,Latin\n"
    )
    seen = looked(cast, text)
    assert told(seen)[:2] == [(2, "here", "Cleo Hart", "Ben"), (3, "paired", "Cleo Hart", "Dev")]
    (fault,) = seen.faults
    assert fault.line == 5
    assert "already have a relationship in this subject" in fault.message
    brought(cast, text, leave_out=True)
    assert TutorStudent.objects.filter(tutor=cast.dev).count() == 1


def test_a_tutor_who_is_full_later_takes_nobody_who_begins_before(cast: Cast) -> None:
    """Day by day, as by hand: who begins after a place is free again has it."""
    requester = Requester(cast.owner, NOW)
    update_tutor(requester=requester, tutor_id=cast.dev.pk, changes={"capacity": 1})
    enrol(
        requester=requester,
        full_name="Max",
        tutors=[Pairing(cast.dev.pk, "", date(2026, 12, 1))],
    )
    row = TutorStudent.objects.get(tutor=cast.dev)
    end(requester=requester, tutor_student_id=row.pk, on=date(2027, 2, 1))
    text = "Name,Tutor,Begins on\nA,Dev,1.11.2026\nB,Dev,1.1.2027\nC,Dev,1.2.2027\nD,Dev,1.3.2027\n"
    seen = looked(cast, text)
    assert [(one.line, one.name) for one in seen.made] == [(4, "C")]
    assert [one.line for one in seen.faults] == [2, 3, 5]
