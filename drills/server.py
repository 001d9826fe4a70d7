"""The server that a drill runs on: the one that ``DATABASE_URL`` names, or an embedded one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connections

from tandem.kit import embedded
from tests.memory import roomiest
from tests.run import SMALL
from tests.upgrade.old_databases import database

LINK_KEY = "a-key-that-seals-the-links-of-made-up-children"
"""Known to the processes of a drill alike: what one of them seals a site of another folder opens."""


@contextmanager
def server() -> Iterator[None]:
    """Set ``DATABASE_URL`` for the time of the block, and Django up."""
    os.environ.setdefault("TANDEM_PARENT_LINK_KEY", LINK_KEY)
    if os.environ.get("DATABASE_URL"):
        django.setup()
        yield
        return
    with (
        tempfile.TemporaryDirectory(prefix="tandem-drills-", dir=roomiest()) as home,
        embedded.running(
            Path(home), settings={**SMALL, "max_connections": "200"}, fast=True
        ) as there,
    ):
        os.environ["DATABASE_URL"] = there.url()
        try:
            django.setup()
            yield
        finally:
            connections.close_all()
            del os.environ["DATABASE_URL"]


@contextmanager
def empty_tandem() -> Iterator[str]:
    """Yield the name of a database with Tandem's tables that nobody is connected to."""
    with database() as url:
        use(name := name_of(url))
        call_command("migrate", verbosity=0)
        connections["default"].close()
        yield name


def name_of(url: str) -> str:
    """Return the name of the database in an address."""
    return url.partition("?")[0].rpartition("/")[2]


def use(name: str) -> None:
    """Have Tandem work on another database, in every thread that connects from now on."""
    connections["default"].close()
    for settings in (connections.databases["default"], connections["default"].settings_dict):
        settings["NAME"] = name
