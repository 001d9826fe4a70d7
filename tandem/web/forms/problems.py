"""What is wrong in forms that were sent, one by one, each with the field where it is put right."""

from collections.abc import Iterator
from typing import NamedTuple

from django.forms import BaseForm, BoundField


class Problem(NamedTuple):
    """What a refused form says; of a field that is seen, what it is called and its id."""

    text: str
    called: str = ""
    field: str = ""


def problems_of(form: BaseForm) -> Iterator[Problem]:
    """Yield all that is wrong in a form, in the order of its fields; what is of no field first."""
    for text in form.non_field_errors():
        yield Problem(str(text))
    for field in form:
        for text in field.errors:
            yield _problem(field, str(text))


def _problem(field: BoundField, text: str) -> Problem:
    """A hidden field has no name that anybody knows, and nothing to lead to."""
    if field.is_hidden:
        return Problem(text)
    # Where there are several boxes, the first has a number, and nothing is called by the field.
    first = field.id_for_label or f"{field.auto_id}_0"
    called = str(field.field.widget.attrs.get("aria-label") or field.label)
    return Problem(text, called if called.endswith("?") else f"{called}:", first)
