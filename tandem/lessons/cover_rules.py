"""Who may cover a session, and what a cover may hold. Facts in, decision out; no database."""

from collections.abc import Iterable
from datetime import date

from tandem.kit.errors import ConflictError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.lessons.rules import may_plan_on
from tandem.relationships.rules import RelationshipState


def check_not_cover(standing: RelationshipState) -> None:
    """Refuse more sessions in a cover: it holds the sessions that were covered."""
    if standing.kind == "cover":
        raise ConflictError(
            "only_cover",
            _("This tutor only covers for another. Plan sessions with the student's own tutor."),
            {"tutorStudentId": standing.id},
        )


def check_cover_day(
    standing: RelationshipState, *, is_owner: bool, before: date, after: date
) -> None:
    """Refuse the tutor of a cover who would move a session to another day, unless an owner does."""
    if standing.kind == "cover" and before != after and not is_owner:
        raise ConflictError(
            "only_cover",
            _(
                "This tutor only covers on {before}. Ask an owner to move the session to "
                "another day."
            ).format(before=day_in_words(before)),
            {"tutorStudentId": standing.id},
        )


def may_remove(standing: RelationshipState, *, is_owner: bool) -> bool:
    """Tell whether somebody may remove a session for good: not who holds it for another tutor."""
    return is_owner or standing.kind != "cover"


def check_may_remove(standing: RelationshipState, *, is_owner: bool) -> None:
    """Refuse the tutor of a cover who would remove what is another tutor's."""
    if not may_remove(standing, is_owner=is_owner):
        raise ConflictError(
            "only_cover",
            _("This tutor only covers this session. Cancel it instead, or ask an owner."),
            {"tutorStudentId": standing.id},
        )


def fits_cover(standing: RelationshipState, *, tutor: str, subject: str | None, day: date) -> bool:
    """Tell whether a tutor's relationship can hold a session of ``subject`` (None: any) on ``day``.

    One that has ended holds it up to its last day, as the cover of a single day does.
    """
    holds = may_plan_on(standing, day)
    same = subject is None or standing.subject in {None, subject}
    return standing.tutor == tutor and standing.status == "active" and holds and same


def best_for_cover(
    fitting: Iterable[RelationshipState], subject: str | None
) -> RelationshipState | None:
    """Return which relationship holds a covered session: of its subject, open, the oldest."""
    return min(
        fitting,
        key=lambda one: (one.subject != subject, not one.is_open, one.started_on, one.id),
        default=None,
    )


def check_cover_apart(
    existing: Iterable[RelationshipState], *, tutor: str, subject: str | None, day: date
) -> None:
    """Refuse a cover of one day where a paused or requested relationship says the same."""
    for other in existing:
        same = (other.tutor, other.subject) == (tutor, subject) and other.status != "declined"
        if same and may_plan_on(other, day):
            raise ConflictError(
                "wrong_status",
                _("This tutor's own relationship with the student is {status}.").format(
                    status=_(other.status)
                ),
                {"tutorStudentId": other.id, "status": other.status},
            )


def check_another_tutor(*, present: str, covering: str) -> None:
    """Refuse cover by the tutor whose session it is."""
    if present == covering:
        raise invalid("tutor_id", _("It is this tutor's session already."))
