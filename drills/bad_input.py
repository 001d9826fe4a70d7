"""``python -m drills bad_input``: what nobody should send, to every form and route of a started site.

As an owner, a tutor, somebody without any rights, a parent and nobody, in turns; any answer of 500 or
more is printed with what was sent.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from rich.console import Console

from drills.server import empty_tandem, name_of
from tests.served.fuzzing import Visitor
from tests.served.people import OWNER, TUTOR
from tests.served.site import Site, gathered, served
from tests.upgrade.old_databases import database

AT_ONCE = 200
"""Requests of one visitor; then the next one comes."""
NO_LIMITS = {
    "TANDEM_REQUESTS_PER_MINUTE": "1000000",
    "TANDEM_WRONG_TOKENS_PER_MINUTE": "1000000",
    "TANDEM_PARENT_READS_PER_MINUTE": "1000000",
    "TANDEM_WRONG_LINKS_PER_TEN_MINUTES": "1000000",
}
CALLERS = ("owner", "ben", "guest", None)


def main(options: argparse.Namespace) -> int:
    """Return 1 where anything was answered with an error of the server's own."""
    console, random, found, sent = Console(), Random(options.seed), set[str](), 0
    with empty_tandem() as empty, database(empty) as peopled:
        people = gathered(peopled)
        while sent < options.requests:
            # Anew each time: some of what is sent makes sense, and erases people.
            with (
                database(name_of(peopled)) as url,
                tempfile.TemporaryDirectory(prefix="tandem-drills-") as folder,
                served(url, people, Path(folder), **NO_LIMITS) as site,
            ):
                for visitor in _visitors(site, random):
                    sent += visitor.sent
                    found.update(visitor.found)
                    console.print(f"{sent:,} requests, {len(found)} errors", end="\r")
    for line in sorted(found):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"{sent:,} requests, seed {options.seed}: {len(found)} errors of the server")
    return 1 if found else 0


def _visitors(site: Site, random: Random) -> Iterator[Visitor]:
    """Yield each as they have done their worst; who fails to sign in too often may not for a while."""
    people = [Visitor(site, random) for _ in (OWNER, TUTOR)]
    for visitor, email in zip(people, (OWNER, TUTOR), strict=True):
        visitor.sign_in(email)
        visitor.crawl("/")
    stranger = Visitor(site, random)
    stranger.crawl("/accounts/login/", f"/parent/{site.people.parent_link}")
    for visitor in (*people, stranger):
        visitor.misuse_pages(AT_ONCE)
        yield visitor
    for who in CALLERS:
        visitor = Visitor(site, random)
        visitor.misuse_api(AT_ONCE, who)
        yield visitor
