"""Which imports there were."""

from django.db.models import Count, Q, QuerySet

from tandem.kit.language import gettext as _
from tandem.lessons.deeds import Kind, visible_deeds
from tandem.lessons.models import Deed
from tandem.people.queries import Viewer, visible_tutors
from tandem.people.rules import check_owner


def visible_imports(viewer: Viewer) -> QuerySet[Deed]:
    """Return every import, newest first, each with how many students and relationships it was.

    Owners only.
    """
    check_owner(is_owner=viewer.is_owner, doing=_("see what was brought in"))
    begun = ~Q(parts__tutor_student_id="")
    return (
        visible_deeds(viewer)
        .filter(kind=Kind.IMPORT)
        .annotate(
            students=Count("parts__student_id", distinct=True),
            relationships=Count("parts", filter=begun),
        )
    )


def tutors_of_import(viewer: Viewer, deed: Deed) -> list[str]:
    """Return the names of tutors who came by an import, '' for who is gone; [] once forgotten."""
    ids = deed.details.get("tutors", [])
    names = dict(visible_tutors(viewer).filter(pk__in=ids).values_list("pk", "full_name"))
    return [names.get(pk, "") for pk in ids]
