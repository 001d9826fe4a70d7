"""Families know what is planned, however often site and worker are killed."""

from pathlib import Path
from random import Random

from drills.letters import killed
from tests.upgrade.old_databases import database


def test_each_family_knows_the_lessons_that_there_are(template: str, tmp_path: Path) -> None:
    """A small part of the drill: no letter lost, none of what never was, no two names for one."""
    with database(template) as url:
        tally = killed(url, tmp_path, Random(5), kills=6)
    assert tally.faults == []
    assert tally.kills == 6
    assert tally.letters > tally.kills
    assert tally.done
