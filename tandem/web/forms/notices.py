"""What is said about notices to families and tutors."""

from django import forms

from tandem.kit.language import gettext_lazy
from tandem.lessons.outbox import every_change
from tandem.people.models import Guardian
from tandem.web.forms.sheet import ActionForm, text

LONGEST_PART = 2_000


class NoticesSheet(ActionForm):
    """Whether families are told by mail, and of what."""

    is_on = forms.BooleanField(label=gettext_lazy("Tell families by e-mail"), required=False)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What they can be told"),
        required=False,
        choices=Guardian.Notice.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Each guardian is told what they chose among these."),
    )


class LetterTextSheet(ActionForm):
    """What letters of a kind say in a language; a part that is empty is Tandem's own."""

    subject = text(gettext_lazy("Subject"), required=False)
    intro = text(gettext_lazy("Beginning"), required=False, rows=3, longest=LONGEST_PART)
    closing = text(
        gettext_lazy("End"),
        required=False,
        rows=3,
        longest=LONGEST_PART,
        help_text=gettext_lazy("For example who can be asked, and when."),
    )


class OwnNoticesSheet(ActionForm):
    """What a tutor is told of their own diary."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What you are told by e-mail"),
        required=False,
        choices=[one for one in Guardian.Notice.choices if one[0] in every_change()],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "When somebody else changes it in your diary; never what you did yourself."
        ),
    )
