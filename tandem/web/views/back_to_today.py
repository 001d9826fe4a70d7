"""Recording from the first page: back to it, and a button that takes it back."""

from django.urls import reverse

from tandem.lessons.models import Session
from tandem.web.reader import PageRequest

UNDONE_BY_ONE_PRESS = frozenset({"complete", "held", "missed", "cancel"})
TODAY = "?from=today"


def undo_of_state(request: PageRequest, row: Session, verb: str) -> str:
    """Return where a button undoes that a session was recorded or called off; '' where none does.

    The ``!`` says that it is sent, and not opened.
    """
    if verb not in UNDONE_BY_ONE_PRESS:
        return ""
    address = reverse("change_session", args=[row.pk, "undo"])
    return f"!{address}{TODAY}" if is_from_today(request) else f"!{address}"


def is_from_today(request: PageRequest) -> bool:
    """Tell whether the reader came from the first page, and goes back there."""
    return request.GET.get("from") == "today"
