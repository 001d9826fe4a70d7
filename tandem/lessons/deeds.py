"""Wide changes as rows: what was done at one go, by whom, and whether it was undone."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from tandem.kit.errors import ConflictError, NotFoundError
from tandem.kit.ids import new_id
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.named_sql import NamedStatements, fetch_rows
from tandem.lessons.models import Deed, DeedPart
from tandem.people.queries import Viewer
from tandem.relationships.events import EventStamp
from tandem.relationships.models import TutorStudent

STATEMENTS = NamedStatements(Path(__file__).with_name("deeds.sql"))
RECORD_DEED, FORGET_PARTS = (STATEMENTS.compose(name) for name in ("record_deed", "forget_parts"))
Kind = Deed.Kind
UNDOABLE_FOR = timedelta(days=30)
"""So long what undoing has to know is kept: it may hold what was written about removed lessons."""
UNDONE = gettext_lazy("This has been undone already. Nothing was changed.")


@dataclass(frozen=True)
class Part:
    """What a deed does in one relationship, and what its undoing has to know."""

    link: TutorStudent
    details: Mapping[str, Any] = field(default_factory=dict)


def record_deed(
    kind: Kind,
    parts: Iterable[Part],
    moment: EventStamp,
    *,
    about: str = "",
    details: Mapping[str, Any] | None = None,
) -> str:
    """Write a deed, in the transaction of what it does, and return its id.

    ``about`` is the id of what it made beside what it did to relationships, ``details`` what
    undoing has to know beside its parts.
    """
    rows = [*parts]
    deed_id = new_id()
    values = {
        "id": deed_id,
        "kind": str(kind),
        "actor": moment.requester.who and moment.requester.who.pk,
        "at": moment.now,
        "about": about,
        "details": json.dumps(dict(details or {})),
        "students": [part.link.student_id for part in rows],
        "links": [part.link.pk for part in rows],
        "parts": [json.dumps(dict(part.details)) for part in rows],
    }
    fetch_rows(RECORD_DEED, values)
    return deed_id


def visible_deeds(viewer: Viewer) -> QuerySet[Deed]:
    """Return everybody's deeds for an owner, for others their own; newest first."""
    rows = Deed.objects.order_by("-at", "-id").select_related("actor", "undone_by")
    if viewer.is_owner:
        return rows
    return rows.filter(actor=viewer.account) if viewer.account else rows.none()


def deeds_with_parts(viewer: Viewer) -> QuerySet[Deed]:
    """Return the same, each with its parts, in two queries."""
    return visible_deeds(viewer).prefetch_related("parts")


def visible_deed(viewer: Viewer, deed_id: str) -> Deed:
    """Return one deed, or raise NotFoundError."""
    deed = visible_deeds(viewer).filter(pk=deed_id).first()
    if deed is None:
        raise NotFoundError("deed", deed_id)
    return deed


def claim(deed_id: str, moment: EventStamp) -> Deed:
    """Note that a deed is undone, and return it; ConflictError ``undone`` where it was already.

    What its undoing had to know is forgotten, but for the day on which it was to be. This comes
    after everybody's locks, so that whoever undoes it on another page waits there.
    """
    waiting = Deed.objects.filter(pk=deed_id, undone_at__isnull=True)
    if not waiting.update(undone_at=moment.now, undone_by=moment.requester.who, details={}):
        raise ConflictError("undone", UNDONE)
    fetch_rows(FORGET_PARTS, {"deed_id": deed_id})
    return Deed.objects.select_related("actor", "undone_by").get(pk=deed_id)


def claim_by_pairing(kind: Kind, tutor_student_id: str, moment: EventStamp) -> None:
    """Note that a deed is undone whose one relationship was set right on its own page."""
    rows = Deed.objects.filter(
        kind=kind, parts__tutor_student_id=tutor_student_id, undone_at__isnull=True
    )
    for deed_id in rows.values_list("pk", flat=True):
        claim(deed_id, moment)


def check_recent(deed: Deed, now: datetime) -> None:
    """Refuse to undo what is too long ago: ConflictError ``too_late``."""
    if now - deed.at > UNDOABLE_FOR:
        raise ConflictError(
            "too_late",
            _(
                "This was done more than {days} days ago and is not undone at one go any more. "
                "Change what should be another by itself."
            ).format(days=UNDOABLE_FOR.days),
        )


def forget_how_to_undo(now: datetime) -> None:
    """Drop what undoing has to know of deeds that are too long ago; the deeds stay."""
    old = DeedPart.objects.filter(deed__at__lt=now - UNDOABLE_FOR).exclude(details={})
    old.update(details={})
    Deed.objects.filter(at__lt=now - UNDOABLE_FOR).exclude(details={}).update(details={})


def forget_absences_of(tutor_id: str) -> None:
    """Drop what undoing has to know of time off of a tutor who is erased; the deeds stay."""
    Deed.objects.filter(details__tutor=tutor_id).update(details={})


def forget_deeds_of(student_id: str) -> None:
    """Remove what deeds did to a student who is erased; the deeds stay, without it."""
    DeedPart.objects.filter(student_id=student_id).delete()
