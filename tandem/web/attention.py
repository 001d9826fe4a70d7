"""The kinds of rows that need a person; the pages may see both the new rows and the old ones."""

from datetime import date

from tandem.insights.attention import AnyRows, faulty_rows
from tandem.kit.language import gettext_lazy
from tandem.people.queries import Viewer
from tandem.people.weak_links import students_with_weak_links
from tandem.upgrade.unplaced.overtaken_plans import overtaken_plans
from tandem.upgrade.unplaced.placing import left, undecided

KINDS = {
    "students": gettext_lazy("Students"),
    "tutors": gettext_lazy("Tutors"),
    "relationships": gettext_lazy("Who teaches whom"),
    "sessions": gettext_lazy("Sessions"),
    "links": gettext_lazy("Parents’ links"),
    "plans": gettext_lazy("Plans"),
    "unlinked": gettext_lazy("Without a place"),
    "left": gettext_lazy("Left as they are"),
}


def kinds(viewer: Viewer, today: date) -> dict[str, AnyRows]:
    """Return the rows that need a person, by kind, in the order of ``KINDS``.

    ``today`` is the business's date. Rows that fit nowhere name people whom nobody can be said to
    teach, so only an owner sees them; those under "left" need nobody any more. Links that could be
    guessed are an owner's, too, and plans that the older application overtook.
    """
    rows = faulty_rows(viewer)
    if viewer.is_owner:
        rows["links"] = students_with_weak_links(viewer)
        rows["plans"] = overtaken_plans(today)
        rows["unlinked"] = undecided()
        rows["left"] = left()
    return rows
