"""Who stays primary because somebody decided so is named before something is undone."""

from datetime import date
from typing import Any

from tandem.lessons.end_relationship import end
from tandem.people.requester import Requester
from tandem.relationships.actions import make_primary, pair, pause
from tests.api.client import Caller, said
from tests.cast import NOW, Cast


def test_a_decision_is_named_by_both_ways_back(cast: Cast, owner: Caller) -> None:
    """Undoing the deed, and taking the end back; nothing where nobody decided anything."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    deed = end(**who, tutor_student_id=cast.ben_ana.pk, on=date(2026, 12, 1)).deed
    paths = (f"deeds/{deed}/undo", f"tutor-students/{cast.ben_ana.pk}/reopen")
    for path in paths:
        assert said(owner.post(path, {"dryRun": True}))["primaryKept"] == []
    dev = pair(**who, tutor_id=cast.dev.pk, student_id=cast.ana.pk)
    make_primary(**who, tutor_student_id=dev.pk, on=date(2026, 12, 9))
    kept = {"tutorStudentId": dev.pk, "startDate": "2026-12-09", "endDate": None}
    for path in paths:
        assert said(owner.post(path, {"dryRun": True}))["primaryKept"] == [kept]


def test_planned_and_paused(cast: Cast, owner: Caller) -> None:
    """The status is planned; that it will be paused is said beside it."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    row = pair(**who, tutor_id=cast.dev.pk, student_id=cast.cleo.pk, started_on=date(2027, 6, 3))

    def both() -> list[tuple[str, bool]]:
        one = said(owner.get(f"tutor-students/{row.pk}"))["tutorStudent"]
        listed = said(owner.get(f"tutor-students?tutorId={cast.dev.pk}"))["tutorStudents"]
        return [(each["status"], each["paused"]) for each in (one, *listed)]

    assert both() == [("planned", False)] * 2
    pause(**who, tutor_student_id=row.pk)
    assert both() == [("planned", True)] * 2


def test_a_past_day_is_answered_as_it_was(cast: Cast, owner: Caller) -> None:
    """Paused today: yesterday's answer and filter still say active."""
    pause(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_ana.pk)

    def on(day: str, status: str) -> list[str]:
        query = f"tutor-students?studentId={cast.ana.pk}&asOf={day}&status={status}"
        return [one["id"] for one in said(owner.get(query))["tutorStudents"]]

    assert cast.ben_ana.pk in on("2026-11-01", "active")
    assert cast.ben_ana.pk not in on("2026-11-01", "paused")
    assert cast.ben_ana.pk in on("2026-11-02", "paused")
