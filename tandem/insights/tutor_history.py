"""What happened to a tutor's relationships, as far as somebody may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tandem.insights.page_rows import HistoryLine
from tandem.insights.student_page import STUDENT_PAGE, history_of
from tandem.kit.named_sql import fetch_all
from tandem.people.queries import Viewer, check_reads_history
from tandem.people.scope import Role, role_of, scope, scope_values
from tandem.relationships.queries import visible_relationships

MOST = 30


@dataclass(frozen=True)
class TutorHistory:
    """The newest lines, the newest first; ``beside`` are tutors' names by their relationships' ids.

    Of the other relationships that a line names it has those that the viewer may see.
    """

    lines: Sequence[HistoryLine]
    beside: dict[str, str]
    has_more: bool


def tutor_history(viewer: Viewer, tutor_id: str) -> TutorHistory:
    """Return what a page shows of a tutor's history; NotFoundError for who may not read it."""
    check_reads_history(viewer, tutor_id)
    values = {
        **scope_values(viewer),
        "of_id": tutor_id,
        "most_history": MOST + 1,
        "sees_addresses": viewer.is_owner,
    }
    found = fetch_all(_statement(role_of(viewer)), values, HistoryLine)
    lines = found[:MOST]
    handed = {pk for line in lines for pk in (line.handed_from, line.handed_to) if pk}
    return TutorHistory(lines, _names(viewer, handed), len(found) > MOST)


def _names(viewer: Viewer, relationship_ids: set[str]) -> dict[str, str]:
    if not relationship_ids:
        return {}
    rows = visible_relationships(viewer).filter(pk__in=relationship_ids).select_related("tutor")
    return {row.pk: str(row.tutor) for row in rows}


@cache
def _statement(role: Role) -> str:
    return STUDENT_PAGE.compose(
        "history",
        relationships=scope(role, "relationships"),
        removed=scope(role, "removed"),
        **history_of("tutor"),
    )
