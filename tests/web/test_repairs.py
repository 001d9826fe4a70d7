"""What came over wrong is put right by clicking, a page for each kind."""

from datetime import date

from django.test import Client

from tandem.lessons.models import Session
from tandem.people.models import Student, Tutor
from tandem.upgrade.models import UnlinkedLegacyRow
from tests.cast import Cast, at
from tests.web.reading import read, words
from tests.web.sending import fields, send, sent


def faulty(cast: Cast) -> Session:
    """Return a session that ends before it starts."""
    return Session.objects.create(
        tutor_student=cast.ben_ana,
        tutor=cast.ben,
        student=cast.ana,
        starts_at=at(1, 16, month=10),
        ends_at=at(1, 15, month=10),
        status="completed",
        legacy_fault="ends_before_start",
    )


def test_every_kind_has_a_way_to_be_put_right(oona: Client, cast: Cast) -> None:
    """Each row in the list leads to its repair."""
    student = Student.objects.create(full_name=" ", legacy_fault="blank_name")
    tutor = Tutor.objects.create(email="BEN@tandem.example", legacy_fault="duplicate_email")
    session = faulty(cast)
    cast.ben_cleo.legacy_fault = "no_end_date"
    cast.ben_cleo.save()
    row = UnlinkedLegacyRow.objects.create(
        source_table="Session", source_id="s1", row={}, reason="no_student"
    )
    for kind, one in {
        "students": student,
        "tutors": tutor,
        "sessions": session,
        "relationships": cast.ben_cleo,
        "unlinked": row,
    }.items():
        page = oona.get("/attention", {"kind": kind}).content.decode()
        assert f'href="/attention/{kind}/{one.pk}"' in page
        assert oona.get(f"/attention/{kind}/{one.pk}").status_code == 200


def test_a_nameless_student_needs_a_name_first(oona: Client, cast: Cast) -> None:
    """As it is it is refused; with a name the fault is gone."""
    student = Student.objects.create(full_name="", legacy_fault="blank_name dangling_tutor")
    path = f"/attention/students/{student.pk}"
    refused = send(oona, path)
    assert refused.status_code == 409
    assert "The name is still missing." in words(refused)
    send(oona, f"/students/{student.pk}/edit", full_name="Una")
    student.refresh_from_db()
    assert student.legacy_fault == "dangling_tutor"
    assert "It no longer needs attention." in words(send(oona, path))


def test_two_tutors_of_one_address(oona: Client, cast: Cast) -> None:
    """While it is another's the fault stays; a new address clears it."""
    tutor = Tutor.objects.create(
        email="BEN@tandem.example", full_name="B", legacy_fault="duplicate_email"
    )
    assert send(oona, f"/attention/tutors/{tutor.pk}").status_code == 409
    assert send(oona, f"/tutors/{tutor.pk}/edit").status_code == 409
    send(oona, f"/tutors/{tutor.pk}/edit", email="ben2@tandem.example")
    tutor.refresh_from_db()
    assert tutor.legacy_fault == ""


def test_a_session_gets_its_hours(ben: Client, dev: Client, cast: Cast) -> None:
    """By the tutor whose it is; nothing typed is lost on the way."""
    session = faulty(cast)
    path = f"/attention/sessions/{session.pk}"
    refused = send(ben, path)
    assert refused.status_code == 422
    after = words(sent(ben, path, fields(refused), minutes="60"))
    assert "The session is put right." in after
    assert "17:00 to 18:00" in after
    assert "Needs attention" not in after
    assert dev.get(path).status_code == 404


def test_a_relationship_gets_its_end(oona: Client, cast: Cast) -> None:
    """Ended without a date: the page asks for it."""
    cast.cara_ana.status, cast.cara_ana.legacy_fault = "ended", "no_end_date"
    cast.cara_ana.save()
    path = f"/attention/relationships/{cast.cara_ana.pk}"
    assert "no end date was kept" in read(oona, path)
    seen = words(send(oona, path, ended_on="2026-10-01"))
    assert "Cara Maths Ended Tue 1 Sep 2026 to Thu 1 Oct 2026" in seen


