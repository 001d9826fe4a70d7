"""Students, by clicking: new ones, their record, further tutors, the link, erasure."""

from django.core import mail
from django.test import Client

from tandem.people.models import Student
from tandem.relationships.models import TutorStudent
from tests.cast import Cast, link
from tests.web.reading import read, words
from tests.web.sending import send


def test_an_owner_adds_a_student_with_two_tutors(oona: Client, cast: Cast) -> None:
    """The first tutor is the primary; the page that follows shows both."""
    seen = words(
        send(
            oona,
            "/students/new",
            full_name="Eva Lund",
            tutor=cast.dev.pk,
            subject="Greek",
            tutor_2=cast.ben.pk,
            started_on_2="2026-12-01",
        )
    )
    assert "Eva Lund is added." in seen
    assert "Dev Greek Primary since Mon 2 Nov 2026" in seen
    assert "Ben Any subject Planned from Tue 1 Dec 2026" in seen


def test_a_tutor_adds_a_student_of_their_own(ben: Client, cast: Cast) -> None:
    """The form asks for no tutor: it is Ben."""
    assert "Primary tutor" not in read(ben, "/students/new")
    seen = words(send(ben, "/students/new", full_name="Eva Lund", subject="Physics"))
    assert "Ben Physics Primary since" in seen


def test_a_refusal_stands_beside_its_field_and_nothing_is_lost(oona: Client, cast: Cast) -> None:
    """A blank name is said there; what else was typed is still in the form."""
    answer = send(oona, "/students/new", full_name="   ", year="Sixth", tutor=cast.ben.pk)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Sixth"' in page
    assert f'name="tutor_is" value="{cast.ben.pk}"' in page
    assert 'aria-invalid="true"' in page
    assert Student.objects.count() == 2


def test_a_tutor_without_room_is_said_at_the_top(oona: Client, cast: Cast) -> None:
    """A conflict belongs to no field; the form keeps everything."""
    cast.ben.capacity = 2
    cast.ben.save()
    answer = send(oona, "/students/new", full_name="Eva", tutor=cast.ben.pk)
    assert answer.status_code == 409
    assert "This tutor has room for 2, and on Mon 2 Nov 2026 already teaches 2." in words(answer)
    assert not Student.objects.filter(full_name="Eva").exists()


def test_the_record_is_edited(oona: Client, cast: Cast) -> None:
    """New year, new address; unticking makes a student inactive, ticking active again."""
    path = f"/students/{cast.ana.pk}/edit"
    seen = words(send(oona, path, year="11", parent_email="new@home.example", active=None))
    assert "Year 11 . Inactive." in seen
    assert "new@home.example" in seen
    assert "Inactive" not in words(send(oona, path, active="on"))
    refused = send(oona, path, parent_email="nonsense")
    assert refused.status_code == 422
    assert 'value="nonsense"' in refused.content.decode()


def test_a_former_or_strange_tutor_edits_nothing(ben: Client, dev: Client, cast: Cast) -> None:
    """Who never taught her finds nothing; the owner's pages are refused to who does."""
    assert dev.get(f"/students/{cast.ana.pk}/edit").status_code == 404
    for page in ("pair", "erase"):
        assert ben.get(f"/students/{cast.ana.pk}/{page}").status_code == 403


def test_tutors_who_fit_are_suggested_with_reasons(oona: Client, cast: Cast) -> None:
    """Who teaches her already is not; the suggestion fills the form."""
    seen = read(oona, f"/students/{cast.cleo.pk}/pair")
    assert "Cara Takes any number of students; teaches 1 now." in seen
    assert "Ben Takes" not in seen
    path = f"/students/{cast.cleo.pk}/pair?tutor={cast.cara.pk}&subject=Greek"
    assert "There is no subject 'Greek'." in read(oona, path)
    after = words(send(oona, path))
    assert "Cara Greek since Mon 2 Nov 2026" in after


def test_a_second_pairing_in_one_subject_is_refused(oona: Client, cast: Cast) -> None:
    """In words, on the form."""
    path = f"/students/{cast.ana.pk}/pair"
    answer = send(oona, path, tutor_id=cast.ben.pk, subject="physics")
    assert answer.status_code == 409
    assert "already have a relationship in this subject" in words(answer)


def test_a_tutor_asks_a_colleague(ben: Client, cast: Cast) -> None:
    """Dev is asked for Ana, which waits for his answer."""
    answer = send(ben, f"/students/{cast.ana.pk}/ask", tutor_id=cast.dev.pk, subject="Greek")
    assert "Dev Greek Requested" in words(answer)
    assert link(cast.dev, cast.ana).status == "pending"


def test_the_parents_link_is_made_anew(oona: Client, cast: Cast) -> None:
    """The old address is gone after the button, and not before."""
    old = f"/parent/{cast.ana.parent_link_token}"
    path = f"/students/{cast.ana.pk}/link"
    assert "stops working at once" in read(oona, path)
    assert Client().get(old).status_code == 200
    assert "There is a new link." in words(send(oona, path))
    assert Client().get(old).status_code == 404


def test_the_link_is_mailed_to_the_parents(oona: Client, cast: Cast) -> None:
    """One letter, to the address that the page names; without an address none."""
    seen = words(send(oona, f"/students/{cast.ana.pk}/mail"))
    assert "The link is on its way to ruiz@home.example." in seen
    (letter,) = mail.outbox
    assert letter.to == ["ruiz@home.example"]
    assert f"/parent/{cast.ana.parent_link_token}" in str(letter.body)
    refused = send(oona, f"/students/{cast.cleo.pk}/mail")
    assert refused.status_code == 409
    assert len(mail.outbox) == 1


def test_a_student_is_erased_after_a_look(oona: Client, cast: Cast) -> None:
    """The page counts what goes; afterwards nothing is left."""
    path = f"/students/{cast.ana.pk}/erase"
    assert "This cannot be undone. Sessions that go 0 Relationships that go 2" in read(oona, path)
    assert "The student is erased." in words(send(oona, path))
    assert not Student.objects.filter(pk=cast.ana.pk).exists()
    assert not TutorStudent.objects.filter(student=cast.ana.pk).exists()
