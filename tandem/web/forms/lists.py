"""What lists and pages of students and of tutors are narrowed to, and how they are sorted."""

from django import forms

from tandem.kit.language import gettext_lazy
from tandem.web.forms.filters import Filter
from tandem.web.forms.sheet import day
from tandem.web.sorting import Column, SortField

STUDENT_COLUMNS = (
    Column("name", gettext_lazy("Student")),
    Column(
        "year",
        gettext_lazy("Year"),
        words=(gettext_lazy("youngest first"), gettext_lazy("oldest first")),
    ),
    Column(
        "added",
        gettext_lazy("Added"),
        falls=True,
        words=(gettext_lazy("newest first"), gettext_lazy("oldest first")),
    ),
)
TUTOR_COLUMNS = (
    Column("name", gettext_lazy("Tutor")),
    Column(
        "teaching",
        gettext_lazy("Teaching"),
        falls=True,
        words=(gettext_lazy("most first"), gettext_lazy("fewest first")),
    ),
)


class StudentFilter(Filter):
    """With ``as_of`` the list is of those who were taught on that day."""

    q = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=200)
    which = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            ("active", gettext_lazy("Learning now")),
            ("untaught", gettext_lazy("Without a tutor")),
            ("inactive", gettext_lazy("Inactive")),
            ("all", gettext_lazy("All")),
        ],
    )
    as_of = day(gettext_lazy("As of"))
    sort = SortField(STUDENT_COLUMNS)


class StudentDay(Filter):
    """The day of which a student's page is to tell; without one it tells of today."""

    as_of = day(gettext_lazy("As of"))


class TutorFilter(Filter):
    """With ``as_of`` it is told how many each taught on that day."""

    q = forms.CharField(label=gettext_lazy("Name or e-mail"), required=False, max_length=200)
    as_of = day(gettext_lazy("As of"))
    sort = SortField(TUTOR_COLUMNS)
