"""Protections can be switched off where the list says, and a test that does not notice is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from drills.protections.command import uncovered, unnoticed
from drills.protections.data import Protection, protections
from drills.protections.scratch import Ran, Scratch
from tests.security.asvs import requirements
from tests.security.test_asvs import there

NEED_NO_DATABASE = ("the proxy: TLS", "log: times in UTC")
MOST_LEFT = 0
"""Lines of ASVS with a test that no protection of the list is behind; ``python -m drills
protections`` names them. It may only become fewer."""


@pytest.mark.parametrize("one", protections(), ids=lambda one: str(one.name))
def test_it_stands_where_the_list_says(one: Protection) -> None:
    """Once, so that taking it away takes this one away; and the tests are there."""
    assert one.switched_off() != (Path(__file__).parents[2] / one.file).read_text("utf-8")
    assert [test for test in one.tests if not there(test)] == []


def test_names_are_told_apart() -> None:
    names = [one.name for one in protections()]
    assert len(set(names)) == len(names)


def test_most_lines_of_the_standard_are_tried() -> None:
    """A line that comes with a test comes with what switches its protection off."""
    assert len(requirements()) > 250
    assert len(uncovered(protections())) <= MOST_LEFT


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch(tmp_path_factory.mktemp("protections"))


@pytest.mark.parametrize("name", NEED_NO_DATABASE)
def test_its_tests_notice(scratch: Scratch, name: str) -> None:
    """Without it all of them fail; then it is on again."""
    (one,) = (it for it in protections() if it.name == name)
    before = (scratch.root / one.file).read_text("utf-8")
    with scratch.without(one):
        assert unnoticed(one, scratch.run(one.tests)) == []
    assert (scratch.root / one.file).read_text("utf-8") == before


def test_a_test_that_does_not_notice_is_told(scratch: Scratch) -> None:
    """One that passes all the same."""
    (proxy,) = (it for it in protections() if it.name == "the proxy: TLS")
    one = replace(proxy, new=f"{proxy.old} # as before")
    with scratch.without(one):
        (line,) = unnoticed(one, scratch.run(one.tests))
    assert "stayed green" in line


def test_what_breaks_shows_nothing() -> None:
    """A test that fails tells something; one that could not be run, nor another one, does not."""
    one = protections()[0]
    (test,) = one.tests
    none = frozenset[str]()
    assert unnoticed(one, Ran(frozenset([test]), none, "")) == []
    (line,) = unnoticed(one, Ran(none, none, "ImportError: nothing of the kind"))
    assert "did not run: ImportError" in line
