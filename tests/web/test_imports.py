"""An owner chooses a file, looks at what would come of it, and brings it in by one button."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tandem.lessons.imports.table import MOST_BYTES
from tandem.lessons.models import Deed
from tandem.people.actions import update_student
from tandem.people.models import Account, Student, Subject, Tutor, TutorSubject
from tandem.people.requester import Requester
from tandem.relationships.actions import enrol
from tandem.web.forms.imports import packed, unpacked
from tests.cast import NOW, Cast
from tests.lessons.test_imports import STUDENTS, TUTORS
from tests.web.reading import read, words
from tests.web.sending import fields, opened, sent

PATHS = {"students": "/students/import", "tutors": "/tutors/import"}
WITH_FAULTS = STUDENTS.replace("Dev", "Nobody").replace("Notes", "Shoe size")


def looked(client: Client, text: str | bytes, path: str = PATHS["students"]) -> object:
    """Choose a file and have it looked at."""
    content = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("our students.csv", content)
    return client.post(path, {**opened(client, path), "file": file, "only_looks": "yes"})


def test_a_file_is_looked_at_and_brought_in_with_an_undo(oona: Client, cast: Cast) -> None:
    """Nothing is there before the button; it says how many, and so does what was done."""
    assert "Bring in from a spreadsheet" in read(oona, "/students")
    seen = looked(oona, STUDENTS)
    said = words(seen)
    for part in (
        "What will happen with our students.csv",
        "3 students will be added",
        "3 relationships with tutors will begin",
        "1 guardian will be added, and told nothing until you choose what",
        "Kim Vale with Ben , Physics , from Thu 1 Oct 2026",
        "Max Stone , Chemistry waits for a tutor",
        "A subject is new here: Chemistry . If it is here under another name, write that one.",
        "Add 3 students",
    ):
        assert part in said, part
    assert not Student.objects.filter(full_name="Kim Vale").exists()
    after = sent(oona, PATHS["students"], fields(seen))
    assert (
        "They are here now, and nobody was written to. A spreadsheet was brought in, with Kim "
        "Vale, Lou Vale and Max Stone. Undo it"
    ) in words(after)
    assert "A spreadsheet was brought in, with Kim Vale, Lou Vale and Max Stone." in read(
        oona, "/deeds"
    )
    path = f"/deeds/{Deed.objects.get().pk}/undo"
    assert "1 subject that came along will be removed Chemistry" in read(oona, path)
    undone = sent(oona, path, opened(oona, path))
    assert "It is undone." in words(undone)
    assert not Subject.objects.filter(name="Chemistry").exists()
    assert not Student.objects.filter(full_name="Kim Vale").exists()
    assert "Undone A spreadsheet was brought in, with 3 students." in read(oona, "/deeds")


def test_a_subject_that_somebody_teaches_by_then_stays_and_that_is_said(
    oona: Client, cast: Cast
) -> None:
    """Beside the button of the moment, and before a later one."""
    after = sent(oona, PATHS["students"], fields(looked(oona, STUDENTS)))
    assert "Undo it" in words(after)
    subject = Subject.objects.get(name="Chemistry")
    TutorSubject.objects.create(tutor=cast.dev, subject=subject)
    path = f"/deeds/{Deed.objects.get().pk}/undo"
    stays = "The subject Chemistry stays: somebody teaches or learns it by now, or did."
    assert f"Who was here before stays. {stays}" in read(oona, path)
    assert f"It is undone. {stays}" in words(sent(oona, path, opened(oona, path)))


def test_who_is_here_gets_the_tutor_who_is_new(oona: Client, cast: Cast) -> None:
    seen = looked(oona, "Name,E-mail,Tutor\nCleo Hart,,Ben\nCleo Hart,,Dev\n")
    assert "Add 1 tutor to who is here" in words(seen)
    after = sent(oona, PATHS["students"], fields(seen))
    assert "A spreadsheet was brought in, with Cleo Hart. Undo it" in words(after)
    assert cast.cleo.relationships.filter(tutor=cast.dev).exists()


def test_who_is_inactive_gets_the_tutor_and_that_is_said(oona: Client, cast: Cast) -> None:
    """In the summary and at the row; of who is taught already, too. They stay inactive."""
    Student.objects.filter(pk=cast.cleo.pk).update(active=False)
    said = words(looked(oona, "Name,Tutor\nCleo Hart,Ben\nCleo Hart,Dev\nAna Ruiz,Ben\n"))
    stays = "Cleo Hart is inactive, and stays so: lessons can be planned once they are active again"
    for part in (
        "1 row gives a tutor to a student who is inactive, and stays so: Cleo Hart .",
        f"is here, and gets this tutor as well. {stays}.",
        f"Ben teaches Cleo Hart already. {stays}.",
        "Ben teaches Ana Ruiz already.",
    ):
        assert part in said, part
    assert said.count(stays) == 2
    sent(oona, PATHS["students"], fields(looked(oona, "Name,Tutor\nCleo Hart,Ben\nCleo Hart,Dev")))
    cast.cleo.refresh_from_db()
    assert not cast.cleo.active
    assert cast.cleo.relationships.filter(tutor=cast.dev).exists()


def test_who_becomes_inactive_after_the_look_is_looked_at_again(oona: Client, cast: Cast) -> None:
    seen = looked(oona, "Name,Tutor\nCleo Hart,Ben\nCleo Hart,Dev\n")
    assert "inactive" not in words(seen)
    Student.objects.filter(pk=cast.cleo.pk).update(active=False)
    again = sent(oona, PATHS["students"], fields(seen))
    assert again.status_code == 409
    assert "gives a tutor to a student who is inactive" in words(again)


def test_tutors_come_the_same_way(oona: Client, cast: Cast) -> None:
    seen = looked(oona, TUTORS, PATHS["tutors"])
    assert "1 row is about who is here already: nothing is changed" in words(seen)
    after = sent(oona, PATHS["tutors"], fields(seen))
    assert "A spreadsheet was brought in, with Ada Byron. Undo it" in words(after)
    assert Tutor.objects.filter(full_name="Ada Byron").exists()
    path = f"/deeds/{Deed.objects.get().pk}/undo"
    assert "1 tutor will be removed Ada Byron" in read(oona, path)
    sent(oona, path, opened(oona, path))
    assert "A spreadsheet was brought in, with tutors." in read(oona, "/deeds")


def test_rows_with_faults_are_named_and_left_out_by_a_button_that_says_so(
    oona: Client, cast: Cast
) -> None:
    """As are columns that are not understood."""
    seen = looked(oona, WITH_FAULTS)
    said = words(seen)
    assert "1 row has a fault. Mend it in the file and choose that again, or leave it out." in said
    assert "Line 4, Tutor : There is no tutor “Nobody”." in said
    assert "This column is not understood, and nothing of it is brought in: Shoe size ." in said
    assert "Add 2 students, leave out 1 row" in said
    refused = sent(oona, PATHS["students"], fields(seen))
    assert refused.status_code == 422
    assert not Student.objects.filter(full_name="Kim Vale").exists()
    sent(oona, PATHS["students"], fields(looked(oona, WITH_FAULTS)), leave_out="on")
    assert Student.objects.filter(full_name="Kim Vale").exists()
    assert not Student.objects.filter(full_name="Lou Vale").exists()


def test_another_file_is_looked_at_first(oona: Client, cast: Cast) -> None:
    """Whichever button is pressed: what was not looked at is not brought in."""
    seen = fields(looked(oona, STUDENTS))
    file = SimpleUploadedFile("others.csv", b"Name\nEva Lund\n")
    again = oona.post(PATHS["students"], {**seen, "file": file})
    assert "1 student will be added" in words(again)
    assert Student.objects.count() == 2
    sent(oona, PATHS["students"], fields(again))
    assert Student.objects.filter(full_name="Eva Lund").exists()
    assert not Student.objects.filter(full_name="Kim Vale").exists()


def test_what_has_changed_meanwhile_is_looked_at_again(oona: Client, cast: Cast) -> None:
    """With what differs, and what would happen now."""
    seen = fields(looked(oona, STUDENTS))
    requester = Requester(cast.owner, NOW)
    enrol(requester=requester, full_name="Max Stone", parent_email="stone@home.example")
    again = sent(oona, PATHS["students"], seen)
    assert again.status_code == 409
    assert "Something has changed since you looked" in words(again)
    assert "2 students will be added" in words(again)
    sent(oona, PATHS["students"], fields(again))
    assert Student.objects.filter(full_name="Max Stone").count() == 1


def test_what_another_owner_has_brought_in_meanwhile_does_not_come_twice(
    oona: Client, cast: Cast
) -> None:
    """Both looked at the same file; the second reads that all are here, above the new look."""
    forms = [fields(looked(oona, STUDENTS)) for _ in range(2)]
    assert "They are here now" in words(sent(oona, PATHS["students"], forms[0]))
    second = sent(oona, PATHS["students"], forms[1])
    assert second.status_code == 409
    assert "Everybody in this file is here by now" in words(second)
    assert "Nothing is new in this file." in words(second)
    assert Student.objects.filter(full_name="Kim Vale").count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04", "This is a workbook and no CSV file."),
        (b"", "The file is empty. Choose another."),
        (b"Class\n7\n", "There is no column “Name”."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(
    oona: Client, cast: Cast, content: bytes, said: str
) -> None:
    refused = looked(oona, content)
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert said in words(refused)
    assert "What will happen" not in words(refused)


@pytest.mark.parametrize("carried", ["", "nothing of ours", "eJwDAAAAAAE="])
def test_without_a_file_one_is_asked_for(oona: Client, cast: Cast, carried: str) -> None:
    """What claims to carry one and does not, too."""
    path = PATHS["students"]
    refused = oona.post(path, {**opened(oona, path), "carried": carried})
    assert refused.status_code == 422
    assert "Choose a file." in words(refused)


def test_old_text_is_read_and_said(oona: Client, cast: Cast) -> None:
    seen = words(looked(oona, "Name;Fach\nJosé Müller;Kunst\n".encode("cp1252")))
    assert "José Müller , Kunst" in seen
    assert "The file is not in UTF-8, so it was read as Windows writes it." in seen


def test_a_file_in_german_by_a_german_reader(oona: Client, cast: Cast) -> None:
    Account.objects.filter(pk=cast.owner.pk).update(language="de")
    seen = words(looked(oona, "Name;Klasse;Lehrkraft;Beginnt am\nJürgen Öz;7;Ben;1.12.2026\n"))
    assert "1 Person kommt hinzu" in seen
    assert "ab Di, 1. Dez 2026" in seen


@pytest.mark.parametrize("of", PATHS)
def test_the_sample_file_can_be_brought_in(oona: Client, cast: Cast, of: str) -> None:
    """In both languages; its tutors are told to be added first."""
    for language, heading in (("en", "Name"), ("de", "Name")):
        Account.objects.filter(pk=cast.owner.pk).update(language=language)
        sample = oona.get(f"{PATHS[of]}/sample")
        assert sample["Content-Disposition"] == f'attachment; filename="{of}.csv"'
        assert sample.content.decode("utf-8-sig").startswith(f'"{heading}"')
        seen = words(looked(oona, sample.content, PATHS[of]))
        assert ("Ben Hall" in seen) is True, seen


def test_only_an_owner_sees_any_of_it(ben: Client, cast: Cast) -> None:
    """The way to it, the page, the file."""
    assert "spreadsheet" not in read(ben, "/students")
    assert "spreadsheet" not in read(ben, "/tutors")
    for of, path in PATHS.items():
        for one in (path, f"{path}/sample"):
            refused = ben.get(one)
            assert refused.status_code == 403, of
            assert "Only an owner can bring people in from a spreadsheet." in words(refused)


def test_an_undo_that_something_stands_against_says_what(oona: Client, cast: Cast) -> None:
    sent(oona, PATHS["students"], fields(looked(oona, STUDENTS)))
    kim = Student.objects.get(full_name="Kim Vale").pk
    update_student(requester=Requester(cast.owner, NOW), student_id=kim, changes={"year": "12"})
    refused = oona.get(f"/deeds/{Deed.objects.get().pk}/undo")
    assert "the record was changed (Kim Vale). Nothing was changed." in words(refused)


def test_names_in_any_script_stand_by_themselves(oona: Client, cast: Cast) -> None:
    """A name that runs from right to left turns nothing round beside it."""
    seen = looked(oona, "Name,Tutor\nשרה לוי,Ben\nفاطمة,Nobody\n")
    text = seen.content.decode()  # type: ignore[attr-defined]
    assert '<strong dir="auto">שרה לוי</strong>' in text
    assert re.search(r"<bdi>There is no tutor “Nobody”", text)


def test_what_is_carried_unpacks_to_no_more_than_a_file_has() -> None:
    """However much it claims to hold."""
    assert unpacked(packed(b"Name\nAna\n")) == b"Name\nAna\n"
    assert len(unpacked(packed(b"x" * (5 * MOST_BYTES)))) == MOST_BYTES + 1


def test_a_form_that_carries_too_much_is_refused_as_such_a_file_is(
    oona: Client, cast: Cast
) -> None:
    path = PATHS["students"]
    carried = packed(b"Name\n" + b"x\n" * MOST_BYTES)
    refused = oona.post(path, {**opened(oona, path), "carried": carried})
    assert refused.status_code == 422
    assert "The file is too large: at most 10 MB." in words(refused)
