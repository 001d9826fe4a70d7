"""What is undone gives the primary days back as they were, but for what somebody decided since."""

from datetime import date
from typing import Any

import pytest

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.end_relationship import end
from tandem.lessons.reopening import preview_reopen, reopen
from tandem.lessons.transfers import transfer
from tandem.lessons.undo_plan import UndoPlan
from tandem.lessons.undoing import preview_undo_of, undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import make_primary, pair
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, TERM, Cast
from tests.primaries import check_periods, stored

TODAY = NOW.date()
THE_20TH, THE_9TH = date(2026, 11, 20), date(2026, 12, 9)


def who(cast: Cast) -> dict[str, Any]:
    return {"requester": Requester(cast.owner, NOW)}


def ended(cast: Cast, row: TutorStudent, on: date = THE_20TH) -> str:
    return end(**who(cast), tutor_student_id=row.pk, on=on).deed


def undone(cast: Cast, deed: str) -> UndoPlan:
    """Look, undo what was looked at, and return what was shown."""
    plan = preview_undo_of(**who(cast), deed_id=deed)
    undo_deed(**who(cast), deed_id=deed, expect=fingerprint(plan.shown))
    check_periods()
    return plan


def periods(cast: Cast) -> list[tuple[str, date, date | None]]:
    return [(one.relationship, one.starts_on, one.ends_on) for one in stored(cast.ana.pk)]


def told(plan: Any) -> list[tuple[str, date, date | None]]:
    return [(one.link.pk, one.starts_on, one.ends_on) for one in plan.decided_since]


def chosen_dev(cast: Cast) -> TutorStudent:
    """Return the relationship of Dev, who is primary from 9 December on because he was chosen."""
    row = pair(**who(cast), student_id=cast.ana.pk, tutor_id=cast.dev.pk)
    return make_primary(**who(cast), tutor_student_id=row.pk, on=THE_9TH)


def test_nobody_decided_anything(cast: Cast) -> None:
    """Ben has his days again, and Cara, who had them meanwhile, none."""
    before = periods(cast)
    deed = ended(cast, cast.ben_ana)
    assert periods(cast) == [
        (cast.ben_ana.pk, TERM, THE_20TH),
        (cast.cara_ana.pk, THE_20TH, None),
    ]
    assert told(undone(cast, deed)) == []
    assert periods(cast) == before == [(cast.ben_ana.pk, TERM, None)]


def test_somebody_was_chosen_since(cast: Cast) -> None:
    """Dev, for December: that stays, is said before, and all other days are as they were."""
    deed = ended(cast, cast.ben_ana)
    dev = chosen_dev(cast)
    assert told(undone(cast, deed)) == [(dev.pk, THE_9TH, None)]
    assert periods(cast) == [(cast.ben_ana.pk, TERM, THE_9TH), (dev.pk, THE_9TH, None)]
    dev.refresh_from_db()
    assert dev.is_primary


def test_who_was_chosen_by_name_after_another_end_stays(cast: Cast) -> None:
    """Cara, who had taken over by herself, ended too, and an owner named Dev."""
    deed = ended(cast, cast.ben_ana)
    dev = pair(**who(cast), student_id=cast.ana.pk, tutor_id=cast.dev.pk)
    end(**who(cast), tutor_student_id=cast.cara_ana.pk, on=THE_9TH, next_primary=dev.pk)
    assert told(undone(cast, deed)) == [(dev.pk, THE_9TH, None)]


def test_what_the_mark_did_by_itself_is_no_decision(cast: Cast) -> None:
    """Cara ended since, and Dev was next: nobody chose him."""
    before = periods(cast)
    deed = ended(cast, cast.ben_ana)
    pair(**who(cast), student_id=cast.ana.pk, tutor_id=cast.dev.pk)
    ended(cast, cast.cara_ana, THE_9TH)
    assert told(undone(cast, deed)) == []
    assert periods(cast) == before


def test_a_tutor_who_only_filled_in_keeps_nothing(cast: Cast) -> None:
    """Cleo had Ben alone; Dev was paired from his end on, unasked as the primary one."""
    deed = ended(cast, cast.ben_cleo)
    dev = pair(**who(cast), student_id=cast.cleo.pk, tutor_id=cast.dev.pk, started_on=THE_20TH)
    assert dev.is_primary
    assert told(undone(cast, deed)) == []
    assert [one.relationship for one in stored(cast.cleo.pk)] == [cast.ben_cleo.pk]


