"""What became of a lesson of several students: a part of the form for each."""

from collections.abc import Sequence
from typing import Any

from django import forms

from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.group_records import Record
from tandem.lessons.models import Session
from tandem.web.forms.sessions import progress
from tandem.web.forms.sheet import ActionForm, text

PARTS = ("notes", "homework", "progress")
BECAME = [
    ("completed", gettext_lazy("Was there")),
    ("no_show", gettext_lazy("Did not come")),
    ("", gettext_lazy("Leave it as it is")),
]


class GroupSheet(ActionForm):
    """For each student whether they came, what was done, homework and progress."""

    def __init__(self, *args: Any, rows: Sequence[Session], **options: Any) -> None:
        self.rows = rows
        super().__init__(*args, **options)
        for row in rows:
            is_open = row.status == Session.Status.SCHEDULED
            fields: dict[str, forms.Field] = {
                "became": forms.ChoiceField(
                    label=_("Came"),
                    required=False,
                    choices=BECAME,
                    initial="completed" if is_open else "",
                ),
                "notes": text(_("What was done"), required=False, rows=3),
                "homework": text(_("Homework"), required=False, rows=2),
                "progress": progress(),
            }
            for name, one in fields.items():
                if name in PARTS:
                    one.initial = getattr(row, name)
                one.widget.attrs["aria-label"] = f"{one.label}: {row.student.full_name}"
                self.fields[f"{name}_{row.pk}"] = one

    def records(self) -> list[Record]:
        """Return what was said of each."""
        typed = self.cleaned_data
        return [
            Record(
                row.pk,
                typed[f"became_{row.pk}"] or None,
                {name: typed[f"{name}_{row.pk}"] for name in PARTS},
            )
            for row in self.rows
        ]

    def _in_words(self, name: str) -> str:
        """Return of what became of a lesson its status: that is what is saved."""
        status = {f"became_{row.pk}": row.status for row in self.rows}.get(name)
        return str(Session.Status(status).label) if status else super()._in_words(name)

    def by_student(self) -> list[tuple[Session, list[Any]]]:
        """Return each session with its fields."""
        return [
            (row, [self[f"{name}_{row.pk}"] for name in ("became", *PARTS)]) for row in self.rows
        ]
