"""What letters say, read as a family reads them: when lessons are, were, and are no more."""

import email.policy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage

PARTS = {"Planned:": "planned", "Moved to another time:": "moved", "Cancelled:": "cancelled"}
WHEN = re.compile(r"- \w+ (\d+ \w+)(?: (\d{4}))?, (\d\d:\d\d) to")
WAS = re.compile(r"\(it was on \w+ (\d+ \w+)(?: (\d{4}))?, (\d\d:\d\d)")


@dataclass(frozen=True)
class Told:
    """A letter: its name, whom it is to, and its lines: the part, when it is, when it was."""

    name: str
    to: str
    subject: str
    lines: tuple[tuple[str, str, str], ...]


def opened(letter: str) -> tuple[EmailMessage, list[str]]:
    """Return a letter that came over SMTP, and the lines of its text."""
    mail = message_from_bytes(letter.encode(), policy=email.policy.default)
    body = mail.get_body(("plain",))
    assert body
    return mail, body.get_content().splitlines()


def read(letter: str) -> Told:
    """Return what a letter that came over SMTP says."""
    mail, lines = opened(letter)
    part, found = "", []
    for line in lines:
        part = PARTS.get(line.strip(), part)
        if when := WHEN.match(line):
            was = WAS.search(line)
            found.append((part, _said(when), _said(was) if was else ""))
    return Told(mail["Message-ID"], mail["To"], mail["Subject"], tuple(found))


def _said(match: re.Match[str]) -> str:
    return " ".join(filter(None, match.groups()))


def belief_of(letters: Iterable[Told]) -> set[str]:
    """Return when somebody expects lessons who has read these letters, in their order.

    What is called off may be a lesson that nobody has told them of.
    """
    believed = set[str]()
    for letter in letters:
        moved = {was for part, _when, was in letter.lines if part == "moved"}
        assert moved <= believed, (letter, "tells of what nobody knew")
        believed -= moved | {when for part, when, _was in letter.lines if part == "cancelled"}
        believed |= {when for part, when, _was in letter.lines if part != "cancelled"}
    return believed
