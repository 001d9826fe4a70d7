"""What the templates of forms ask of a field."""

from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput

from tandem.kit.language import gettext as _
from tandem.web.changed_meanwhile import Changing
from tandem.web.forms.problems import Problem, problems_of
from tandem.web.forms.reasons import ReasonedChoice, Reasons
from tandem.web.forms.sheet import KEY, SEEN, ActionForm, new_key
from tandem.web.language import key_kept

register = template.Library()
FORMS = ("form", "verify_form", "webauthn_form")
"""What the forms of a page are called: Tandem's own, and what allauth calls its further ones."""


@register.inclusion_tag("problems.html", takes_context=True)
def problems(context: dict[str, Any]) -> dict[str, list[Problem]]:
    """Say on top of a page what is wrong with its form, with a link to each field of which it is.

    The one place of it for all pages: a form's own template says only what stands beside fields.
    """
    return {"problems": _problems(context)}


@register.simple_tag(takes_context=True)
def refused_mark(context: dict[str, Any]) -> str:
    """Return what the title of a page begins with whose form is refused; else nothing."""
    return _("Error: ") if _problems(context) else ""


def _problems(context: dict[str, Any]) -> list[Problem]:
    found = (context.get(name) for name in FORMS)
    # allauth gives one form two names.
    forms = {id(form): form for form in found if isinstance(form, BaseForm)}
    return [one for form in forms.values() for one in problems_of(form)]


@register.filter
def is_check(field: BoundField) -> bool:
    """Tell whether a field is a box to tick, which stands before its words."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def reasons(field: BoundField) -> list[Reasons]:
    """Return what speaks for each who can be chosen, of who is chosen first."""
    choice = field.field
    return choice.reasons_for(field.value()) if isinstance(choice, ReasonedChoice) else []


@register.filter
def saved_now(field: BoundField) -> str:
    """Return what somebody else has saved in this field meanwhile, or ''."""
    return field.form.saved_now.get(field.name, "") if isinstance(field.form, ActionForm) else ""


@register.simple_tag(takes_context=True)
def find_key(context: dict[str, Any]) -> str:
    """Return ``off`` where the key / leads nowhere, as its reader just chose or chose before."""
    return context.get("keys") or key_kept(context["request"])


@register.inclusion_tag("form_key.html", takes_context=True)
def form_key(context: dict[str, Any], row: Changing | None = None) -> dict[str, dict[str, str]]:
    """Give a form of one button its key, and what was seen of the ``row`` that it changes."""
    carried = {KEY: new_key(context["request"].reader.viewer.account)}
    return {"carried": carried | ({SEEN: row.updated_at.isoformat()} if row else {})}
