"""Who was just added by mistake is taken back by one press, unless something was made since."""

import re
from typing import Any

from django.test import Client

from tandem.people.actions import set_subjects, update_student
from tandem.people.guardians import create_guardian, update_guardian
from tandem.people.models import Guardian, LearningWish, Student, Tutor
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import words
from tests.web.sending import Forms, send

BUTTON = re.compile(r'<form method="post" action="(/[^"]+/take-back[^"]*)"')


def undo(client: Client, answer: Any) -> Any:
    """Press the button beside what was said."""
    address = BUTTON.search(answer.content.decode())
    assert address
    forms = Forms()
    forms.feed(answer.content.decode())
    return client.post(address[1], forms.found[0], follow=True)


def test_a_student_with_tutor_and_wish(oona: Client, cast: Cast) -> None:
    """All that came with them goes; those who were there stay as they are."""
    before = {one.pk: one.updated_at for one in Student.objects.all()}
    links = {*TutorStudent.objects.values_list("pk", flat=True)}
    typed = {"full_name": "Eva Lund", "tutor": cast.ben.pk, "subject": "Physics"}
    added = send(oona, "/students/new", **typed)
    assert "Eva Lund is added." in words(added)
    done = undo(oona, added)
    assert done.redirect_chain == [("/students", 302)]
    assert "It is undone: Eva Lund was taken out again." in words(done)
    assert {one.pk: one.updated_at for one in Student.objects.all()} == before
    assert {*TutorStudent.objects.values_list("pk", flat=True)} == links


def test_a_student_who_waits(oona: Client, cast: Cast) -> None:
    """With the wish that was noted with them."""
    added = send(oona, "/students/new", full_name="Eva Lund", subject="Physics", tutor="")
    assert LearningWish.objects.exists()
    assert "was taken out again" in words(undo(oona, added))
    assert not LearningWish.objects.exists()


def test_a_tutors_own_student(ben: Client, cast: Cast) -> None:
    """A tutor takes back whom they added."""
    added = send(ben, "/students/new", full_name="Eva Lund")
    assert "was taken out again" in words(undo(ben, added))
    assert not Student.objects.filter(full_name="Eva Lund").exists()


def test_pressed_twice_it_is_done_once(oona: Client, cast: Cast) -> None:
    added = send(oona, "/students/new", full_name="Eva Lund", tutor=cast.ben.pk)
    assert [undo(oona, added).redirect_chain for _ in range(2)] == [[("/students", 302)]] * 2


def refused(answer: Any, name: str) -> str:
    """Return what is said where it is too late; the way is to the record, no button is left."""
    assert answer.status_code == 409
    said = words(answer)
    assert f"Nothing is undone: something was made or changed since {name} was added." in said
    assert f"{name} See the record" in said
    return said


def test_a_student_who_has_a_lesson_since(oona: Client, cast: Cast) -> None:
    added = send(oona, "/students/new", full_name="Eva Lund", tutor=cast.ben.pk)
    eva = Student.objects.get(full_name="Eva Lund")
    booked(eva.relationships.get(), at(9, 16))
    refused(undo(oona, added), "Eva Lund")
    assert eva.relationships.exists()


def test_a_student_of_whom_anything_was_changed_since(oona: Client, cast: Cast) -> None:
    """A word in the record, a guardian, another tutor: each is worth a look first."""
    requester = Requester(cast.owner, NOW)

    def changed(eva: Student) -> object:
        return update_student(requester=requester, student_id=eva.pk, changes={"year": "9"})

    def guarded(eva: Student) -> object:
        fields = {"full_name": "Rosa Lund"}
        return create_guardian(requester=requester, student_ids=[eva.pk], fields=fields)

    def paired(eva: Student) -> object:
        return pair(requester=requester, student_id=eva.pk, tutor_id=cast.dev.pk)

    for number, since in enumerate((changed, guarded, paired)):
        name = f"Eva Lund {number}"
        added = send(oona, "/students/new", full_name=name, tutor=cast.ben.pk)
        since(Student.objects.get(full_name=name))
        refused(undo(oona, added), name)
        assert Student.objects.filter(full_name=name).exists()


def test_a_tutor(oona: Client, cast: Cast) -> None:
    added = send(oona, "/tutors/new", full_name="Finn", email="finn@example.org")
    assert "Finn is added. What do they teach?" in words(added)
    done = undo(oona, added)
    assert done.redirect_chain == [("/tutors", 302)]
    assert not Tutor.objects.filter(full_name="Finn").exists()


