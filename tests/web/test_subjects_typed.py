"""Subjects, typed into forms: suggested, and a slip makes no new one."""

import pytest
from django.test import Client

from tandem.people.models import Subject
from tandem.relationships.models import TutorStudent
from tests.cast import Cast, an_account
from tests.web.reading import words
from tests.web.sending import fields, send, sent


def subjects() -> list[str]:
    """Return the names that there are."""
    return list(Subject.objects.order_by("name").values_list("name", flat=True))


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/students/{cleo}/pair", {"tutor_id": "{dev}", "subject": "Mathz"}),
        ("/students/new", {"full_name": "Eve", "tutor": "{dev}", "subject": "Mathz"}),
        ("/tutors/{dev}/subjects", {"subject_1": "Mathz"}),
        ("/relationships/{ben_ana}/subject", {"subject": "Mathz"}),
    ],
)
def test_a_name_like_one_that_there_is_is_asked_about(
    oona: Client, cast: Cast, path: str, typed: dict[str, str]
) -> None:
    """Sent again as it is, it is meant; nothing was made by the question."""
    ids = {"cleo": cast.cleo.pk, "dev": cast.dev.pk, "ben_ana": cast.ben_ana.pk}
    path = path.format(**ids)
    typed = {name: value.format(**ids) for name, value in typed.items()}
    asked = send(oona, path, **typed)
    assert asked.status_code == 422
    assert "There is no subject “Mathz” yet. Is it “Maths”?" in words(asked)
    assert subjects() == ["Maths", "Physics"]
    assert sent(oona, path, fields(asked)).status_code < 400
    assert subjects() == ["Maths", "Mathz", "Physics"]


def test_another_slip_is_asked_about_again(oona: Client, cast: Cast) -> None:
    """And what is corrected is taken, whatever its case."""
    path = f"/students/{cast.cleo.pk}/pair"
    asked = send(oona, path, tutor_id=cast.dev.pk, subject="Mathz")
    again = sent(oona, path, fields(asked), subject="Phisics")
    assert again.status_code == 422
    assert "There is no subject “Phisics” yet. Is it “Physics”?" in words(again)
    sent(oona, path, fields(again), subject="maths")
    assert subjects() == ["Maths", "Physics"]
    assert TutorStudent.objects.get(tutor=cast.dev).subject == cast.cara_ana.subject


def test_a_name_like_no_other_is_new(oona: Client, cast: Cast) -> None:
    """Nobody is asked whether Greek is maths."""
    send(oona, f"/students/{cast.cleo.pk}/pair", tutor_id=cast.dev.pk, subject="Greek")
    assert subjects() == ["Greek", "Maths", "Physics"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Chemz", "Chemistry"),
        ("Math", "Maths"),
        ("Biologie", "Biology"),
        ("Math\u200bs", "Maths"),
        ("\uff2d\uff41\uff54\uff48\uff53", "Maths"),
        ("M\u00e4ths", "Maths"),
        ("\u041caths", "Maths"),
        ("Zorkology", ""),
        ("Geography", ""),
        ("History of art", ""),
        ("\u6570\u5b66", ""),
    ],
)
def test_what_the_eye_takes_for_the_same_is_asked_about(
    oona: Client, cast: Cast, typed: str, meant: str
) -> None:
    """Short forms, other spellings, letters that look alike or are not seen; not other words."""
    Subject.objects.bulk_create(
        Subject(name=name) for name in ("Biology", "Chemistry", "Geology", "History")
    )
    asked = send(oona, f"/students/{cast.cleo.pk}/pair", tutor_id=cast.dev.pk, subject=typed)
    question = "There is no subject"
    assert (f"Is it “{meant}”?" in words(asked)) if meant else (question not in words(asked))
    assert (typed in subjects()) == (not meant)


def test_what_there_is_is_suggested_once_on_a_page(oona: Client, cast: Cast) -> None:
    """However many subjects may be typed; markup in a name is none."""
    Subject.objects.create(name="<b>Art</b>")
    page = oona.get(f"/tutors/{cast.dev.pk}/subjects").content.decode()
    assert page.count('<datalist id="known-subjects">') == 1
    assert page.count('<option value="Maths"></option>') == 1
    assert page.count('list="known-subjects"') > 1
    assert "<b>Art</b>" not in page


def test_who_may_not_send_a_form_is_told_no_subjects(cast: Cast) -> None:
    """Nor asked anything."""
    client = Client()
    client.force_login(an_account("nobody@tandem.example"))
    answer = client.get("/students/new")
    assert "known-subjects" not in answer.content.decode()
