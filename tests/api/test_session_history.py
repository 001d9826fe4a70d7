"""Who changed a lesson, over the API."""

from tests.api.client import Caller, refusal, said, tutor_caller
from tests.cast import Cast


def test_a_session_tells_who_changed_it(cast: Cast, owner: Caller, ben: Caller) -> None:
    """Booked by the owner and moved and described by Ben, each with the account and the moment."""
    made = said(
        owner.post(
            "sessions",
            {
                "tutorStudentId": cast.ben_ana.pk,
                "startTime": "2026-11-17T16:00:00Z",
                "endTime": "2026-11-17T17:00:00Z",
            },
        ),
        201,
    )
    path = f"sessions/{made['session']['id']}"
    said(
        ben.patch(
            path,
            {
                "startTime": "2026-11-17T18:00:00Z",
                "endTime": "2026-11-17T19:00:00Z",
                "meetingLink": "https://meet.example/ana",
            },
        )
    )
    answer = ben.get(f"{path}/history")
    planned, moved, edited = said(answer)["history"]
    assert (planned["what"], planned["by"], planned["at"]) == (
        "planned",
        "Oona",
        "2026-11-02T09:00:00Z",
    )
    assert (moved["what"], moved["fromStart"], moved["toStart"]) == (
        "moved",
        "2026-11-17T16:00:00Z",
        "2026-11-17T18:00:00Z",
    )
    assert (edited["what"], edited["fields"], edited["fromStart"]) == (
        "edited",
        ["meetingLink"],
        None,
    )
    assert ben.get(f"{path}/history", {"If-None-Match": answer["ETag"]}).status_code == 304
    refusal(tutor_caller(cast.cara).get(f"{path}/history"), 404, "not-found")
