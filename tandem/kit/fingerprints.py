"""The fingerprint of a preview: what it showed, as a text that the deed takes back.

It holds a short hash of each thing that was shown, by its kind and id, so that a deed that finds
something else can name what differs. It is no secret and nobody's word is taken for it: whoever
alters it is refused, or has agreed to what is there.
"""

import binascii
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.language import gettext_noop as mark

Shown = Mapping[str, str]
"""What is shown: its kind and, where it has one, its id (``session:01j…``) -> a hash of it."""

ASKED = "request:"
"""The kind of what a request says, before the name of its member."""
MOST_BYTES = 5_000_000
"""So much is unpacked of a text; what claims to hold more is no fingerprint."""
NOT_ONE = gettext_lazy(
    "This is no preview's answer. Ask for the preview again, and send its expect as it came."
)

WORDS = {
    "clash": (mark("something that stands in the way"), mark("things that stand in the way")),
    "conflict": (mark("a date that cannot be"), mark("dates that cannot be")),
    "lesson": (mark("a date of the weekly lesson"), mark("dates of the weekly lesson")),
    "new_relationship": (
        mark("a relationship that would begin"),
        mark("relationships that would begin"),
    ),
    "next_primary": (mark("the next primary tutor"), mark("next primary tutors")),
    "part": (mark("a part of the weekly lesson"), mark("parts of the weekly lesson")),
    "policy": (mark("the policy of cancelling"), mark("policies of cancelling")),
    "relationship": (mark("a relationship"), mark("relationships")),
    "series": (mark("a weekly lesson"), mark("weekly lessons")),
    "session": (mark("a lesson"), mark("lessons")),
    "student": (mark("a student"), mark("students")),
    "tutor": (mark("a tutor"), mark("tutors")),
}
"""What is shown, in words: one of it, and many."""
NAMES = {
    "closure": mark("the closure"),
    "end": mark("the end"),
    "edit": mark("the edit"),
    "time_off": mark("the time off"),
    "sessions": mark("the sessions"),
    "relationships": mark("the relationships"),
    "events": mark("the events"),
    "parents": mark("the parents"),
    "primary": mark("who is the primary tutor"),
    "guardians": mark("the guardians"),
    "account": mark("the account"),
    "availability": mark("the stated week"),
    "group": mark("who takes part in the lessons"),
    "feeds": mark("the calendar addresses"),
    "told": mark("what is told by letter"),
    "subjects": mark("the subjects"),
    "subscription": mark("the payment plan"),
    "tokens": mark("the tokens"),
    "wishes": mark("the wishes"),
    "file": mark("the file"),
    "rows": mark("the outcomes of the rows"),
    "students": mark("the students"),
    "tutors": mark("the tutors"),
}
"""What is counted as one."""
CHANGES = {
    "changed": (mark("has changed"), mark("have changed")),
    "added": (mark("was added"), mark("were added")),
    "gone": (mark("is not there any more"), mark("are not there any more")),
}


def hash_of(*facts: object) -> str:
    """Return a short text that is another when a fact is another."""
    return urlsafe_b64encode(sha256(repr(facts).encode()).digest()[:9]).decode()


def fingerprint(shown: Shown) -> str:
    """Return the text that stands for what was shown."""
    lines = json.dumps(shown, sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(zlib.compress(lines.encode(), 9)).decode()


def merged(shown: Iterable[Shown]) -> Shown:
    """Return what several plans show, as one."""
    return {key: value for one in shown for key, value in one.items()}


def check_expected(
    expect: str | None, shown: Shown, *, words: Mapping[str, str] | None = None
) -> None:
    """Refuse a deed that would not do what was shown. None: nothing was looked at.

    ConflictError ``changed_since_preview``, whose ``difference`` lists each thing that is another:
    what kind of thing, its id where it has one, and whether it was added, is gone or has changed.
    ``words`` say of a kind what it is now. InvalidError for a text that is no fingerprint.
    """
    if expect is None or (before := _read(expect)) == shown:
        return
    difference = [_named(key, before, shown) for key in sorted(before.keys() | shown.keys())]
    told = [one for one in difference if one]
    raise ConflictError("changed_since_preview", _sentence(told, words or {}), {"difference": told})


Asked = Callable[[Shown], Mapping[str, object]]
"""What a request says, by member, in the light of what its preview shows."""


def check_asked(expect: str | None, asked: Asked) -> str | None:
    """Refuse what asks for something else than its preview; return the fingerprint of the rest.

    ``with_asked`` put there what the preview asked for. ConflictError ``changed_since_preview``,
    whose ``difference`` names the members; InvalidError.
    """
    if expect is None:
        return None
    before = _read(expect)
    now = _hashed(asked(before))
    then = {key: value for key, value in before.items() if key.startswith(ASKED)}
    if then == now:
        return fingerprint({key: value for key, value in before.items() if key not in then})
    keys = sorted(key for key in then.keys() | now.keys() if then.get(key) != now.get(key))
    raise ConflictError(
        "changed_since_preview",
        _(
            "This asks for something else than the preview did, so nothing was done. What differs: "
            "{parts}. Look at what would happen now, and confirm that."
        ).format(parts=", ".join(key.removeprefix(ASKED) for key in keys)),
        {"difference": [_named(key, then, now) for key in keys]},
    )


def with_asked(shown: Shown, asked: Asked) -> Shown:
    """Return what a preview shows together with what was asked for, by member."""
    return {**shown, **_hashed(asked(shown))}


def _hashed(asked: Mapping[str, object]) -> Shown:
    return {f"{ASKED}{member}": hash_of(value) for member, value in asked.items()}


def _named(key: str, before: Shown, now: Shown) -> dict[str, Any]:
    if before.get(key) == now.get(key):
        return {}
    kind, _colon, row_id = key.partition(":")
    change = "changed" if key in before and key in now else "added" if key in now else "gone"
    return {"what": kind, "id": row_id or None, "change": change}


def _sentence(difference: list[dict[str, Any]], words: Mapping[str, str]) -> str:
    kinds = Counter((one["what"], one["change"]) for one in difference)
    parts = [words.get(what) or _words(what, change, n) for (what, change), n in kinds.items()]
    return _(
        "Something has changed since you looked, so nothing was done. What differs: {parts}. Look "
        "at what would happen now, and confirm that."
    ).format(parts=", ".join(parts))


def _words(what: str, change: str, number: int) -> str:
    """Return "4 lessons are not there any more"; what is counted as one, by its name."""
    if what not in WORDS:
        name = NAMES.get(what, f"the {what.replace('_', ' ')}")
        return f"{_(name)} {_(CHANGES[change][what.endswith('s')])}"
    one, many = WORDS[what]
    if number > 1:
        return f"{number} {_(many)} {_(CHANGES[change][1])}"
    return f"{_(one)} {_(CHANGES[change][0])}"


def _read(text: str) -> dict[str, str]:
    """Return what a fingerprint holds; nothing where nothing was looked at ('')."""
    if not text:
        return {}
    try:
        packed = urlsafe_b64decode(text.encode())
        lines = json.loads(zlib.decompressobj().decompress(packed, MOST_BYTES))
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        raise invalid("expect", NOT_ONE) from None
    if not (isinstance(lines, dict) and all(isinstance(one, str) for one in lines.values())):
        raise invalid("expect", NOT_ONE)
    return lines
