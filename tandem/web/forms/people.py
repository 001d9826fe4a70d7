"""What is typed about students and tutors."""

from collections.abc import Sequence
from typing import Any

from django import forms

from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.time import known_zones, place_of_zone
from tandem.people.models import TutorSubject
from tandem.people.rules import Taught
from tandem.people.wish_rules import Wanted
from tandem.relationships.actions import Pairing
from tandem.relationships.rules import NEEDS_TUTOR
from tandem.web.forms.pickers import Chooses, PickField
from tandem.web.forms.sheet import ActionForm, day, text
from tandem.web.forms.subjects import SubjectField, SubjectsAsked
from tandem.web.forms.wishes import PARTS, check_lines, hours_fields, hours_typed, level_field

MORE_TUTORS = 3
WISHED = "wished"
WISH_FIELDS = ("level", *(f"{part}_{WISHED}" for part in PARTS))
WAITS_FOR_NOBODY = gettext_lazy(
    "How far and when is noted for who waits: leave the primary tutor empty, or leave this empty."
)
SPARE_SUBJECTS = 3


def zones() -> list[tuple[str, str]]:
    """Return every time zone, after that of the business."""
    return [
        ("", _("The same as the business")),
        *sorted(
            ((zone, f"{place_of_zone(zone)} ({zone})") for zone in known_zones()),
            key=lambda one: one[1].casefold(),
        ),
    ]


class StudentSheet(ActionForm):
    """A student's record."""

    full_name = text(gettext_lazy("Name"))
    year = text(
        gettext_lazy("Year"),
        required=False,
        help_text=gettext_lazy("For example 10, or Sixth form."),
    )
    parent_email = forms.EmailField(label=gettext_lazy("Parents’ e-mail"), required=False)
    email = forms.EmailField(label=gettext_lazy("Student’s e-mail"), required=False)
    phone = text(gettext_lazy("Phone"), required=False)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False, choices=zones)
    active = forms.BooleanField(
        label=gettext_lazy("Learning here now"),
        required=False,
        help_text=gettext_lazy("Without this no sessions can be planned."),
    )