def test_old_sessions_find_their_place(oona: Client, ben: Client, cast: Cast) -> None:
    """All of a student's at once, or one by one in the relationship that a name finds."""
    una = Student.objects.create(full_name="Una")
    for number, owner, reason in ((1, una.pk, "no_relationship"), (2, "gone", "no_student")):
        UnlinkedLegacyRow.objects.create(
            pk=f"row{number}",
            source_table="Session",
            source_id=f"s{number}",
            reason=reason,
            row={
                "studentId": owner,
                "startTime": f"2026-06-0{number}T10:00:00+00:00",
                "endTime": f"2026-06-0{number}T11:00:00+00:00",
            },
        )
    assert ben.get("/attention/unlinked/row1").status_code == 403
    assert "Say who held all of Una ’s sessions" in read(oona, "/attention/unlinked/row1")
    seen = words(send(oona, f"/attention/unlinked/of/{una.pk}", tutor_id=cast.dev.pk))
    assert "Dev Any subject Primary since Mon 1 Jun 2026" in seen
    other = words(send(oona, "/attention/unlinked/row2?q=cleo"))
    assert "The session has its place." in other
    assert "Tue 2 Jun 2026" in other
    assert not UnlinkedLegacyRow.objects.exists()
    cast.ben_cleo.refresh_from_db()
    assert cast.ben_cleo.started_on == date(2026, 6, 2)


def leftover(table: str, reason: str, **row: object) -> UnlinkedLegacyRow:
    """Return an old row that fits nowhere."""
    return UnlinkedLegacyRow.objects.create(
        source_table=table, source_id=f"{table} 1", row=row, reason=reason
    )


def test_an_old_parent_is_given_the_student(oona: Client, cast: Cast) -> None:
    """Found by name; the page of the student follows."""
    row = leftover("Parent", "no_student", userId="a1", email="r@example.org", fullName="Rosa")
    path = f"/attention/unlinked/{row.pk}"
    assert "Nobody here is called “zz”." in words(send(oona, path, student_id="zz"))
    done = send(oona, path, student_id="ana ruiz")
    assert done.redirect_chain[-1][0] == f"/students/{cast.ana.pk}"
    assert "The parent belongs to this student now." in words(done)


def test_an_old_payment_plan_is_given_the_tutor(oona: Client, cast: Cast) -> None:
    """Until when it is paid is asked only where it cannot be read; a tutor has to be chosen."""
    row = leftover("Subscription", "unreadable_date", status="active", currentPeriodEnd="soon")
    path = f"/attention/unlinked/{row.pk}"
    refused = send(oona, path, tutor_id="", paid_until="")
    assert refused.status_code == 422
    assert "Write a name here." in words(refused)
    assert "Say which day." in words(refused)
    done = send(oona, path, tutor_id=cast.ben.pk, paid_until="2026-12-31")
    assert "The payment plan belongs to this tutor now." in words(done)
    known = leftover("Subscription", "no_tutor", currentPeriodEnd="2026-12-31T00:00:00+00:00")
    assert "Paid until" not in read(oona, f"/attention/unlinked/{known.pk}")


def test_a_row_is_left_as_it_is_and_taken_up_again(oona: Client) -> None:
    """Left, it needs nobody and is still there to be read."""
    row = leftover("StudentTutorConnection", "no_tutor", subject="Greek")
    assert "Without a place 1" in read(oona, "/attention")
    assert "It stays as it is." in words(send(oona, f"/attention/unlinked/{row.pk}/leave"))
    seen = read(oona, "/attention")
    assert "Nothing. Every row that was brought over keeps the rules. 1 left as it is" in seen
    assert "Greek" in read(oona, "/attention", kind="left")
    send(oona, f"/attention/unlinked/{row.pk}/leave")
    assert "Without a place 1" in read(oona, "/attention")


def test_unplaced_rows_are_the_owners(ben: Client) -> None:
    """Their people are nobody's students."""
    row = leftover("Parent", "no_student", fullName="Rosa")
    for path in (f"/attention/unlinked/{row.pk}", f"/attention/unlinked/{row.pk}/leave"):
        answer = ben.get(path)
        assert answer.status_code == 403
        assert "Rosa" not in words(answer)
