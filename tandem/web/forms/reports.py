"""Which days a report is about, and what its lines stand for."""

from django import forms

from tandem.insights.reports import By
from tandem.web.forms.filters import Filter
from tandem.web.forms.sheet import day


class HoursFilter(Filter):
    """Both days are included."""

    first_day = day("From", required=True)
    last_day = day("Until", required=True)
    by = forms.TypedChoiceField(
        coerce=By, choices=[(by, by) for by in By], widget=forms.HiddenInput
    )
