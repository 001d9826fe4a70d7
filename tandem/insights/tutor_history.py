"""What happened to a tutor's relationships, as far as somebody may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tandem.insights.page_rows import HistoryLine
from tandem.insights.student_page import STUDENT_PAGE, history_of
from tandem.kit.named_sql import fetch_rows
from tandem.people.queries import Viewer, check_reads_history
from tandem.people.scope import Role, role_of, scope, scope_values

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
    found = fetch_rows(_statement(role_of(viewer)), values)
    width = len(HistoryLine._fields)
    lines = [HistoryLine._make(row[:width]) for row in found[:MOST]]
    beside: dict[str, str] = {}
    for line, row in zip(lines, found, strict=False):
        handed = zip((line.handed_from, line.handed_to), row[width:], strict=True)
        beside |= {pk: name for pk, name in handed if pk and name}
    return TutorHistory(lines, beside, len(found) > MOST)


@cache
def _statement(role: Role) -> str:
    relationships = scope(role, "relationships")
    beside = STUDENT_PAGE["tutors_beside"].format(relationships=relationships)
    return STUDENT_PAGE.compose(
        "history",
        relationships=relationships,
        removed=scope(role, "removed"),
        **{**history_of("tutor"), "beside": beside},
    )
