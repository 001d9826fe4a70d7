"""A leaving tutor's students go to others over the API: by the best plan, or as chosen."""

import pytest

from tandem.lessons.models import Session
from tandem.people.actions import set_subjects
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.models import TutorStudent
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast, at, booked


def dev_teaches(cast: Cast) -> None:
    taught = [Taught("Physics", "expert")]
    set_subjects(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, subjects=taught)


def test_the_plan_is_looked_at_done_and_undone(owner: Caller, cast: Cast) -> None:
    """Who is found moves with their lessons; who is not stays, with why; one deed."""
    dev_teaches(cast)
    lesson = booked(cast.ben_ana, at(17, 16)).pk
    path, body = f"tutors/{cast.ben.pk}/hand-over", {"date": "2026-11-16"}
    seen = said(owner.post(path, {**body, "dryRun": True}))
    (one,) = seen["handedOver"]
    assert (one["from"]["id"], one["to"]["tutorName"]) == (cast.ben_ana.pk, "Dev")
    assert one["movedSessionIds"] == [lesson]
    assert "Teaches Physics up to expert." in one["reasons"]
    (stays,) = seen["without"]
    assert stays["tutorStudentId"] == cast.ben_cleo.pk
    assert stays["reason"] == "Nobody here teaches Maths."
    assert Session.objects.get(pk=lesson).tutor_id == cast.ben.pk
    done = said(owner.post(path, {**body, "expect": seen["expect"]}))
    assert Session.objects.get(pk=lesson).tutor_id == cast.dev.pk
    assert said(owner.post(f"deeds/{done['deedId']}/undo"))["deed"]["kind"] == "hand_over"
    assert Session.objects.get(pk=lesson).tutor_id == cast.ben.pk


def test_who_is_chosen_may_be_another(owner: Caller, cast: Cast) -> None:
    """Each relationship goes where it was said, with lessons cancelled where that was said."""
    lesson = booked(cast.ben_ana, at(17, 16)).pk
    chosen = {
        "date": "2026-11-16",
        "futureSessions": "cancel",
        "takers": [
            {"tutorStudentId": cast.ben_ana.pk, "toTutorId": cast.dev.pk},
            {"tutorStudentId": cast.ben_cleo.pk, "toTutorId": cast.cara.pk},
        ],
    }
    done = said(owner.post(f"tutors/{cast.ben.pk}/hand-over", chosen))
    assert [one["to"]["tutorName"] for one in done["handedOver"]] == ["Dev", "Cara"]
    assert done["handedOver"][0]["cancelledSessionIds"] == [lesson]
    assert not TutorStudent.objects.filter(tutor=cast.ben, ended_on=None).exists()


def test_what_is_refused(owner: Caller, ben: Caller, cast: Cast) -> None:
    """Another's relationship, nobody who fits, a day that is none, and everybody but owners."""
    path = f"tutors/{cast.ben.pk}/hand-over"
    refusal(ben.post(path, {"date": "2026-11-16"}), 403, "forbidden")
    problem = refusal(owner.post(path, {"date": "2026-11-16"}), 409, "conflict")
    assert problem["reason"] == "nobody_fits"
    seen = said(owner.post(path, {"date": "2026-11-16", "dryRun": True}))
    assert (seen["handedOver"], len(seen["without"])) == ([], 2)
    refusal(owner.post(path, {"date": "2026-11-31"}), 422, "invalid")
    wrong = [{"tutorStudentId": cast.cara_ana.pk, "toTutorId": cast.dev.pk}]
    refusal(owner.post(path, {"date": "2026-11-16", "takers": wrong}), 404, "not-found")
    twice = [{"tutorStudentId": cast.ben_ana.pk, "toTutorId": cast.dev.pk}] * 2
    refusal(owner.post(path, {"date": "2026-11-16", "takers": twice}), 422, "invalid")


@pytest.mark.parametrize("dry_run", ["", "dryRun"])
def test_who_learns_no_more_is_named_with_why(owner: Caller, cast: Cast, dry_run: str) -> None:
    """What is answered is what was done; the others go."""
    dev_teaches(cast)
    Student.objects.filter(pk=cast.cleo.pk).update(active=False)
    body = {"date": "2026-11-09", **({dry_run: True} if dry_run else {})}
    done = said(owner.post(f"tutors/{cast.ben.pk}/hand-over", body), 200)
    assert [one["from"]["studentId"] for one in done["handedOver"]] == [cast.ana.pk]
    (stays,) = done["without"]
    assert stays["studentId"] == cast.cleo.pk
    assert stays["reason"] == "This student does not learn here any more."


def test_who_has_no_students_has_none_to_hand_over(owner: Caller, cast: Cast) -> None:
    """The dry run says so as the deed does, and not that nobody fits."""
    path, body = f"tutors/{cast.dev.pk}/hand-over", {"date": "2026-11-16"}
    for dry_run in (True, False):
        problem = refusal(owner.post(path, {**body, "dryRun": dry_run}), 409, "conflict")
        assert problem["reason"] == "no_students"
        assert "has no students" in problem["detail"]
