"""What every test may ask for."""

import gc
import os
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Any

import pytest
from _pytest.nodeid import NodeId
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test import TestCase, TransactionTestCase
from hypothesis import HealthCheck, settings
from pytest_django.live_server_helper import LiveServer

from tandem.kit.ids import new_id
from tandem.people import business, limits
from tandem.serving.static import StaticFiles
from tests.cast import Cast
from tests.emptying import empty
from tests.migrated import migrated, name_in
from tests.once import gathered
from tests.run import ELSEWHERE
from tests.upgrade.old_databases import database

# Parents' links are sealed with a key that tests share with what they start, never one's own.
os.environ["TANDEM_PARENT_LINK_KEY"] = "a-key-that-seals-the-links-of-made-up-children"

# What an example takes says how busy the machine is, and nothing of Tandem.
settings.register_profile("tandem", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tandem")

# Whatever is started in the background of a shell ignores Ctrl-C, and with nohup a hangup; so do
# its children. Tests send both, and so must not take that over.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


ONCE_IS_ENOUGH = ("any_server", "asked_of_both_by")
"""The marks of tests that one run of two has (see the decisions 171 and 179)."""
NOBODYS = "postgresql://nobody@/nothing?host=/nowhere"


@pytest.hookimpl(trylast=True)  # the folders' own say which tests are a group
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test by what it needs: ``-m "not browser and not prisma"`` leaves those out."""
    for item in items:
        rename(item, is_grouped=bool(getattr(config.option, "loadgroup", False)))
    shared = [name for name, times in Counter(one.nodeid for one in items).items() if times > 1]
    if shared:
        raise pytest.UsageError(f"Several tests have one name, so that one alone is run: {shared}")
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        folders = set(item.path.relative_to(item.config.rootpath).parts)
        for mark, is_so in (
            ("browser", "browser" in fixtures),
            ("prisma", "upgrade" in folders and bool(fixtures & {"stage", "client"})),
            ("drill", "drills" in folders),
            ("any_server", not fixtures & {"server", "db"} and not asks_for_rows(item)),
        ):
            if is_so:
                item.add_marker(mark)
    if os.environ.get(ELSEWHERE):
        had = {item for item in items if any(map(item.get_closest_marker, ONCE_IS_ENOUGH))}
        config.hook.pytest_deselected(items=[*had])
        items[:] = [item for item in items if item not in had]


def rename(item: pytest.Item, *, is_grouped: bool) -> None:
    """Give a test the name by which processes share tests out, where that is another than its own.

    Schemathesis's tests, one for each operation, have their function's name, and of several of one
    name only one is run. Of a group, a name ends in the group's; pytest-xdist 3.8 writes it where
    pytest 9 no longer reads it, so that each process would start the group's site for itself.
    """
    name = item.nodeid
    if getattr(item, "operation_label", None) and item.parent:
        name = f"{item.parent.nodeid}::{item.name}"
    groups = {str(mark.args[0]) for mark in item.iter_markers("xdist_group")}
    if is_grouped and groups and not name.endswith(f"@{'_'.join(sorted(groups))}"):
        name += f"@{'_'.join(sorted(groups))}"
    if name != item.nodeid:
        item._id = NodeId.parse(name)  # noqa: SLF001 - what ``nodeid`` reads


def asks_for_rows(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def server() -> str:
    """The address of the server of the run, for tests that ask it without another fixture."""
    return os.environ["DATABASE_URL"]


@pytest.fixture(autouse=True)
def server_if_asked_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the server's address from tests of which one run of two is enough."""
    if request.node.get_closest_marker("any_server"):
        monkeypatch.setenv("DATABASE_URL", NOBODYS)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Have the collector wait until all is loaded, which stays: going through it takes a fifth."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have the collector look at what tests make alone.

    What is loaded by now stays to the end, and is so much that going through it again and again
    takes a tenth of a run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def business_is_known() -> Iterator[None]:
    """No page of a test's process asks for the business's name, but where a test lets it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(business, "READ_AGAIN_AFTER", float("inf"))
        business.forget()
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords are hashed as in earnest, but with little work: nobody tries to guess these."""
    with pytest.MonkeyPatch.context() as patched:
        for cost, little in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
            patched.setattr(Argon2PasswordHasher, cost, little)
        yield


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins as a process that has let nobody through yet (see ``limits.spend``)."""
    monkeypatch.setattr(limits, "_shares", {})


class SiteItself(WSGIHandler):
    """The site, in the place of what would stand in front of it and serve static files."""

    def __init__(self, _site: WSGIHandler) -> None:
        super().__init__()


@pytest.fixture(scope="session")
def live_server(server: str) -> Iterator[LiveServer]:
    """pytest-django's, whose static files are served as the product serves them: by itself.

    Django's own handler for tests stands in front of the site, and knows no name with a hash.
    """
    site = LiveServer("localhost", start=False)
    site.thread.static_handler = SiteItself
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """A process finds the static files once, as a server does; every client would do so again."""
    find = StaticFiles.add_files_from_finders
    found: dict[str, Any] = {}

    def found_before(files: StaticFiles) -> None:
        if not found:
            find(files)
            found.update(files.files)
        files.files = dict(found)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(StaticFiles, "add_files_from_finders", found_before)
        yield


@pytest.fixture(scope="session", autouse=True)
def emptied_at_once() -> Iterator[None]:
    """After a test that commits."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: empty())
        yield


Committed = Callable[[], AbstractContextManager[object]]


@pytest.fixture
def committed(db: None) -> Committed:
    """As a test's transaction never commits: does at the end what would be done after a commit."""
    return partial(TestCase.captureOnCommitCallbacks, execute=True)


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, as they begin: made by their actions once, then put back."""
    return gathered()


@pytest.fixture(scope="session")
def template(server: str, pytestconfig: pytest.Config, django_db_blocker: Any) -> Iterator[str]:
    """The name of an empty database of Tandem's that nobody is connected to."""
    run = getattr(pytestconfig, "workerinput", {}).get("testrunuid", new_id())
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            name = stack.enter_context(migrated(run))
        yield name


@pytest.fixture(scope="session")
def django_db_setup(template: str, django_test_environment: None) -> Iterator[None]:
    """The database of this process: pytest-django's would be migrated in each."""
    with database(template) as url:
        default = connections.databases["default"], connections["default"].settings_dict
        before = default[0]["NAME"]
        for settings in default:
            settings["NAME"] = name_in(url)
        yield
        connections["default"].close()
        for settings in default:
            settings["NAME"] = before