def test_a_tutor_who_has_subjects_or_students_since(oona: Client, cast: Cast) -> None:
    added = send(oona, "/tutors/new", full_name="Finn", email="finn@example.org")
    finn, requester = Tutor.objects.get(full_name="Finn"), Requester(cast.owner, NOW)
    set_subjects(requester=requester, tutor_id=finn.pk, subjects=[Taught("Latin", "")])
    refused(undo(oona, added), "Finn")
    added = send(oona, "/tutors/new", full_name="Gus", email="gus@example.org")
    gus = Tutor.objects.get(full_name="Gus")
    pair(requester=requester, student_id=cast.ana.pk, tutor_id=gus.pk)
    refused(undo(oona, added), "Gus")


def test_a_guardian(oona: Client, cast: Cast) -> None:
    """Who is new goes for good; who was another child’s stays theirs."""
    page = f"/students/{cast.ana.pk}/guardians/new"
    added = send(oona, page, full_name="Maria Ruiz", email="maria@example.org")
    done = undo(oona, added)
    assert done.redirect_chain == [(f"/students/{cast.ana.pk}#guardians", 302)]
    assert not Guardian.objects.filter(full_name="Maria Ruiz").exists()
    requester = Requester(cast.owner, NOW)
    fields = {"full_name": "Rosa", "email": "rosa@example.org"}
    create_guardian(requester=requester, student_ids=[cast.cleo.pk], fields=fields)
    undo(oona, send(oona, page, full_name="Rosa", email="rosa@example.org"))
    rosa = Guardian.objects.get(full_name="Rosa")
    assert [one.pk for one in rosa.students.all()] == [cast.cleo.pk]


def test_a_guardian_who_was_there_before(oona: Client, cast: Cast) -> None:
    """Nobody was added, so there is nothing to take back, and what is said is so."""
    page, typed = f"/students/{cast.ana.pk}/guardians/new", {"full_name": "Rosa"}
    send(oona, page, **typed, email="rosa@example.org")
    answer = send(oona, page, **typed, email="Rosa@example.org")
    assert "take-back" not in answer.content.decode()
    assert answer.status_code == 409
    assert "Rosa is a guardian here already, by this address" in words(answer)
    rosa = Guardian.objects.get(full_name="Rosa")
    assert [one.pk for one in rosa.students.all()] == [cast.ana.pk]


def test_a_guardian_who_was_changed_since(oona: Client, cast: Cast) -> None:
    page = f"/students/{cast.ana.pk}/guardians/new"
    added = send(oona, page, full_name="Maria Ruiz", email="maria@example.org")
    maria = Guardian.objects.get(full_name="Maria Ruiz")
    requester = Requester(cast.owner, NOW)
    update_guardian(requester=requester, guardian_id=maria.pk, changes={"phone": "1"})
    assert "removed on their own page" in refused(undo(oona, added), "Maria Ruiz")
    assert Guardian.objects.filter(pk=maria.pk).exists()


def test_a_tutor_of_a_student(oona: Client, cast: Cast) -> None:
    """The pairing goes; its line of history says so. Planned since, or primary, it stays."""
    page = f"/students/{cast.cleo.pk}/pair"
    added = send(oona, page, tutor_id=cast.dev.pk, subject="Greek", new_subjects="Greek")
    done = undo(oona, added)
    assert done.redirect_chain == [(f"/students/{cast.cleo.pk}", 302)]
    assert "It is undone: Dev was taken out again." in words(done)
    assert [one.tutor for one in cast.cleo.relationships.all()] == [cast.ben]
    added = send(oona, page, tutor_id=cast.dev.pk, subject="Greek")
    booked(cast.cleo.relationships.get(tutor=cast.dev), at(9, 16))
    answer = undo(oona, added)
    assert answer.status_code == 409
    assert "planned or changed since they were paired" in words(answer)
    added = send(oona, page, tutor_id=cast.cara.pk, primary="on")
    assert "take-back" not in added.content.decode()


def test_nobody_else_takes_back(oona: Client, ben: Client, dev: Client, cast: Cast) -> None:
    """The address is worth nothing without the mark, or to who may not delete the student."""
    for path in (f"/students/{cast.ana.pk}", f"/tutors/{cast.ben.pk}"):
        answer = send(oona, f"{path}/take-back")
        assert answer.status_code == 409
    added = send(oona, "/students/new", full_name="Eva Lund", tutor=cast.ben.pk)
    assert undo(dev, added).status_code in {403, 404}
    assert Student.objects.filter(full_name="Eva Lund").exists()
