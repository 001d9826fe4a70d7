"""Which days a report is about, whose hours, and what its lines stand for."""

from typing import Any

from django import forms

from tandem.insights.reports import By
from tandem.kit.language import gettext_lazy
from tandem.web.forms.filters import Filter
from tandem.web.forms.pickers import Chooses, PickField
from tandem.web.forms.sheet import day
from tandem.web.forms.subjects import SubjectField
from tandem.web.shares import OUTCOMES
from tandem.web.sorting import Column, SortField

MOST = (gettext_lazy("most first"), gettext_lazy("fewest first"))
NAME = Column("name", gettext_lazy("Name"))
HOURS_COLUMNS = (
    NAME,
    Column("sessions", gettext_lazy("Sessions"), falls=True, words=MOST),
    Column("minutes", gettext_lazy("Hours"), falls=True, words=MOST),
    Column("no_shows", gettext_lazy("No-shows"), falls=True, words=MOST),
    Column("cancelled", gettext_lazy("Cancelled"), falls=True, words=MOST),
)
OUTCOME_COLUMNS = (
    NAME,
    Column("recorded", gettext_lazy("Sessions"), falls=True, words=MOST),
    *(Column(name, label, falls=True, words=MOST) for name, label in OUTCOMES.items()),
)


class ReportFilter(Filter):
    """Both days are included."""

    first_day = day(gettext_lazy("From"), required=True)
    last_day = day(gettext_lazy("Until"), required=True)
    tutor = PickField(gettext_lazy("Tutor"), required=False)
    student = PickField(gettext_lazy("Student"), required=False)
    subject = SubjectField(gettext_lazy("Subject"))
    by = forms.TypedChoiceField(
        coerce=By, choices=[(by, by) for by in By], widget=forms.HiddenInput
    )

    def __init__(
        self, *args: Any, tutors: Chooses | None, students: Chooses, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["student"].of(*students)  # type: ignore[attr-defined]
        if tutors is None:
            del self.fields["tutor"]
        else:
            self.fields["tutor"].of(*tutors)  # type: ignore[attr-defined]

    def names(self) -> list[str]:
        """Return whose hours alone are counted, in words; of nobody: everybody's are."""
        people = [self.fields.get(name) for name in ("tutor", "student")]
        found = [one.widget.resolved for one in people if isinstance(one, PickField)]
        subject = self.cleaned_data["subject"]
        return [*(one.name for one in found if one), *([subject] if subject else [])]


class HoursFilter(ReportFilter):
    """Hours, in the order of a column."""

    sort = SortField(HOURS_COLUMNS, hidden=True)


class OutcomesFilter(ReportFilter):
    """What came of sessions, in the order of a column."""

    sort = SortField(OUTCOME_COLUMNS, hidden=True)
