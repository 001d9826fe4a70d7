"""What is typed about guardians."""

from typing import Any, ClassVar

from django import forms

from tandem.kit.language import ENGLISH, NAMES, gettext_lazy, known
from tandem.kit.language import gettext as _
from tandem.people.models import Guardian
from tandem.web.forms.sheet import ActionForm, text


class GuardianSheet(ActionForm):
    """A guardian: how to reach them, and what they want to be told."""

    RECORD: ClassVar[tuple[str, ...]] = ("full_name", "email", "phone", "language", "notices")

    full_name = text(gettext_lazy("Name"))
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = text(gettext_lazy("Phone"), required=False)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        help_text=gettext_lazy("In which letters are written: English where it is not known."),
    )
    notices = forms.MultipleChoiceField(
        label=gettext_lazy("What they are told by e-mail"),
        required=False,
        choices=Guardian.Notice.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Once notices are switched on for the business."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        noted = self.initial.get("language", "")
        others = [] if noted in {"", *NAMES} else [(noted, _noted(noted))]
        choices = [("", _("Not known")), *NAMES.items(), *others]
        self.fields["language"].choices = choices  # type: ignore[attr-defined]


def _noted(language: str) -> str:
    """Return how a language is offered that is noted already: one there is not stays so, too."""
    written = NAMES[known(language) or ENGLISH]
    return _("{language}, as noted: letters are in {written}").format(
        language=language, written=written
    )
