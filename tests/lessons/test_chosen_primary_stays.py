"""Who was chosen as primary, for now and for later, stays so when something else is put right."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tandem.lessons.corrections import correct_start, remove
from tandem.lessons.end_relationship import end
from tandem.lessons.reopening import reopen
from tandem.lessons.undoing import undo_deed
from tandem.people.requester import Requester
from tandem.relationships.actions import make_primary, pair
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import primary_days
from tests.cast import NOW, Cast

THE_1ST, THE_9TH = date(2026, 12, 1), date(2026, 12, 9)
TODAY = NOW.date()


@pytest.fixture
def dev_ana(cast: Cast) -> TutorStudent:
    """Cara is Ana's primary tutor, and Dev will be from 1 December on; Ben teaches her longest."""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    make_primary(**who, tutor_student_id=cast.cara_ana.pk)
    correct_start(**who, tutor_student_id=cast.ben_ana.pk, started_on=date(2026, 8, 1))
    about: dict[str, Any] = {"tutor_id": cast.dev.pk, "student_id": cast.ana.pk}
    return pair(**who, **about, started_on=THE_1ST, primary=True)


def end_of_cara_is_undone(cast: Cast) -> None:
    done = end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk, on=THE_9TH)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)


def end_of_cara_is_taken_back(cast: Cast) -> None:
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk, on=THE_9TH)
    reopen(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)


def end_of_cara_before_that_is_undone(cast: Cast) -> None:
    """Cara has no mark to be given back; her days were filled meanwhile."""
    on = date(2026, 11, 20)
    done = end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk, on=on)
    undo_deed(requester=Requester(cast.owner, NOW), deed_id=done.deed)


def end_of_cara_before_that_is_taken_back(cast: Cast) -> None:
    on = date(2026, 11, 20)
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk, on=on)
    reopen(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)


def start_of_ben_is_corrected(cast: Cast) -> None:
    correct_start(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_ana.pk,
        started_on=date(2026, 7, 1),
    )


def another_is_removed(cast: Cast) -> None:
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW)}
    about: dict[str, Any] = {"tutor_id": cast.dev.pk, "student_id": cast.ana.pk, "subject": "Latin"}
    remove(**who, tutor_student_id=pair(**who, **about).pk)


@pytest.mark.parametrize(
    "happens",
    [
        end_of_cara_is_undone,
        end_of_cara_is_taken_back,
        end_of_cara_before_that_is_undone,
        end_of_cara_before_that_is_taken_back,
        start_of_ben_is_corrected,
        another_is_removed,
    ],
)
def test_now_and_later(cast: Cast, dev_ana: TutorStudent, happens: Callable[[Cast], None]) -> None:
    """Cara up to 1 December, and Dev from then on; Ben, the oldest, is given nothing."""
    before = [primary_days(one.pk) for one in (cast.ben_ana, cast.cara_ana, dev_ana)]
    assert before[1:] == [[(TODAY, THE_1ST)], [(THE_1ST, None)]]
    happens(cast)
    after = [primary_days(one.pk) for one in (cast.ben_ana, cast.cara_ana, dev_ana)]
    assert after[1:] == before[1:]
    assert all(since < TODAY for since, _until in after[0])
    dev_ana.refresh_from_db()
    assert dev_ana.is_primary
