"""What is typed to put right what came over wrong."""

from typing import Any

from django import forms

from tandem.web.forms.relationships import Choices
from tandem.web.forms.sessions import HoursSheet
from tandem.web.forms.sheet import Sheet, text


class RepairHoursSheet(HoursSheet):
    """The right hours of a session, and what it was."""

    verdict = forms.ChoiceField(
        label="What it was",
        choices=[
            ("keep", "It was, or will be, held then"),
            ("together", "It was held together with the one it overlaps"),
            ("cancel", "It was not held"),
        ],
    )


class PlaceSheet(HoursSheet):
    """The relationship, and the hours, of one old session."""

    tutor_student = forms.ChoiceField(label="It belongs to")
    field_order = ("tutor_student", "day", "starts", "coming", "minutes")

    def __init__(self, *args: Any, links: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tutor_student"].choices = links  # type: ignore[attr-defined]


class PlaceAllSheet(Sheet):
    """The tutor who held a student's old sessions."""

    tutor_id = forms.ChoiceField(label="Tutor")
    subject = text("Subject", required=False, help_text="Leave it empty for any subject.")

    def __init__(self, *args: Any, tutors: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tutor_id"].choices = tutors  # type: ignore[attr-defined]
