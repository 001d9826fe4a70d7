"""Numbers, lists and files from the environment; a value that is none is refused by name."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

from tandem.kit.pictures import MOST_OF_A_SIDE, MOST_OF_PICTURE, Picture, picture_of

MOST_PORTS = 65_535


def whole_number(name: str, default: int, *, least: int = 1) -> int:
    """Return the number in the environment; ImproperlyConfigured for what is none or too small."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise ImproperlyConfigured(f"{name} has to be a whole number from {least} up: {text!r}.")
    return int(text)


def port(name: str) -> int | None:
    """Return the port in the environment, if one is named, else ImproperlyConfigured."""
    number = whole_number(name, 0)
    if number > MOST_PORTS:
        raise ImproperlyConfigured(f"{name} has to be a port, {MOST_PORTS} at most: {number}.")
    return number or None


def web_address(name: str, *, strict: bool) -> str:
    """Return an address without the slash at its end; ImproperlyConfigured, if ``strict``, for
    what begins with neither http:// nor https://, or names no host.
    """
    text = os.environ.get(name, "").strip().rstrip("/")
    if strict and text and not _split(text, "http", "https"):
        raise ImproperlyConfigured(
            f"{name} has to be an address such as https://tutoring.example.org: {text!r}."
        )
    return text


def mail_server(name: str) -> SplitResult | None:
    """Return the parts of a mail server's address, if one is named; ImproperlyConfigured else.

    What stands there is not repeated: a password is in it.
    """
    text = os.environ.get(name, "").strip()
    found = _split(text, "smtp", "smtp+tls", "smtps")
    if text and not found:
        raise ImproperlyConfigured(
            f"{name} has to be a mail server's address, with signs such as / in a password written "
            "as %2F, such as smtp+tls://user:password@mail.example.org:587."
        )
    return found


def _split(text: str, *schemes: str) -> SplitResult | None:
    """Return the parts of an address; None where it is none, or begins with none of ``schemes``."""
    try:
        parts = urlsplit(text)
        is_one = parts.scheme in schemes and parts.hostname and (parts.port or 1)
    except ValueError:
        return None
    return parts if is_one else None


def time_zone(name: str, default: str) -> str:
    """Return the name of a zone; ImproperlyConfigured for one that nobody knows."""
    zone = os.environ.get(name, "").strip() or default
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError) as error:
        raise ImproperlyConfigured(
            f"{name} has to be a time zone such as Europe/London: {zone!r}."
        ) from error
    return zone


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


def is_on(name: str, *, default: bool) -> bool:
    """Tell whether the environment says "on"; ImproperlyConfigured for what is neither."""
    choices = ("on", "off") if default else ("off", "on")
    return one_of(name, *choices) == "on"


def line(name: str, default: str, *, most: int) -> str:
    """Return a line of text; ImproperlyConfigured for a longer one, or one that breaks."""
    text = os.environ.get(name, "").strip() or default
    if len(text) > most or not text.isprintable():
        raise ImproperlyConfigured(f"{name} has to be one line of at most {most} characters.")
    return text


def readable_file(name: str) -> Path | None:
    """Return the file that is named, if one is; ImproperlyConfigured where it cannot be read."""
    path = os.environ.get(name, "").strip()
    if not path:
        return None
    try:
        with Path(path).open("rb"):
            return Path(path)
    except OSError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {path}: {error.strerror}.") from error


def picture(name: str) -> Picture | None:
    """Return the PNG or JPEG file that is named, if one is; ImproperlyConfigured where it is none.

    An SVG file is none: it can hold scripts.
    """
    path = readable_file(name)
    if path is None:
        return None
    with path.open("rb") as file:
        content = file.read(MOST_OF_PICTURE + 1)
    found = picture_of(content)
    if found is None:
        most = f"{MOST_OF_PICTURE // 1000} kB and {MOST_OF_A_SIDE} by {MOST_OF_A_SIDE} pixels"
        raise ImproperlyConfigured(
            f"{name} has to be a PNG or JPEG file of at most {most}: {path}."
        )
    return found
