"""A form that changes something: it carries a key of its own and what its writer had seen."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.core.validators import MaxValueValidator, MinValueValidator

from tandem.kit.dates import day_words
from tandem.kit.errors import InvalidError, TandemError
from tandem.kit.ids import new_id
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.people.models import Account
from tandem.web.forms.pickers import Chooses, PickField
from tandem.web.forms.sentences import speak_for_ourselves

KEY, SEEN, SHOWN = "form_key", "form_seen", "form_shown"
CARRIED = frozenset({KEY, SEEN, SHOWN})
"""What a form carries of itself, beside what is typed."""
SALT = "tandem.web.form"
LONGEST_TEXT = 20_000


def new_key(account: Account | None) -> str:
    """Return a key for one sending of one form by one account; nobody else can make one."""
    return signing.dumps([account.pk if account else "", new_id()], salt=SALT)


def account_of_key(key: str) -> str | None:
    """Return the id of the account that a key was given to, or None where it is not a key."""
    try:
        account_id, _new = signing.loads(key, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(account_id)


class ActionForm(forms.Form):
    """``PLACES`` says where a refusal of a field of the model is shown: domain word -> field."""

    PLACES: ClassVar[Mapping[str, str]] = {}
    error_css_class = "wrong"
    status = 422
    """The status of the page on which a refused form stands."""
    places: Mapping[str, str] = {}
    """More of ``PLACES``, where they depend on what was typed."""
    is_refused = False
    """Whether what was typed was right, but could not be done as things are."""
    came_back = ""
    """What a part of a page says of a form that was kept over a new sign-in."""
    only_looks = False
    """Whether what it would do is asked for; then nothing is done."""
    saved_now: Mapping[str, str] = {}
    """Where somebody else saved meanwhile: field -> what is saved now, in words."""

    form_key = forms.CharField(widget=forms.HiddenInput, required=False)
    form_seen = forms.CharField(widget=forms.HiddenInput, required=False)
    form_shown = forms.CharField(widget=forms.HiddenInput, required=False)
    """Marks of the texts that stood in it when it was opened (``typed.marks_of_shown``)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})

    def full_clean(self) -> None:
        """Judge what was typed; fields may have come since the form was made."""
        speak_for_ourselves(self.fields)
        super().full_clean()

    def among(self, chooses: Chooses, *names: str) -> None:
        """Say who can be named in the fields ``names``."""
        for name in names:
            if isinstance(field := self.fields[name], PickField):
                field.of(*chooses)

    def given(self) -> dict[str, Any]:
        """Return what was typed, without what the form itself carries."""
        return {name: value for name, value in self.cleaned_data.items() if name not in CARRIED}

    def refuse(self, refusal: TandemError, status: int) -> None:
        """Show a refusal beside the fields it speaks of, or else at the top."""
        self.status = status
        if not isinstance(refusal, InvalidError):
            self.is_refused = True
            self.add_error(None, str(refusal))
            return
        for one in refusal.errors:
            name = {**self.PLACES, **self.places}.get(one.field, one.field)
            self.add_error(name if name in self.fields else None, one.message)

    def beside(self, seen: str) -> None:
        """Let the writer look at what is saved now beside what they typed, and send again."""
        self.saved_now = {
            name: self._in_words(name)
            for name in self.changed_data
            if not self.fields[name].widget.is_hidden
        }
        self.carry(SEEN, seen)

    def carry(self, name: str, value: str) -> None:
        """Let the form, when it is sent again, carry something else."""
        self.data = {**{one: self.data[one] for one in self.data}, name: value}

    def let_carry(self, name: str, value: str) -> None:
        """Carry something in a hidden field, whether the form is fresh or was refused."""
        self.initial[name] = value
        if self.is_bound:
            self.carry(name, value)

    def _in_words(self, name: str) -> str:
        """Return what is saved in a field, as a person reads it."""
        value = self.get_initial_for_field(self.fields[name], name)
        choices = {str(key): words for key, words in getattr(self.fields[name], "choices", ())}
        values = value if isinstance(value, list) else [value]
        said = [choices.get(str(one)) or _said(one) for one in values if one not in {None, ""}]
        return ", ".join(map(str, said)) or _("nothing")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return day_words(value)
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


def text(
    label: str, *, required: bool = True, rows: int = 0, longest: int = 0, **options: Any
) -> forms.CharField:
    """Return a field for words, at most ``longest``: a line, or ``rows`` lines."""
    widget = (
        forms.Textarea({"rows": rows, "dir": "auto"}) if rows else forms.TextInput({"dir": "auto"})
    )
    longest = longest or (LONGEST_TEXT if rows else 300)
    return forms.CharField(
        label=label, required=required, widget=widget, max_length=longest, **options
    )


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
BETWEEN = gettext_lazy("Choose a day from 1900 to 2200.")


def day(label: str, *, required: bool = False, **options: Any) -> forms.DateField:
    """Return a field for a date, which browsers show as a calendar; not farther than the API's."""
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    near = [MinValueValidator(FIRST_DAY, BETWEEN), MaxValueValidator(LAST_DAY, BETWEEN)]
    return forms.DateField(
        label=label, required=required, widget=widget, validators=near, **options
    )


def clock(label: str, **options: Any) -> forms.TimeField:
    """Return a field for a time on the wall."""
    widget = forms.TimeInput({"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget, **options)
