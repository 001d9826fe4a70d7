"""What is held about somebody: an owner looks at it, and takes it away as a file."""

import json

from django.test import Client

from tandem.people.models import Student
from tests.cast import Cast
from tests.web.reading import read
from tests.web.test_asked_again import long_ago


def test_an_owner_downloads_what_is_held(cast: Cast, oona: Client) -> None:
    """From the student's page by two clicks; the file's name names nobody."""
    assert "All that is held about Ana" in read(oona, f"/students/{cast.ana.pk}")
    assert "What is held about Ana Ruiz" in read(oona, f"/students/{cast.ana.pk}/export")
    answer = oona.get(f"/students/{cast.ana.pk}/export/file")
    told = json.loads(answer.content)
    assert told["held"]["student"][0]["full_name"] == "Ana Ruiz"
    assert str(cast.ana.parent_link_token) not in answer.content.decode()
    assert 'attachment; filename="student-' in str(answer["Content-Disposition"])
    assert answer["Cache-Control"] == "no-store, private"


def test_a_tutor_is_exported_as_well(cast: Cast, oona: Client) -> None:
    assert "All that is held about Ben" in read(oona, f"/tutors/{cast.ben.pk}")
    told = json.loads(oona.get(f"/tutors/{cast.ben.pk}/export/file").content)
    assert told["held"]["tutor"][0]["full_name"] == "Ben"
    assert "Ana" not in json.dumps(told)


def test_a_tutor_cannot_export(cast: Cast, ben: Client) -> None:
    """Nor does the page offer it."""
    assert "All that is held" not in read(ben, f"/students/{cast.ana.pk}")
    for path in ("export", "export/file"):
        assert ben.get(f"/students/{cast.ana.pk}/{path}").status_code == 403
        assert ben.get(f"/tutors/{cast.ben.pk}/{path}").status_code == 403


def test_it_is_asked_again_who_is_there(cast: Cast, oona: Client) -> None:
    """Somebody who finds the owner's browser open takes nothing away."""
    long_ago(oona)
    for path in ("export", "export/file"):
        answer = oona.get(f"/students/{cast.ana.pk}/{path}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/again/")


def test_a_student_without_a_name(cast: Cast, oona: Client) -> None:
    """An imported one may have none."""
    Student.objects.filter(pk=cast.ana.pk).update(full_name=" ", legacy_fault="full_name")
    assert "What is held about" in read(oona, f"/students/{cast.ana.pk}/export")
