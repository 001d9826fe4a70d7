"""What every template may say of the business and of its language, and the texts that it says.

``translate`` and ``blocktranslate`` are written as Django's are, so that its tools read them; they
ask ``tandem.kit.language``, which knows what it said before.
"""

from typing import Any

from django import template
from django.template.base import Node, Parser, Token, render_value_in_context
from django.template.context import Context
from django.templatetags.i18n import (
    BlockTranslateNode,
    TranslateNode,
    do_block_translate,
    do_translate,
)
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tandem.kit.language import CODES, NAMES, gettext, ngettext, spoken
from tandem.people import business
from tandem.web.language import CHOICE

register = template.Library()


class Text(Node):
    """A text without parts that are filled in."""

    def __init__(self, text: str, asvar: str | None) -> None:
        self.text, self.asvar = text, asvar

    def render(self, context: Context) -> SafeString:
        text = mark_safe(gettext(self.text))  # noqa: S308 - the project's own text
        if self.asvar:
            context[self.asvar] = text
            return mark_safe("")
        return text


class Filled(Node):
    """A text with names in it that are filled in; ``many`` where a number decides between two."""

    def __init__(self, parsed: BlockTranslateNode) -> None:
        self.parsed = parsed
        self.one, self.names = parsed.render_token_list(parsed.singular)
        self.many, more = parsed.render_token_list(parsed.plural) if parsed.plural else ("", [])
        self.names = [*self.names, *more]

    def render(self, context: Context) -> SafeString:
        given = {name: value.resolve(context) for name, value in self.parsed.extra_context.items()}
        text = self._counted(context, given) if self.many else gettext(self.one)
        filled = text % {
            name: render_value_in_context(
                given[name] if name in given else context.get(name, ""), context
            )
            for name in self.names
        }
        return mark_safe(filled)  # noqa: S308 - each part was escaped by itself

    def _counted(self, context: Context, given: dict[str, Any]) -> str:
        """Return the text for a number, which stands among what is given from then on."""
        with context.push(**given):
            number = self.parsed.counter.resolve(context) if self.parsed.counter else 0
        given[self.parsed.countervar or ""] = number
        return ngettext(self.one, self.many, number)


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """Say a text; it stands in quotes, since what is not written here cannot be looked for."""
    parsed: TranslateNode = do_translate(parser, token)
    return Text(str(parsed.filter_expression.var.literal), parsed.asvar)


@register.tag
def blocktranslate(parser: Parser, token: Token) -> Node:
    """Say a text with names in double braces."""
    return Filled(do_block_translate(parser, token))


@register.simple_tag
def business_name() -> str:
    """Return what those who learn and teach here know the business by."""
    return business.business_name()


@register.simple_tag
def brand() -> SafeString:
    """Show the business: its logo where it has one, and its name."""
    name = format_html("<bdi>{}</bdi>", business.business_name())
    logo = business.business_logo()
    if logo is None:
        return name
    address = reverse("business_logo", args=[logo.tag])
    return format_html('<img src="{}" alt="" height="32">{}', address, name)


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
    others = []
    for code in CODES:
        if code != spoken():
            query = request.GET.copy()
            query[CHOICE] = code
            others.append((code, NAMES[code], f"?{query.urlencode()}"))
    return {"others": others}
