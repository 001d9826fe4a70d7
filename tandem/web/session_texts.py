"""What is said of a session beside when it is: notes, homework, progress, place."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.utils.text import Truncator

from tandem.insights.page_rows import SessionOnPage
from tandem.kit.language import gettext as _

TWO_LINES = 160
"""So many characters fill two lines on a desk."""
FEW_BREAKS = 3


@dataclass(frozen=True, slots=True)
class Text:
    """Something said of a session under a label: prose, a link, our own words or a plain text.

    Prose that ``is_cut`` is the beginning of more.
    """

    label: str
    value: str
    is_prose: bool = False
    is_cut: bool = False
    is_link: bool = False
    is_ours: bool = False


def texts_of(row: SessionOnPage) -> list[Text]:
    """Return all that is said of a session, each under its label."""
    texts = []
    if row.notes:
        texts.append(Text(_("Notes"), row.notes, is_prose=True))
    if row.homework:
        texts.append(Text(_("Homework"), row.homework, is_prose=True))
    if row.progress:
        texts.append(
            Text(_("Progress"), _("{number} of 5").format(number=row.progress), is_ours=True)
        )
    if row.location:
        texts.append(Text(_("Where"), row.location))
    if row.meeting_link:
        link = web_link(row.meeting_link)
        texts.append(Text(_("Online"), link or row.meeting_link, is_link=bool(link)))
    return texts


def beginning_of(text: Text) -> Text:
    """Return prose cut to two lines; what is short, or no prose, as it is."""
    if not text.is_prose or _is_short(text.value):
        return text
    whole = " ".join(text.value.split())
    begun = whole if len(whole) <= TWO_LINES else Truncator(whole).chars(TWO_LINES)
    return replace(text, value=begun, is_cut=True)


def _is_short(text: str) -> bool:
    return len(text) <= TWO_LINES and text.strip().count("\n") <= FEW_BREAKS


def web_link(text: str) -> str:
    """Return ``text`` where it is an address that a browser can safely go to, else ''."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return ""
    return text.strip() if parts.scheme in {"http", "https"} and parts.netloc else ""