class NewStudentSheet(SubjectsAsked):
    """A new student with the primary tutor, and with as many further ones as are named."""

    full_name = text(gettext_lazy("Name"))
    year = text(
        gettext_lazy("Year"),
        required=False,
        help_text=gettext_lazy("For example 10, or Sixth form."),
    )
    parent_email = forms.EmailField(
        label=gettext_lazy("Parents’ e-mail"),
        required=False,
        help_text=gettext_lazy("Where the link to the progress is sent."),
    )
    tutor = PickField(
        gettext_lazy("Primary tutor"),
        required=False,
        help_text=gettext_lazy("Leave it empty for who waits for a tutor."),
    )
    subject = SubjectField(
        gettext_lazy("Subject"), help_text=gettext_lazy("Leave it empty for any subject.")
    )
    started_on = day(
        gettext_lazy("Begins on"), help_text=gettext_lazy("Leave it empty to begin today.")
    )

    def __init__(self, *args: Any, tutors: Chooses, own: str | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.own = own
        if own is not None:
            del self.fields["tutor"]
            return
        self.among(tutors, "tutor")
        self.fields["level"] = level_field()
        self.fields |= hours_fields(WISHED)
        for number in range(2, MORE_TUTORS + 2):
            self.fields[f"tutor_{number}"] = PickField(
                _("Tutor {number}").format(number=number), required=False
            )
            self.among(tutors, f"tutor_{number}")
            self.fields[f"subject_{number}"] = SubjectField(
                _("Subject with tutor {number}").format(number=number)
            )
            self.fields[f"started_on_{number}"] = day(
                _("From, with tutor {number}").format(number=number)
            )

    @property
    def first(self) -> list[Any]:
        """The fields that everybody needs."""
        apart = {one.name for one in self.wished}
        return [
            field
            for field in self.visible_fields()
            if not field.name[-1].isdigit() and field.name not in apart
        ]

    @property
    def wished(self) -> list[Any]:
        """The fields about who waits: how far they would like to get, and when it would suit."""
        return [self[name] for name in WISH_FIELDS if name in self.fields]

    @property
    def more(self) -> list[Any]:
        """The fields for further tutors."""
        return [field for field in self.visible_fields() if field.name[-1].isdigit()]

    def clean(self) -> dict[str, Any]:
        """Refuse without a primary tutor what only a tutor can have."""
        typed = super().clean()
        if self.own is not None or "tutor" in self.errors:
            return typed
        check_lines(self, typed, [WISHED])
        named = ["started_on", *(f"tutor_{n}" for n in range(2, MORE_TUTORS + 2))]
        wished = [name for name in WISH_FIELDS if typed.get(name)]
        if not typed.get("tutor") and any(typed.get(name) for name in named):
            self.add_error("tutor", NEEDS_TUTOR)
        elif wished and typed.get("tutor"):
            self.add_error(wished[0], WAITS_FOR_NOBODY)
        elif wished and not typed.get("subject"):
            self.add_error("subject", _("Name the subject."))
        return typed

    def pairings(self) -> list[Pairing]:
        """Return the tutors who were named, the primary first; none for who waits for one."""
        typed = self.cleaned_data
        if not (self.own or typed["tutor"]):
            return []
        first = Pairing(self.own or typed["tutor"], typed["subject"], typed["started_on"])
        return [
            first,
            *(
                Pairing(typed[f"tutor_{n}"], typed[f"subject_{n}"], typed[f"started_on_{n}"])
                for n in range(2, MORE_TUTORS + 2)
                if typed.get(f"tutor_{n}")
            ),
        ]

    def wishes(self) -> list[Wanted]:
        """Return what somebody who waits would like to learn; nothing of who has a tutor."""
        typed = self.cleaned_data
        if self.own or typed["tutor"] or not typed["subject"]:
            return []
        return [Wanted(typed["subject"], typed["level"], hours_typed(typed, [WISHED]))]


class TutorSheet(ActionForm):
    """A tutor's record, as an owner writes it."""

    full_name = text(gettext_lazy("Name"))
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy(
            "Where mail goes. The address to sign in with is part of the account."
        ),
    )
    phone = text(gettext_lazy("Phone"), required=False)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False, choices=zones)
    capacity = forms.IntegerField(
        label=gettext_lazy("Most students at once"),
        required=False,
        min_value=0,
        max_value=100_000,
        help_text=gettext_lazy("Leave it empty for no limit."),
    )
    active = forms.BooleanField(
        label=gettext_lazy("Works here now"),
        required=False,
        help_text=gettext_lazy("Without this no new students are taken."),
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, own: bool = False, new: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        left_out = {"capacity", "active"} if own else {"active", "plan"} if new else set()
        for name in left_out:
            del self.fields[name]


class SubjectsSheet(SubjectsAsked):
    """What a tutor teaches: a line for each subject, and a few empty ones."""

    PLACES = {"subjects": "subject_1"}

    def __init__(self, *args: Any, taught: Sequence[Taught], **options: Any) -> None:
        super().__init__(*args, **options)
        for number, one in enumerate([*taught, *[Taught("")] * SPARE_SUBJECTS], start=1):
            name = SubjectField(_("Subject {number}").format(number=number))
            level = forms.ChoiceField(
                label=_("Level of subject {number}").format(number=number),
                required=False,
                choices=TutorSubject.Level.choices,
            )
            name.initial, level.initial = one.subject, one.level
            self.fields |= {f"subject_{number}": name, f"level_{number}": level}

    def taught(self) -> list[Taught]:
        """Return every line that names a subject."""
        typed = self.cleaned_data
        numbers = range(1, len(self.visible_fields()) // 2 + 1)
        lines = [Taught(typed[f"subject_{n}"], typed[f"level_{n}"]) for n in numbers]
        return [line for line in lines if line.subject]

    def lines(self) -> list[tuple[Any, Any]]:
        """Return the two fields of each line."""
        fields = self.visible_fields()
        return list(zip(fields[::2], fields[1::2], strict=True))
