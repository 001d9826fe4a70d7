"""What the lists of students and of tutors are narrowed to, and how they are sorted."""

from django import forms

from tandem.web.forms.filters import Filter
from tandem.web.forms.sheet import day
from tandem.web.sorting import Column, SortField

STUDENT_COLUMNS = (
    Column("name", "Student"),
    Column("year", "Year", words=("youngest first", "oldest first")),
    Column("added", "Added", falls=True, words=("newest first", "oldest first")),
)
TUTOR_COLUMNS = (
    Column("name", "Tutor"),
    Column("teaching", "Teaching", falls=True, words=("most first", "fewest first")),
)


class StudentFilter(Filter):
    """With ``as_of`` the list is of those who were taught on that day."""

    q = forms.CharField(label="Name", required=False, max_length=200)
    which = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[
            ("active", "Learning now"),
            ("untaught", "Without a tutor"),
            ("inactive", "Inactive"),
            ("all", "All"),
        ],
    )
    as_of = day("As of")
    sort = SortField(STUDENT_COLUMNS)


class TutorFilter(Filter):
    """With ``as_of`` it is told how many each taught on that day."""

    q = forms.CharField(label="Name or e-mail", required=False, max_length=200)
    as_of = day("As of")
    sort = SortField(TUTOR_COLUMNS)
