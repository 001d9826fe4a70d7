"""The kinds of rows that need a person; the pages may see both the new rows and the old ones."""

from tandem.insights.attention import AnyRows, faulty_rows
from tandem.people.queries import Viewer
from tandem.upgrade.models import UnlinkedLegacyRow

KINDS = {
    "students": "Students",
    "tutors": "Tutors",
    "relationships": "Who teaches whom",
    "sessions": "Sessions",
    "unlinked": "Without a place",
}


def kinds(viewer: Viewer) -> dict[str, AnyRows]:
    """Return the rows that need a person, by kind, in the order of ``KINDS``.

    Rows that fit nowhere name people whom nobody can be said to teach, so only an owner sees them.
    """
    rows = faulty_rows(viewer)
    if viewer.is_owner:
        rows["unlinked"] = UnlinkedLegacyRow.objects.order_by("pk")
    return rows
