"""Whether the key that parents' links are sealed with is here, good, and nobody else's to read."""

import os
import stat

from django.db import connection

from tandem.people.link_keys import SETTING, key_file, link_keys
from tandem.people.link_sealing import unreadable_links, unreadable_links_of_guardians
from tandem.serving.finding import Finding

SHORTEST_KEY = 32
OTHERS = stat.S_IRWXG | stat.S_IRWXO
NAME = "parents-links"


def parents_links() -> Finding:
    """Look whether every parents' link can be opened, and by this installation alone."""
    return _exposed() or _guessable() or _unreadable() or _well()


def _exposed() -> Finding | None:
    file = key_file()
    if os.environ.get(SETTING) or not file.exists() or not file.stat().st_mode & OTHERS:
        return None
    return Finding(
        NAME,
        ok=False,
        sentence=f"Others on this machine may read {file}, with which parents' links are sealed.",
        remedy=f"chmod 600 {file}; if somebody did read it, run `tandem links rekey`.",
    )


def _guessable() -> Finding | None:
    if all(len(one) >= SHORTEST_KEY for one in os.environ.get(SETTING, "").split()):
        return None
    return Finding(
        NAME,
        ok=False,
        sentence=f"A key of {SETTING} is short enough to guess.",
        remedy="Put a long one of random signs before it (`openssl rand -base64 32` makes one), "
        "restart Tandem and run `tandem links rekey`.",
    )


def _unreadable() -> Finding | None:
    with connection.cursor() as cursor:
        found = [*unreadable_links(cursor), *unreadable_links_of_guardians(cursor)]
    if not found:
        return None
    where = SETTING if os.environ.get(SETTING) else key_file()
    return Finding(
        NAME,
        ok=False,
        sentence=f"{len(found):,} parents' links were sealed with a key that is not here: they "
        "open nothing and cannot be shown. Nothing else is lost.",
        remedy=f"Add the key's line to {where}, where the backup's installation had it; or make "
        "those links anew: `tandem links rotate --unreadable --list FILE`, a guardian's on their "
        "page.",
    )


def _well() -> Finding:
    found = "Every parents' link can be opened"
    keys = link_keys().names
    sealed = f", sealed with the key {keys[0]}" if keys else ""
    return Finding(NAME, ok=True, sentence=f"{found}{sealed}.")
