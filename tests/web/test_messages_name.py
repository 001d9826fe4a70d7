"""What is said after a deed names whom it was about, and the day; nobody who is erased."""

import pytest
from django.test import Client

from tandem.lessons.models import Session
from tandem.people.models import LearningWish, Student, Tutor
from tandem.relationships.models import TutorStudent
from tandem.upgrade.models import UnlinkedLegacyRow
from tests.cast import Cast, at, booked, third
from tests.web.reading import words
from tests.web.sending import fields, opened, sent
from tests.web.test_group_series import planned


def said(client: Client, path: str, **typed: str) -> str:
    """Return the message on the page that a form led to."""
    page = words(sent(client, path, {**opened(client, path), **typed}))
    return page[page.index("Sign out") : page.index("Sign out") + 400]


def test_a_swap_names_both_lessons(ben: Client, cast: Cast) -> None:
    """With the hours that each has now."""
    ten, eleven = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(17, 11))
    other = f"{eleven.pk} {eleven.updated_at:%Y%m%d%H%M%S%f}"
    seen = said(ben, f"/sessions/{ten.pk}/swap", other=other)
    assert (
        "The two sessions are swapped. Ana Ruiz with Ben: Tue 17 Nov 2026, 11:00 to 12:00. "
        "Cleo Hart with Ben: Tue 17 Nov 2026, 10:00 to 11:00."
    ) in seen


def test_wishes_name_the_student_and_the_subject(oona: Client, cast: Cast) -> None:
    """Added, changed and removed."""
    new = said(oona, f"/students/{cast.ana.pk}/wishes/new", subject="Latin", level="")
    assert "Whoever looks for tutors begins with it. Ana Ruiz: Latin." in new
    wish = LearningWish.objects.get(student=cast.ana).pk
    assert "The wish is saved. Ana Ruiz: Greek." in said(
        oona, f"/wishes/{wish}/edit", subject="Greek"
    )
    assert "The wish is removed. Ana Ruiz: Greek." in said(oona, f"/wishes/{wish}/remove")


def test_an_end_names_both_where_it_is_no_deed_to_undo(ben: Client, cast: Cast) -> None:
    """A tutor's own end."""
    path = f"/relationships/{cast.ben_cleo.pk}/end"
    page = words(sent(ben, path, fields(ben.get(path, {"on": "2026-11-02", "reason": ""}))))
    assert "The relationship is ended. Cleo Hart with Ben." in page
    path = f"/relationships/{cast.ben_ana.pk}/end"
    page = words(sent(ben, path, fields(ben.get(path, {"on": "2026-11-16", "reason": ""}))))
    assert "The relationship ends on Mon 16 Nov 2026. Ana Ruiz with Ben." in page


def test_a_request_names_who_is_asked_about_whom(ben: Client, cast: Cast) -> None:
    """It waits with the colleague."""
    page = said(ben, f"/students/{cast.ana.pk}/ask", tutor_id="Dev", subject="Latin")
    assert "The request is sent. It waits for an answer. Ana Ruiz with Dev." in page


def test_a_new_tutor_is_named(oona: Client) -> None:
    """In the question what they teach."""
    page = said(oona, "/tutors/new", full_name="Eva Lind", email="eva@tandem.example")
    assert "Eva Lind is added. What do they teach?" in page


def test_a_new_link_names_whose_it_is(oona: Client, cast: Cast) -> None:
    """It is not the last one that was looked at."""
    page = said(oona, f"/students/{cast.ana.pk}/link")
    assert "There is a new link. The old one no longer works. Ana Ruiz." in page


def test_a_skipped_and_a_restored_date_are_named(oona: Client, cast: Cast) -> None:
    """With whose lessons they are, how many more in a group."""
    path = planned(oona, cast)
    skipped = said(oona, f"{path}/skip/2027-03-29")
    named = "Ana Ruiz and 1 more with Ben: Mon 29 Mar 2027."
    assert f"It is skipped: that date has no lesson. {named}" in skipped
    assert f"It is restored. {named}" in said(oona, f"{path}/restore/2027-03-29")


