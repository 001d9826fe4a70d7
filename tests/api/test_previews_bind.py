"""What was looked at is what happens: ``expect`` holds a write to its preview."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.lessons.actions import cancel, edit, reschedule
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Session
from tandem.people.actions import update_student, update_tutor
from tandem.people.guardians import create_guardian, note_opening_by_guardian, update_guardian
from tandem.people.models import Guardian, Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import annotate, make_primary, pair
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tests.api.client import Caller, refusal, said
from tests.cast import NOW, Cast, at, booked, link

MOST_STATEMENTS = 30


@dataclass(frozen=True)
class Setting:
    """The cast with two sessions of Ben's and Ana's ahead, and a former tutor."""

    cast: Cast
    first: Session
    second: Session


@pytest.fixture
def setting(cast: Cast) -> Setting:
    """Ben has two sessions with Ana ahead."""
    return Setting(cast, booked(cast.ben_ana, at(17, 16)), booked(cast.ben_ana, at(18, 16)))


Wanted = tuple[str, dict[str, Any]]
WRITES: dict[str, Callable[[Setting], Wanted]] = {
    "transfer": lambda s: (
        f"students/{s.cast.ana.pk}/transfer",
        {"toTutorId": s.cast.dev.pk, "date": "2026-11-16", "futureSessions": "move"},
    ),
    "transfer and cancel": lambda s: (
        f"students/{s.cast.ana.pk}/transfer",
        {"toTutorId": s.cast.dev.pk, "date": "2026-11-16", "futureSessions": "cancel"},
    ),
    "end": lambda s: (
        f"tutor-students/{s.cast.ben_ana.pk}/end",
        {"date": "2026-11-16", "futureSessions": "cancel"},
    ),
    "cover": lambda s: (f"sessions/{s.first.pk}/cover", {"tutorId": s.cast.dev.pk}),
    "erase": lambda s: (f"students/{s.cast.ana.pk}/erase", {}),
    "hand over": lambda s: (
        f"tutors/{s.cast.ben.pk}/hand-over",
        {
            "date": "2026-11-16",
            "futureSessions": "move",
            "takers": [{"tutorStudentId": s.cast.ben_ana.pk, "toTutorId": s.cast.dev.pk}],
        },
    ),
    "undo": lambda s: (f"deeds/{ended(s)}/undo", {}),
    "reopen": lambda s: (ended(s) and f"tutor-students/{s.cast.ben_ana.pk}/reopen", {}),
}


def ended(s: Setting) -> str:
    """Let Ben's and Ana's end, with what is ahead called off, and return the deed."""
    on = date(2026, 11, 16)
    return end(**OWN, tutor_student_id=s.cast.ben_ana.pk, on=on, future_sessions="cancel").deed


OWN: dict[str, Any] = {"requester": Requester(None, NOW)}


def moved(s: Setting) -> object:
    """Move a session that was shown."""
    return reschedule(**OWN, session_id=s.first.pk, starts_at=at(17, 18), ends_at=at(17, 19))


def another(s: Setting) -> object:
    """Plan a session that was not shown."""
    return booked(s.cast.ben_ana, at(19, 16))


def called_off(s: Setting) -> object:
    """Cancel a session that was shown."""
    return cancel(**OWN, session_id=s.first.pk)


def written(s: Setting) -> object:
    """Write on a session that was shown."""
    return edit(**OWN, session_id=s.first.pk, changes={"location": "Library"})


def renamed(s: Setting) -> object:
    """Call the student something else."""
    return update_student(**OWN, student_id=s.cast.ana.pk, changes={"full_name": "Anna Ruiz"})


def noted(s: Setting) -> object:
    """Write a note on the relationship."""
    return annotate(**OWN, tutor_student_id=s.cast.ben_ana.pk, notes="Lab on Tuesdays")


def tutor_renamed(s: Setting) -> object:
    """Call the tutor who takes over something else."""
    return update_tutor(**OWN, tutor_id=s.cast.dev.pk, changes={"full_name": "Devi"})


def mark_moved(s: Setting) -> object:
    """Make Cara the primary tutor."""
    return make_primary(**OWN, tutor_student_id=s.cast.cara_ana.pk)


def heir_gone(s: Setting) -> object:
    """End with who would have been the primary tutor next."""
    return end(**OWN, tutor_student_id=s.cast.cara_ana.pk, on=date(2026, 11, 1))


def busy(s: Setting) -> object:
    """Give the tutor who takes over a session at the same time."""
    other = pair(**OWN, tutor_id=s.cast.dev.pk, student_id=s.cast.cleo.pk)
    return booked(other, at(17, 16))


def paired(s: Setting) -> object:
    """Let the tutor who would cover teach the student."""
    return pair(**OWN, tutor_id=s.cast.dev.pk, student_id=s.cast.ana.pk, subject="Physics")


def parents_moved(s: Setting) -> object:
    """Write down another address of her parents."""
    changes = {"parent_email": "new@home.example"}
    return update_student(**OWN, student_id=s.cast.ana.pk, changes=changes)


def with_a_guardian(s: Setting) -> Guardian:
    """Return a guardian of hers."""
    fields = {"full_name": "Rita Ruiz", "email": "rita@home.example"}
    return create_guardian(**OWN, student_ids=[s.cast.ana.pk], fields=fields)


CHANGES: list[tuple[str, Callable[[Setting], object], str, str]] = [
    ("transfer", moved, "session", "changed"),
    ("transfer", another, "session", "added"),
    ("transfer", called_off, "session", "gone"),
    ("transfer", written, "session", "changed"),
    ("transfer", renamed, "relationship", "changed"),
    ("transfer", noted, "relationship", "changed"),
    ("transfer", tutor_renamed, "new_relationship", "changed"),
    ("transfer", busy, "clash", "added"),
    ("transfer and cancel", another, "session", "added"),
    ("end", moved, "session", "changed"),
    ("end", another, "session", "added"),
    ("end", called_off, "session", "gone"),
    ("end", mark_moved, "next_primary", "changed"),
    ("end", heir_gone, "next_primary", "changed"),
    ("cover", moved, "session", "changed"),
    ("cover", written, "session", "changed"),
    ("cover", busy, "clash", "added"),
    ("cover", paired, "new_relationship", "gone"),
    ("hand over", moved, "session", "changed"),
    ("hand over", another, "session", "added"),
    ("hand over", busy, "clash", "added"),
    ("undo", written, "session", "changed"),
    ("undo", noted, "relationship", "changed"),
    ("reopen", written, "session", "changed"),
    ("reopen", mark_moved, "primary", "changed"),
    ("erase", moved, "sessions", "changed"),
    ("erase", another, "sessions", "changed"),
    ("erase", renamed, "student", "changed"),
    ("erase", parents_moved, "student", "changed"),
    ("erase", paired, "relationships", "changed"),
]


def everything() -> list[Any]:
    """Return the rows that these writes are about."""
    models = (Student, Tutor, TutorStudent, Session, RelationshipEvent)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("kind", WRITES)
def test_what_was_shown_is_done(setting: Setting, owner: Caller, kind: str) -> None:
    """Nothing has changed: the write does what the preview said, to the last session."""
    path, body = WRITES[kind](setting)
    shown = said(owner.post(path, {**body, "dryRun": True}))
    done = said(owner.post(path, {**body, "expect": shown["expect"]}))
    assert done["expect"] is None
    for name in ("sessions", "cancelledSessions"):
        before, after = (
            [(one["id"], one["startTime"]) for one in answer.get(name, [])]
            for answer in (shown, done)
        )
        assert before == after


@pytest.mark.parametrize(("kind", "change", "what", "how"), CHANGES)
def test_what_changed_since_is_refused_and_named(
    setting: Setting,
    owner: Caller,
    kind: str,
    change: Callable[[Setting], object],
    what: str,
    how: str,
) -> None:
    """Somebody else was there between the look and the deed: 409, and nothing is changed."""
    path, body = WRITES[kind](setting)
    expect = said(owner.post(path, {**body, "dryRun": True}))["expect"]
    change(setting)
    before = everything()
    problem = refusal(owner.post(path, {**body, "expect": expect}), 409, "conflict")
    assert problem["reason"] == "changed_since_preview"
    assert (what, how) in {(one["what"], one["change"]) for one in problem["difference"]}
    assert "nothing was done" in problem["detail"]
    assert everything() == before


def test_the_session_that_differs_is_named_by_its_id(setting: Setting, owner: Caller) -> None:
    """So a program can show which."""
    path, body = WRITES["transfer"](setting)
    expect = said(owner.post(path, {**body, "dryRun": True}))["expect"]
    new = booked(setting.cast.ben_ana, at(19, 16))
    moved(setting)
    problem = refusal(owner.post(path, {**body, "expect": expect}), 409, "conflict")
    assert problem["difference"] == [
        {"what": "session", "id": one.pk, "change": change}
        for one, change in sorted(
            [(setting.first, "changed"), (new, "added")], key=lambda pair: pair[0].pk
        )
    ]


def test_another_order_is_not_what_was_shown(setting: Setting, owner: Caller) -> None:
    """The preview of another day, or of cancelling instead of moving, does not fit."""
    path, body = WRITES["transfer"](setting)
    expect = said(owner.post(path, {**body, "dryRun": True}))["expect"]
    for other in ({"date": "2026-11-17"}, {"futureSessions": "cancel"}, {"subject": "Greek"}):
        refused = owner.post(path, {**body, **other, "expect": expect})
        assert refusal(refused, 409, "conflict")["reason"] == "changed_since_preview"
    said(owner.post(path, {**body, "expect": expect}))


def test_a_new_subject_fits_its_own_preview(setting: Setting, owner: Caller) -> None:
    """The subject is made twice, once for the preview, which keeps nothing."""
    path, body = WRITES["transfer"](setting)
    body["subject"] = "Astronomy"
    expect = said(owner.post(path, {**body, "dryRun": True}))["expect"]
    done = said(owner.post(path, {**body, "expect": expect}))
    assert done["to"]["subject"] == "Astronomy"


def test_old_callers_send_no_expect(setting: Setting, owner: Caller) -> None:
    """What does not say what it has seen is done as things are."""
    path, body = WRITES["transfer"](setting)
    moved(setting)
    assert len(said(owner.post(path, body))["sessions"]) == 2


def test_an_expect_that_is_none_is_wrong_input(setting: Setting, owner: Caller) -> None:
    """It says where to get one; and a preview takes none."""
    path, body = WRITES["transfer"](setting)
    wrong = refusal(owner.post(path, {**body, "expect": "AAAA"}), 422, "invalid")
    assert wrong["errors"][0]["field"] == "expect"
    refusal(owner.post(path, {**body, "dryRun": True, "expect": "AAAA"}), 422, "invalid")
    assert link(setting.cast.ben, setting.cast.ana).status == "active"


def test_a_tutors_own_end_is_bound_too(setting: Setting, ben: Caller) -> None:
    """By a tutor, who is not told whose the mark becomes."""
    path, body = WRITES["end"](setting)
    expect = said(ben.post(path, {**body, "dryRun": True}))["expect"]
    heir_gone(setting)
    problem = refusal(ben.post(path, {**body, "expect": expect}), 409, "conflict")
    assert problem["difference"] == [{"what": "next_primary", "id": None, "change": "changed"}]


def test_erasing_a_tutor_is_bound(setting: Setting, owner: Caller) -> None:
    """What stays without the name is what was counted."""
    path = f"tutors/{setting.cast.dev.pk}/erase"
    expect = said(owner.post(path, {"dryRun": True}))["expect"]
    for change in ({"full_name": "Devi"}, {"phone": "020 7946 0018"}):
        update_tutor(**OWN, tutor_id=setting.cast.dev.pk, changes=change)
        problem = refusal(owner.post(path, {"expect": expect}), 409, "conflict")
        assert [one["what"] for one in problem["difference"]] == ["tutor"]
        expect = said(owner.post(path, {"dryRun": True}))["expect"]
    said(owner.post(path, {"expect": expect}))


def test_erasing_a_student_is_bound_to_their_guardians(setting: Setting, owner: Caller) -> None:
    """To what is written of them, too; that a family opened its page in between is no matter."""
    guardian = with_a_guardian(setting)
    path = f"students/{setting.cast.ana.pk}/erase"
    expect = said(owner.post(path, {"dryRun": True}))["expect"]
    changes = {"email": "rita@work.example"}
    update_guardian(**OWN, guardian_id=guardian.pk, changes=changes)
    problem = refusal(owner.post(path, {"expect": expect}), 409, "conflict")
    assert [one["what"] for one in problem["difference"]] == ["guardians"]
    expect = said(owner.post(path, {"dryRun": True}))["expect"]
    note_opening_by_guardian(guardian, str(guardian.link_token), now=NOW)
    assert Guardian.objects.get().link_opened_on
    said(owner.post(path, {"expect": expect}))
    assert not Guardian.objects.exists()


@pytest.mark.parametrize("dry", [True, False])
def test_a_transfer_is_planned_once(setting: Setting, owner: Caller, *, dry: bool) -> None:
    """A request takes no more statements than that; it does not plan, and then plan again."""
    path, body = WRITES["transfer"](setting)
    owner.get("students")
    with CaptureQueriesContext(connection) as asked:
        said(owner.post(path, {**body, "dryRun": dry}))
    assert len(asked) <= MOST_STATEMENTS, "\n".join(one["sql"][:150] for one in asked)
