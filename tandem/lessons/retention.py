"""Students of whom nothing has been heard for so long that their records are no longer needed."""

from dataclasses import dataclass
from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from tandem.kit.errors import NotFoundError, TandemError, invalid
from tandem.kit.language import gettext as _
from tandem.lessons.erasure import erase_student
from tandem.lessons.models import Session
from tandem.people.days import open_ended
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tandem.relationships.rules import check_owner

FEWEST_YEARS, MOST_YEARS = 1, 100


@dataclass(frozen=True)
class Retention:
    """What is not needed any more: the students' ids, and whom an erasure was refused for.

    ``refused`` are pairs of an id and the reason.
    """

    student_ids: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()


def due(*, requester: Requester, years: int) -> Retention:
    """Return whose last trace is ``years`` or more behind ``now``. Owners only.

    A trace is a session's end, a relationship's end, and any change of the record. Whoever is asked
    for, taught, paused, or will be, is not among them. InvalidError for fewer years than one or
    more than a hundred.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=_("erase somebody"))
    if not FEWEST_YEARS <= years <= MOST_YEARS:
        raise invalid(
            "years",
            _("Say for how many years, from {fewest_years} to {most_years}.").format(
                fewest_years=FEWEST_YEARS, most_years=MOST_YEARS
            ),
        )
    return Retention(tuple(_silent(requester.now, years).values_list("pk", flat=True)))


def erase_due(*, requester: Requester, years: int) -> Retention:
    """Erase for good whom ``due`` names, each in a transaction of their own. Owners only."""
    erased, refused = [], []
    for student_id in due(requester=requester, years=years).student_ids:
        try:
            erase_student(requester=requester, student_id=student_id)
        except NotFoundError:
            continue  # somebody else erased them meanwhile
        except TandemError as error:
            refused.append((student_id, str(error)))
        else:
            erased.append(student_id)
    return Retention(tuple(erased), tuple(refused))


def _silent(now: datetime, years: int) -> QuerySet[Student]:
    before = now - relativedelta(years=years)
    pairings = TutorStudent.objects.filter(student=OuterRef("pk"))
    open_or_late = pairings.filter(
        Q(status=TutorStudent.Status.PENDING) | open_ended() | Q(ended_on__gt=before.date())
    )
    sessions = Session.objects.filter(student=OuterRef("pk"), ends_at__gt=before)
    return (
        Student.objects.annotate(trace=Greatest(F("created_at"), F("updated_at")))
        .filter(~Exists(open_or_late), ~Exists(sessions), trace__lte=before)
        .order_by("trace", "pk")
    )
