"""What is typed about guardians."""

from typing import ClassVar

from django import forms

from tandem.kit.language import gettext_lazy
from tandem.people.models import Guardian
from tandem.web.forms.sheet import ActionForm, text


class GuardianSheet(ActionForm):
    """A guardian: how to reach them, and what they want to be told."""

    RECORD: ClassVar[tuple[str, ...]] = ("full_name", "email", "phone", "language", "notices")

    full_name = text(gettext_lazy("Name"))
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = text(gettext_lazy("Phone"), required=False)
    language = text(
        gettext_lazy("Language"),
        required=False,
        help_text=gettext_lazy("A short form: letters to de are in German, all others in English."),
    )
    notices = forms.MultipleChoiceField(
        label=gettext_lazy("What they are told by e-mail"),
        required=False,
        choices=Guardian.Notice.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Once notices are switched on for the business."),
    )
