"""What every template may say of the language that it speaks."""

from typing import Any

from django import template

from tandem.web.language import CHOICE, CODES, spoken

NAMES = {"en": "English", "de": "Deutsch"}
"""What each language calls itself."""

register = template.Library()


@register.simple_tag
def page_language() -> str:
    """Return the language of the page, as ``lang`` of its root says it."""
    return spoken()


@register.inclusion_tag("languages.html", takes_context=True)
def language_links(context: dict[str, Any]) -> dict[str, Any]:
    """Offer the page in each other language; nothing where no request is known."""
    request = context.get("request")
    if request is None or request.method not in {"GET", "HEAD"}:
        return {"others": []}
    now = spoken()
    others = []
    for code in CODES:
        if code != now:
            query = request.GET.copy()
            query[CHOICE] = code
            others.append((code, NAMES[code], f"?{query.urlencode()}"))
    return {"others": others}
