"""What is said about notices to families."""

from django import forms

from tandem.people.models import Guardian
from tandem.web.forms.sheet import Sheet


class NoticesSheet(Sheet):
    """Whether families are told by mail, and of what."""

    is_on = forms.BooleanField(label="Tell families by e-mail", required=False)
    kinds = forms.MultipleChoiceField(
        label="What they can be told",
        required=False,
        choices=Guardian.Notice.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Each guardian is told what they chose among these.",
    )