def test_a_tutor_who_was_paired_as_the_primary_one_keeps_it(cast: Cast) -> None:
    """The same, with the box ticked."""
    deed = ended(cast, cast.ben_cleo)
    about: dict[str, Any] = {"student_id": cast.cleo.pk, "tutor_id": cast.dev.pk}
    dev = pair(**who(cast), **about, started_on=THE_20TH, primary=True)
    assert told(undone(cast, deed)) == [(dev.pk, THE_20TH, None)]


def test_whoever_took_over_has_the_days_again(cast: Cast) -> None:
    """Cara was handed to Dev since; who she was before Ben's end is Dev now."""
    make_primary(**who(cast), tutor_student_id=cast.cara_ana.pk)
    make_primary(**who(cast), tutor_student_id=cast.ben_ana.pk, on=THE_9TH)
    deed = ended(cast, cast.ben_ana, date(2026, 12, 20))
    about: dict[str, Any] = {"student_id": cast.ana.pk, "tutor_student_id": cast.cara_ana.pk}
    new = transfer(**who(cast), **about, to_tutor_id=cast.dev.pk, on=THE_20TH).new
    assert told(undone(cast, deed)) == []
    assert periods(cast)[1:] == [
        (cast.cara_ana.pk, TODAY, THE_20TH),
        (new.pk, THE_20TH, THE_9TH),
        (cast.ben_ana.pk, THE_9TH, None),
    ]


def test_an_end_before_another_end(cast: Cast) -> None:
    """Undoing the later end gives the days up to the one before."""
    ended(cast, cast.ben_ana, THE_9TH)
    before = periods(cast)
    assert told(undone(cast, ended(cast, cast.ben_ana, THE_20TH))) == []
    assert periods(cast) == before


def test_a_transfer_keeps_what_was_decided_since(cast: Cast) -> None:
    """Cara was made primary for December after Dev took over from Ben."""
    about: dict[str, Any] = {"student_id": cast.ana.pk, "tutor_student_id": cast.ben_ana.pk}
    deed = transfer(**who(cast), **about, to_tutor_id=cast.dev.pk, on=THE_20TH).deed
    make_primary(**who(cast), tutor_student_id=cast.cara_ana.pk, on=THE_9TH)
    assert told(undone(cast, deed)) == [(cast.cara_ana.pk, THE_9TH, None)]
    assert periods(cast) == [(cast.ben_ana.pk, TERM, THE_9TH), (cast.cara_ana.pk, THE_9TH, None)]


def test_a_transfer_that_nobody_touched(cast: Cast) -> None:
    """All is as before, and nothing is said."""
    before = periods(cast)
    about: dict[str, Any] = {"student_id": cast.ana.pk, "tutor_student_id": cast.ben_ana.pk}
    deed = transfer(**who(cast), **about, to_tutor_id=cast.dev.pk, on=THE_20TH).deed
    assert told(undone(cast, deed)) == []
    assert periods(cast) == before


def test_taking_an_end_back_says_the_same(cast: Cast) -> None:
    """On the student's page, too: the look and the deed."""
    ended(cast, cast.ben_ana)
    dev = chosen_dev(cast)
    named: dict[str, Any] = {"tutor_student_id": cast.ben_ana.pk}
    plan = preview_reopen(**who(cast), **named)
    assert told(plan) == [(dev.pk, THE_9TH, None)]
    assert plan.is_primary
    reopen(**who(cast), **named, expect=fingerprint(plan.shown))
    check_periods()
    assert periods(cast) == [(cast.ben_ana.pk, TERM, THE_9TH), (dev.pk, THE_9TH, None)]


def test_a_decision_after_the_look_is_looked_at(cast: Cast) -> None:
    """Somebody chose Cara meanwhile: the undoing is not carried out as it was shown."""
    deed = ended(cast, cast.ben_ana)
    plan = preview_undo_of(**who(cast), deed_id=deed)
    chosen_dev(cast)
    expect = fingerprint(plan.shown)
    with pytest.raises(ConflictError) as refusal:
        undo_deed(**who(cast), deed_id=deed, expect=expect)
    assert refusal.value.reason == "changed_since_preview"
