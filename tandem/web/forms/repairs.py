"""What is typed to put right what came over wrong."""

from typing import Any, ClassVar

from django import forms

from tandem.kit.language import gettext_lazy
from tandem.web.forms.pickers import Chooses, PickField
from tandem.web.forms.relationships import Choices
from tandem.web.forms.sessions import HoursSheet
from tandem.web.forms.sheet import ActionForm, day
from tandem.web.forms.subjects import SubjectField, SubjectsAsked


class RepairHoursSheet(HoursSheet):
    """The right hours of a session, and what it was."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("What it was"),
        choices=[
            ("keep", gettext_lazy("It was, or will be, held then")),
            ("together", gettext_lazy("It was held together with the one it overlaps")),
            ("cancel", gettext_lazy("It was not held")),
        ],
    )


class PlaceSheet(HoursSheet):
    """The relationship, and the hours, of one old session."""

    tutor_student = forms.ChoiceField(label=gettext_lazy("It belongs to"))
    field_order = ("tutor_student", "day", "starts", "coming", "minutes")

    def __init__(self, *args: Any, links: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tutor_student"].choices = links  # type: ignore[attr-defined]


class PlaceAllSheet(SubjectsAsked):
    """The tutor who held a student's old sessions."""

    tutor_id = PickField(gettext_lazy("Tutor"))
    subject = SubjectField(
        gettext_lazy("Subject"), help_text=gettext_lazy("Leave it empty for any subject.")
    )

    def __init__(self, *args: Any, tutors: Chooses, **options: Any) -> None:
        super().__init__(*args, **options)
        self.among(tutors, "tutor_id")


class PlaceParentSheet(ActionForm):
    """The student whose parent an old account is."""

    student_id = PickField(gettext_lazy("Parent of"))

    def __init__(self, *args: Any, students: Chooses, **options: Any) -> None:
        super().__init__(*args, **options)
        self.among(students, "student_id")


class PlacePlanSheet(ActionForm):
    """The tutor whose payment plan it is, and until when it is paid where nobody can tell."""

    PLACES: ClassVar = {"current_period_end": "paid_until"}

    tutor_id = PickField(gettext_lazy("Tutor"))
    paid_until = day(gettext_lazy("Paid until"), required=True)

    def __init__(self, *args: Any, tutors: Chooses, end_is_known: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.among(tutors, "tutor_id")
        if end_is_known:
            del self.fields["paid_until"]
