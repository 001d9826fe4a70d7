"""How far is the move from the older application? What an owner reads of it, and nobody else."""

from datetime import timedelta

import pytest
from django.test import Client

from tandem.upgrade.models import Replacement
from tandem.upgrade.phases import Phase
from tandem.web.durations import duration_words
from tandem.web.upgrade_status import STEPS, steps
from tests.cast import NOW
from tests.web.reading import read, words


def test_without_a_move_it_says_how_one_begins(oona: Client) -> None:
    """Nothing came and nothing is coming: the first command, and that it changes nothing."""
    seen = read(oona, "/upgrade")
    assert "no move has begun" in seen
    assert "tandem upgrade check" in seen


def test_a_replacement_shows_what_came_and_where_the_backup_lies(oona: Client) -> None:
    """Numbers by kind, the source, the file and its checksum."""
    Replacement.objects.create(
        source="old.sqlite",
        backup="/backups/one-tutor.sqlite",
        backup_sha256="ab12",
        mapping={},
        counts={"people_student": 1200, "lessons_session": 7, "people_tutorsubject": 3},
        finished_at=NOW,
    )
    seen = read(oona, "/upgrade")
    assert "Students 1,200 Who teaches which subject 3 Sessions 7" in seen
    assert "small figures" in oona.get("/upgrade").content.decode(), "numbers end in one line"
    assert "old.sqlite Backup /backups/one-tutor.sqlite SHA-256 ab12" in seen
    assert "Mon 2 Nov 2026" in seen


def test_a_tutor_is_told_that_it_is_the_owners(ben: Client) -> None:
    """The page speaks of everybody's rows."""
    response = ben.get("/upgrade")
    assert response.status_code == 403
    assert "owner" in words(response)


@pytest.mark.parametrize(
    ("phase", "states"),
    [
        (Phase.EXPANDING, "next later later later"),
        (Phase.EXPANDED, "done next later later"),
        (Phase.SWITCHING, "done done next later"),
        (Phase.CONTRACTED, "done done done done"),
        (Phase.ROLLED_BACK, "next later later later"),
    ],
)
def test_steps_are_behind_or_ahead(phase: Phase, states: str) -> None:
    """One is the next, unless everything is done."""
    assert [step.state for step in steps(phase)] == states.split()
    assert len(steps(phase)) == len(STEPS)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (61, "1 minute"),
        (3599, "1 hour"),
        (7500, "2 hours 5 minutes"),
    ],
)
def test_how_long_is_left_is_said_in_words(seconds: int, said: str) -> None:
    """Nobody counts in thousands of seconds."""
    assert duration_words(timedelta(seconds=seconds)) == said
