"""What is typed about guardians."""

from typing import ClassVar

from django import forms

from tandem.people.models import Guardian
from tandem.web.forms.sheet import ActionForm, text


class GuardianSheet(ActionForm):
    """A guardian: how to reach them, and what they want to be told."""

    RECORD: ClassVar[tuple[str, ...]] = ("full_name", "email", "phone", "language", "notices")

    full_name = text("Name")
    email = forms.EmailField(label="E-mail", required=False)
    phone = text("Phone", required=False)
    language = text(
        "Language",
        required=False,
        help_text="A short form: letters to de are in German, all others in English.",
    )
    notices = forms.MultipleChoiceField(
        label="What they are told by e-mail",
        required=False,
        choices=Guardian.Notice.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Once notices are switched on for the business.",
    )