def test_who_joins_is_named_with_the_day(oona: Client, cast: Cast) -> None:
    """Weekly lessons, and one lesson alone."""
    finn, path = third(cast), planned(oona, cast)
    seen = oona.get(f"{path}/join", {"who": finn.pk, "since": "2027-03-29"})
    page = words(sent(oona, f"{path}/join", fields(seen)))
    assert "Finn Moss takes part from Mon 29 Mar 2027 on." in page
    alone = booked(cast.ben_ana, at(17, 10))
    page = said(oona, f"/sessions/{alone.pk}/join", who=cast.ben_cleo.pk)
    assert "Cleo Hart takes part: Tue 17 Nov 2026, 10:00 to 11:00." in page


@pytest.mark.parametrize("kind", ["students", "tutors"])
def test_what_no_longer_needs_attention_is_named(oona: Client, cast: Cast, kind: str) -> None:
    """On the list of the others, where it stands no more."""
    model, one = (Student, cast.cleo) if kind == "students" else (Tutor, cast.dev)
    model.objects.filter(pk=one.pk).update(legacy_fault="unreadable_date")
    page = said(oona, f"/attention/{kind}/{one.pk}")
    assert f"It no longer needs attention. {one}." in page


def test_what_is_put_right_is_named(oona: Client, cast: Cast) -> None:
    """Dates of two, the hours of a lesson, an old lesson's place."""
    TutorStudent.objects.filter(pk=cast.ben_cleo.pk).update(legacy_fault="ends_before_start")
    page = said(oona, f"/attention/relationships/{cast.ben_cleo.pk}")
    assert "The dates are put right. Cleo Hart with Ben." in page
    session = booked(cast.ben_ana, at(9, 16))
    Session.objects.filter(pk=session.pk).update(legacy_fault="overlap")
    page = said(oona, f"/attention/sessions/{session.pk}", verdict="keep")
    assert "The session is put right. Ana Ruiz with Ben: Mon 9 Nov 2026, 16:00 to 17:00." in page
    row = UnlinkedLegacyRow.objects.create(
        source_table="Session",
        source_id="s1",
        row={"startTime": "2026-10-05T10:00:00Z", "endTime": "2026-10-05T11:00:00Z"},
        reason="no_student",
    )
    page = said(
        oona,
        f"/attention/unlinked/{row.pk}?q=Cleo",
        tutor_student=cast.ben_cleo.pk,
        day="2026-10-05",
        starts="10:00",
        ends="11:00",
    )
    assert "The session has its place. Cleo Hart with Ben: Mon 5 Oct 2026, 10:00" in page


def test_nobody_who_is_erased_is_named(oona: Client, cast: Cast) -> None:
    """The message would keep in a browser what is gone."""
    kim = Student.objects.create(full_name="Kim Solo")
    eva = Tutor.objects.create(full_name="Eva Lind", email="eva@tandem.example")
    assert "The student is erased." in (page := said(oona, f"/students/{kim.pk}/erase"))
    assert "Kim" not in page
    assert "The tutor is erased." in (page := said(oona, f"/tutors/{eva.pk}/erase"))
    assert "Eva" not in page


@pytest.mark.parametrize("turn", [*"\u202a\u202b\u202d\u202e\u2066\u2067\u2068"])
def test_no_name_turns_what_is_said_after_it(oona: Client, cast: Cast, turn: str) -> None:
    """Times would read backwards; a name of right-to-left letters stays as it is."""
    Student.objects.filter(pk=cast.ana.pk).update(full_name=f"{turn}נועה\u200f כהן")
    page = said(oona, f"/students/{cast.ana.pk}/wishes/new", subject="Latin", level="")
    assert "Whoever looks for tutors begins with it. נועה\u200f כהן: Latin." in page
