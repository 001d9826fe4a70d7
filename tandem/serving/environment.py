"""Numbers and lists from the environment; a value that is none is refused by name."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured


def whole_number(name: str, default: int, *, least: int = 1) -> int:
    """Return the number in the environment; ImproperlyConfigured for what is none or too small."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise ImproperlyConfigured(f"{name} has to be a whole number from {least} up: {text!r}.")
    return int(text)


def words(name: str) -> list[str]:
    """Return what stands between the commas, without the empty ones."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Return addresses and networks; ImproperlyConfigured for what is neither."""
    try:
        return [ip_network(word, strict=False) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} has to be addresses or networks with commas between: {error}."
        ) from error


def one_of(name: str, *choices: str) -> str:
    """Return the word in the environment, the first of ``choices`` without one.

    ImproperlyConfigured for any other.
    """
    word = os.environ.get(name, "").strip() or choices[0]
    if word not in choices:
        raise ImproperlyConfigured(f"{name} has to be one of {', '.join(choices)}: {word!r}.")
    return word
