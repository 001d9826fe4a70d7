"""Old rows that fit nowhere and are no sessions: each is given its place, or is left as it is.

Owners only. A row that is left keeps everything and can be taken up again.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from tandem.kit.errors import ConflictError, FieldError, InvalidError, NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.named_sql import NamedStatements, fetch_rows
from tandem.kit.transactions import one_transaction
from tandem.people.models import Parent, Student, Subscription
from tandem.people.queries import visible_student, visible_tutor
from tandem.people.requester import Requester
from tandem.people.rules import check_owner
from tandem.relationships.locks import lock_students, lock_tutors
from tandem.upgrade.legacy.shapes import PARENT, SUBSCRIPTION, Kind, Table
from tandem.upgrade.models import GradualUpgrade, UnlinkedLegacyRow
from tandem.upgrade.phases import BOTH_RUN, Phase

LEFTOVERS = NamedStatements(Path(__file__).with_name("placing.sql"))
MAKE_GUARDIANS = LEFTOVERS.compose("make_guardians")
UNDECIDED = LEFTOVERS.compose("how_many_undecided")
IN_STEP = [phase.value for phase in (*BOTH_RUN, Phase.EXPANDED)]


def undecided() -> QuerySet[UnlinkedLegacyRow]:
    """Return the rows about which a person has still to decide, by id."""
    return UnlinkedLegacyRow.objects.filter(decided_at=None).order_by("pk")


def how_many_undecided(today: date) -> int:
    """Return how many rows, and plans that the older application overtook, wait for a decision."""
    return int(fetch_rows(UNDECIDED, {"today": today})[0][0])


def left() -> QuerySet[UnlinkedLegacyRow]:
    """Return the rows that somebody decided to leave as they are, by id."""
    return UnlinkedLegacyRow.objects.exclude(decided_at=None).order_by("pk")


def one_unplaced(row_id: str) -> UnlinkedLegacyRow:
    """Return one of these rows, or raise NotFoundError. Who may see it is the caller's to say."""
    row = UnlinkedLegacyRow.objects.filter(pk=row_id).first()
    if row is None:
        raise NotFoundError("row", row_id)
    return row


def student_of(row: UnlinkedLegacyRow) -> Student | None:
    """Return the student whom an old row names, if there is one."""
    return Student.objects.filter(pk=row.row.get("studentId")).first()


@one_transaction({})
def leave(*, requester: Requester, row_id: str) -> UnlinkedLegacyRow:
    """Decide that a row needs no place: nothing of it is lost, and nobody is asked again."""
    row = _locked(requester, row_id)
    row.decided_at, row.decided_by = requester.now, requester.who
    row.save(update_fields=["decided_at", "decided_by"])
    return row


@one_transaction({})
def take_up(*, requester: Requester, row_id: str) -> UnlinkedLegacyRow:
    """Take the decision to leave a row back."""
    row = _locked(requester, row_id)
    row.decided_at = row.decided_by = None
    row.save(update_fields=["decided_at", "decided_by"])
    return row


@one_transaction({})
def place_parent(*, requester: Requester, row_id: str, student_id: str) -> Parent:
    """Say whose parent an old account is; it keeps its id, and everything in it."""
    visible_student(requester.viewer, student_id)
    lock_students(student_id)
    row = _to_place(requester, row_id, PARENT)
    parent = Parent(
        id=row.source_id,
        **{**_texts(row, PARENT), "student_id": student_id},
        created_at=row.moment("createdAt") or requester.now,
    )
    taken = Parent.objects.filter(email=parent.email) | Parent.objects.filter(
        auth_subject=parent.auth_subject
    )
    if other := taken.first():
        raise ConflictError(
            "taken",
            _("{full_name} has this account or address already.").format(
                full_name=other.full_name or other.email
            ),
        )
    parent.save(force_insert=True)
    fetch_rows(MAKE_GUARDIANS, {"student_id": student_id})
    row.delete()
    return parent


@one_transaction({})
def place_subscription(
    *, requester: Requester, row_id: str, tutor_id: str, current_period_end: datetime | None = None
) -> Subscription:
    """Say whose payment plan it is; ``current_period_end`` where the old row's cannot be read."""
    visible_tutor(requester.viewer, tutor_id)
    lock_tutors(tutor_id)
    row = _to_place(requester, row_id, SUBSCRIPTION)
    ends = row.moment("currentPeriodEnd") or current_period_end
    if ends is None:
        raise InvalidError([FieldError("current_period_end", _("Say until when it is paid."))])
    if Subscription.objects.filter(tutor=tutor_id).exists():
        raise ConflictError("taken", _("This tutor has a payment plan already."))
    plan = Subscription(
        id=row.source_id,
        **{**_texts(row, SUBSCRIPTION), "tutor_id": tutor_id},
        current_period_end=ends,
        created_at=row.moment("createdAt") or requester.now,
    )
    plan.save(force_insert=True)
    row.delete()
    return plan


def _to_place(requester: Requester, row_id: str, table: Table) -> UnlinkedLegacyRow:
    """Return a locked row of ``table``; while both applications run, the old one decides."""
    row = _locked(requester, row_id)
    if row.source_table != table.name:
        raise NotFoundError("row", row_id)
    if GradualUpgrade.objects.filter(phase__in=IN_STEP).exists():
        raise ConflictError(
            "both_run",
            _(
                "While the older application runs beside Tandem, put this right there, or leave it as "
                "it is for now."
            ),
        )
    return row


def _locked(requester: Requester, row_id: str) -> UnlinkedLegacyRow:
    check_owner(is_owner=requester.viewer.is_owner, doing=_("decide about an old row"))
    row = UnlinkedLegacyRow.objects.select_for_update().filter(pk=row_id).first()
    if row is None:
        raise NotFoundError("row", row_id)
    return row


def _texts(row: UnlinkedLegacyRow, table: Table) -> dict[str, Any]:
    """Return what is kept of a row as it is; where a column has to be there, nothing is an empty text."""
    return {
        column.ours: row.row.get(column.name)
        if column.optional
        else str(row.row.get(column.name) or "")
        for column in table.kept
        if column.kind is not Kind.MOMENT
    }
