"""Who changed what: owners read it in their own words, a click from the student and the tutor."""

from django.test import Client

from tandem.people.actions import set_subjects, update_student, update_tutor
from tandem.people.changes import changes_of_student
from tandem.people.closing import change_role
from tandem.people.models import Student, Subject
from tandem.people.queries import viewer_of
from tandem.people.record_reads import NotedReads
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.web.change_words import COLUMNS, ROWS, change_sentences
from tests.cast import NOW, Cast, user
from tests.people.test_changes import NOT_TOLD, recorded
from tests.web.reading import read
from tests.web.sending import send


def test_an_owner_reads_who_changed_what(cast: Cast, oona: Client) -> None:
    """Newest first; the link itself stands nowhere."""
    for phone in ("07700 1", "07700 2"):
        update_student(
            requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, changes={"phone": phone}
        )
    send(oona, f"/students/{cast.ana.pk}/link", sure="on")
    assert (
        f"/students/{cast.ana.pk}/changes" in oona.get(f"/students/{cast.ana.pk}").content.decode()
    )
    page = read(oona, f"/students/{cast.ana.pk}/changes")
    link = page.index("Oona changed the parents’ link")
    second = page.index("Oona changed the phone from 07700 1 to 07700 2")
    first = page.index("Oona changed the phone from nothing to 07700 1")
    assert link < second < first
    cast.ana.refresh_from_db()
    assert str(cast.ana.parent_link_token) not in page


def test_of_a_tutor(cast: Cast, oona: Client) -> None:
    """What they teach has its name."""
    update_tutor(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        changes={"active": False, "time_zone": "America/New_York"},
    )
    taught = [Taught("Latin", "expert")]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, subjects=taught)
    assert f"/tutors/{cast.ben.pk}/changes" in oona.get(f"/tutors/{cast.ben.pk}").content.decode()
    page = read(oona, f"/tutors/{cast.ben.pk}/changes")
    assert "Oona changed the active from" not in page
    assert "Oona changed the state from active to inactive" in page
    assert "Oona added a subject: Latin, expert" in page
    assert "Oona changed the time zone from nothing to New York time" in page


def test_of_an_account(cast: Cast, oona: Client, ben: Client) -> None:
    """From the list of accounts: who made somebody an owner."""
    account_id = user(cast.ben).pk
    change_role(requester=Requester(cast.owner, NOW), account_id=account_id, is_owner=True)
    path = f"/accounts/{account_id}/changes"
    assert path in oona.get("/accounts").content.decode()
    assert "Oona changed the role from tutor to owner" in read(oona, path)
    change_role(requester=Requester(cast.owner, NOW), account_id=account_id, is_owner=False)
    assert ben.get(path).status_code in {302, 403}


def test_what_is_not_told_any_more(cast: Cast) -> None:
    """Of somebody erased only that there was a change."""
    update_student(
        requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, changes={"phone": "1"}
    )
    change = changes_of_student(viewer_of(cast.owner), cast.ana.pk).latest("id")
    change.values = None
    assert change_sentences(change, {}) == ["Oona changed the phone"]
    change.actor = None
    assert change_sentences(change, {}) == ["Somebody unknown changed the phone"]


def test_tutors_see_none(cast: Cast, ben: Client) -> None:
    """Nor does a page offer it."""
    assert "/changes" not in ben.get(f"/students/{cast.ana.pk}").content.decode()
    for path in (f"/students/{cast.ana.pk}/changes", f"/tutors/{cast.ben.pk}/changes"):
        assert ben.get(path).status_code == 403


def test_every_table_and_column_has_its_words(cast: Cast) -> None:
    """All that the database records of people; subjects' own changes are on nobody's page."""
    assert Subject.objects.exists()
    tables = set(NOT_TOLD) - {"people_subject"}
    assert set(ROWS) == tables
    assert {name for table in tables for name in recorded(table)} == set(COLUMNS)


def test_who_read_a_record(cast: Cast, oona: Client, ben: Client) -> None:
    """A click from the student, for owners; tutors are refused and not offered it."""
    path = f"/students/{cast.ana.pk}/reads"
    assert path in oona.get(f"/students/{cast.ana.pk}").content.decode()
    assert "Nobody else has read it" in read(oona, path)
    noted = NotedReads()
    noted.note(user(cast.dev).pk, cast.ana.pk, NOW)
    noted.write()
    assert f"Dev {NOW:%a} {NOW.day}" in read(oona, path)
    assert path not in ben.get(f"/students/{cast.ana.pk}").content.decode()
    assert ben.get(path).status_code == 403


def test_a_student_without_a_name_is_told_as_one(oona: Client, cast: Cast) -> None:
    """An imported one may have none: both pages say so where the name would stand."""
    Student.objects.filter(pk=cast.ana.pk).update(full_name=" ", legacy_fault="name_missing")
    path = f"/students/{cast.ana.pk}"
    assert "Changes of Name missing" in read(oona, f"{path}/changes")
    assert "Who read the record of Name missing" in read(oona, f"{path}/reads")
