"""The business's name and logo: what an owner set, else what the environment says.

Each page bears them, so a process reads them once in a while and not for each page. A page that is
shown because the database is away asks for nothing: it bears what was read last.
"""

from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.db import transaction

from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.kit.pictures import MOST_OF_A_SIDE, MOST_OF_PICTURE, Picture, picture_of
from tandem.kit.transactions import one_transaction
from tandem.people.models import BusinessFace
from tandem.people.requester import Requester
from tandem.people.rules import check_owner

LONGEST_NAME = 60
READ_AGAIN_AFTER = 10.0
"""Seconds. Another process shows a new name so much later at most."""


@dataclass
class _Read:
    """What this process read last, and when (by a clock that only goes on)."""

    name: str = ""
    logo: Picture | None = None
    at: float | None = None


_read = _Read()


def business_name() -> str:
    """Return what those who learn and teach here know the business by."""
    return _read.name or settings.BUSINESS_NAME


def business_logo() -> Picture | None:
    """Return its logo, if it has one."""
    return _read.logo or settings.BUSINESS_LOGO


def freshen() -> None:
    """Read name and logo again where that is due; wherever a page asks the database anyway."""
    if _read.at is not None and monotonic() - _read.at < READ_AGAIN_AFTER:
        return
    row = BusinessFace.objects.values_list("name", "logo").first()
    name, logo = row or ("", None)
    _read.name, _read.logo, _read.at = name, picture_of(bytes(logo)) if logo else None, monotonic()


def face_set_here() -> BusinessFace:
    """Return what an owner set; a row that is not saved where nobody has yet."""
    return BusinessFace.objects.first() or BusinessFace()


@one_transaction({})
def change_face(
    *, requester: Requester, name: str, logo: bytes | None = None, removes_logo: bool = False
) -> BusinessFace:
    """Set the name ('' is the environment's) and, where one is given, the logo. Owners only.

    InvalidError for a name that is no line of 60 characters, and for a file that is no picture.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=_("change name and logo"))
    name = name.strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise invalid(
            "name", _("Write one line of at most 60 letters, none of which is invisible.")
        )
    if logo is not None and picture_of(logo) is None:
        says = _("Choose a PNG or JPEG picture of at most {most} kB and {side} by {side} pixels.")
        raise invalid("logo", says.format(most=MOST_OF_PICTURE // 1000, side=MOST_OF_A_SIDE))
    values = {"name": name, "updated_at": requester.now, "updated_by": requester.who}
    if logo is not None or removes_logo:
        values["logo"] = logo
    row, _created = BusinessFace.objects.update_or_create(id=1, defaults=values)
    transaction.on_commit(read_again)
    return row


def forget() -> None:
    """Let this process know of no name and no logo but the environment's, until it reads again."""
    _read.name, _read.logo, _read.at = "", None, monotonic()


def read_again() -> None:
    """Let this process read name and logo anew for the next page."""
    _read.at = None
