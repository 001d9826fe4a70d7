"""What every test begins with: what is put back is what was made, and what committed is gone."""

import os
from importlib import import_module
from inspect import signature
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from tests.cast import Cast, booked, gather
from tests.cast import at as moment
from tests.cli.forked import forked
from tests.conftest import NOBODYS
from tests.emptying import empty
from tests.once import once

CHANGES_A_COOKIES_NAME = {"TANDEM_BASE_URL": "https://tandem.example"}


def every_row() -> dict[str, list[str]]:
    """Return each table's rows as the database writes them."""
    names = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]  # noqa: SLF001 - Django documents it
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'SELECT one::text FROM "{name}" one ORDER BY 1')
            found[name] = [row for (row,) in cursor.fetchall()]
    return found


def with_a_lesson() -> Cast:
    cast = gather()
    booked(cast.ben_ana, moment(17, 16))
    return cast


def test_what_is_put_back_is_what_was_made(db: None) -> None:
    """Every row of every table, in the place of others; and people of one's own to change."""
    with transaction.atomic():
        made = once(with_a_lesson)
        rows = every_row()
        transaction.set_rollback(True)
    gather()
    again = once(with_a_lesson)
    assert every_row() == rows
    assert again == made
    assert again.ana is not made.ana


@pytest.mark.django_db(transaction=True)
def test_what_committed_is_gone() -> None:
    """What migrations leave stays, and nothing else."""
    empty()
    before = every_row()
    gather()
    assert every_row() != before
    empty()
    assert every_row() == before
    assert before["people_businesszone"]
    assert before["auth_permission"]


def asked(**environment: str) -> Any:
    done = forked("upgrade", "nonsense", **environment)
    assert done.returncode == 2
    return done.stderr


def test_a_forked_command_reads_its_own_settings(db: None) -> None:
    """One that differs in what was read while loading is started in earnest."""
    assert "Usage: python -m tests.cli.tandem " in asked()
    assert "Usage: python -m tandem " in asked(**CHANGES_A_COOKIES_NAME)
    assert "Usage: python -m tandem " in asked(TANDEM_WORKERS="many")


def test_what_asks_nothing_of_the_server_has_no_address_of_it() -> None:
    """So whatever asks it says so, and is run on both."""
    assert os.environ["DATABASE_URL"] == NOBODYS


def test_who_asks_for_the_server_or_a_database_has_its_address(db: None, server: str) -> None:
    """And is run on both."""
    assert os.environ["DATABASE_URL"] == server != NOBODYS


def test_every_browser_and_every_row_is_asked_for_on_both(request: pytest.FixtureRequest) -> None:
    """What is left to the other run has neither."""
    alone = [one for one in request.session.items if one.get_closest_marker("any_server")]
    assert request.node in alone
    assert not [one for one in alone if one.get_closest_marker("django_db")]
    assert not [one for one in alone if {"db", "cast", "live_server"} & {*_fixtures(one)}]


def test_what_a_browser_alone_judges_is_asked_of_both(request: pytest.FixtureRequest) -> None:
    """The test that is named for it is there, and is run on both."""
    found = {
        mark.args[0]
        for item in request.session.items
        for mark in item.iter_markers("asked_of_both_by")
        if "browser" in _fixtures(item)
    }
    for name in found:
        module, _, test = name.rpartition(".")
        asks = signature(getattr(import_module(module), test)).parameters
        assert {"db", "cast"} & {*asks}, name


def _fixtures(item: pytest.Item) -> list[str]:
    return list(getattr(item, "fixturenames", ()))
