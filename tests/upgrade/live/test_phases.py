"""Which command may follow which phase, and how a batch finds its size. No database."""

import pytest

from tandem.upgrade.errors import UpgradeRefusedError
from tandem.upgrade.live.pace import GENTLE, LARGEST, SMALLEST, TARGET, Pace
from tandem.upgrade.phases import COMMANDS, Phase, refuse_out_of_turn, refuse_unverified

# Every command, and the phases from which it does something; in all others it is refused.
TABLE = {
    "expand": {"not begun", "expanding", "expanded", "rolled back"},
    "backfill": {"expanded", "backfilled"},
    "switch": {"backfilled", "switching", "switched"},
    "rollback": {
        "expanding",
        "expanded",
        "backfilled",
        "switching",
        "switched",
        "contracting",
        "rolling back",
        "rolled back",
    },
    "contract": {"switched", "contracting", "contracted"},
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_whole_table(name: str) -> None:
    """A command follows just the phases in the table, those that a kill leaves behind too."""
    follows = set()
    for phase in Phase:
        try:
            refuse_out_of_turn(name, phase)
        except UpgradeRefusedError:
            continue
        follows.add(phase.value)
    assert follows == TABLE[name]


def test_every_phase_before_the_last_can_be_left_for_the_old_application() -> None:
    """Whatever was begun and is not finished, can be taken back."""
    begun = set(Phase) - {Phase.NOT_BEGUN, Phase.CONTRACTED}
    assert COMMANDS["rollback"].follows == begun


@pytest.mark.parametrize(
    ("verified", "differing", "words"),
    [(False, None, "is missing in this phase"), (False, 3, "found 3 differences")],
)
def test_an_unverified_step_is_refused(verified: bool, differing: int | None, words: str) -> None:  # noqa: FBT001 - a parameter of the test
    """The refusal says what the verification lacks."""
    with pytest.raises(UpgradeRefusedError, match=words):
        refuse_unverified("switch", verified=verified, differing=differing)
    refuse_unverified("switch", verified=True, differing=0)


def test_a_batch_grows_until_it_takes_its_time() -> None:
    """Sizes double at most, settle at the target, and shrink when somebody waits."""
    pace = Pace()
    for _ in range(20):
        pace.after(pace.size * 0.001, somebody_waited=False)
    assert pace.size == round(TARGET / 0.001)
    assert pace.pause == 0
    pace.after(TARGET, somebody_waited=True)
    assert pace.size < round(TARGET / 0.001)
    assert pace.pause == TARGET


def test_a_gentle_backfill_rests_after_each_batch() -> None:
    """Half of the time that it took; as long as it took where somebody waited."""
    pace = Pace(rest=GENTLE)
    pace.after(TARGET, somebody_waited=False)
    assert pace.pause == TARGET / 2
    pace.after(TARGET, somebody_waited=True)
    assert pace.pause == TARGET


def test_a_batch_has_a_least_and_a_most() -> None:
    """Neither a slow disk nor a quick one leads astray."""
    slow, quick = Pace(), Pace()
    for _ in range(20):
        slow.after(10, somebody_waited=True)
        quick.after(0.0001, somebody_waited=False)
    assert (slow.size, quick.size) == (SMALLEST, LARGEST)
    quick.after_failure()
    assert quick.size == LARGEST // 2


def test_a_batch_that_could_not_have_its_locks_comes_down_to_one() -> None:
    """Who is waited for is waited for alone; from there it doubles again, whatever the least is."""
    pace = Pace()
    for _ in range(20):
        pace.after_failure()
    sizes = [pace.size]
    for _ in range(5):
        pace.after(0.0001, somebody_waited=False)
        sizes.append(pace.size)
    assert sizes == [1, 2, 4, 8, 16, 32]
