"""Secrets in groups, so that somebody can type them."""

from django import template

register = template.Library()


@register.filter
def in_fours(secret: str) -> str:
    """Return a secret in groups of four characters."""
    return _grouped(secret, 4)


@register.filter
def in_fives(code: str) -> str:
    """Return a code in groups of five digits."""
    return _grouped(code, 5)


def _grouped(text: str, size: int) -> str:
    return " ".join(text[start : start + size] for start in range(0, len(text), size))
