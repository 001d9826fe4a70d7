"""Single values as the old application wrote them: ids, secrets and moments in every form.

A moment is an integer throughout: Unix milliseconds, UTC.
"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from random import Random
from string import ascii_letters, ascii_lowercase, digits
from typing import Literal

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Dates = Literal["mixed", "iso"]
Stamp = int | str
Form = Callable[[int], Stamp]
Row = tuple[object, ...]

EPOCH = date(1970, 1, 1)
PAIRS = [first + second for first, second in product(digits + ascii_lowercase, repeat=2)]
BASE = len(PAIRS)
FINGERPRINT = "8f3k"

# Whole numbers are turned into text by look-up: a million rows hold four million moments.
CLOCK = [f"{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]


class _Seconds(dict[int, str]):
    """Milliseconds of a minute as seconds, each made once."""

    def __missing__(self, ms: int) -> str:
        self[ms] = f"{ms // SECOND:02}.{ms % SECOND:03}"
        return self[ms]


class _Days(dict[int, str]):
    """Day numbers since 1970 as ISO text, each made once."""

    def __missing__(self, day: int) -> str:
        self[day] = (EPOCH + timedelta(days=day)).isoformat()
        return self[day]


DAYS, SECONDS = _Days(), _Seconds()


def midnight(day: date) -> int:
    """Return the moment at which ``day`` begins in UTC."""
    return (day - EPOCH).days * DAY


def cuid(moment: int, counter: int, noise: int) -> str:
    """Return an id of the shape that ``cuid()`` gives: 25 characters, sorted by moment.

    ``counter`` keeps ids of one millisecond apart; ``noise`` is 40 random bits.
    """
    late, low = divmod(moment, BASE)
    late, second = divmod(late, BASE)
    high, first = divmod(late, BASE)
    tens, ones = divmod(counter, BASE)
    return (
        f"c{PAIRS[high]}{PAIRS[first]}{PAIRS[second]}{PAIRS[low]}{PAIRS[tens % BASE]}{PAIRS[ones]}"
        f"{FINGERPRINT}{PAIRS[noise & 1023]}{PAIRS[noise >> 10 & 1023]}"
        f"{PAIRS[noise >> 20 & 1023]}{PAIRS[noise >> 30 & 1023]}"
    )


def random_text(rng: Random, prefix: str, length: int) -> str:
    """Return ``prefix`` and so many random letters and digits, as payment and sign-in ids have."""
    return prefix + "".join(rng.choices(ascii_letters + digits, k=length))


def link_token(rng: Random) -> str:
    """Return a parent-link secret of 48 hexadecimal characters."""
    return f"{rng.getrandbits(192):048x}"


def _split(moment: int) -> tuple[str, str]:
    day, rest = divmod(moment, DAY)
    minute, ms = divmod(rest, MINUTE)
    return DAYS[day], CLOCK[minute] + SECONDS[ms]


def iso_zulu(moment: int) -> str:
    """Return ``2026-03-29T01:30:00.000Z``, as driver adapters write it."""
    day, clock = _split(moment)
    return f"{day}T{clock}Z"


def iso_offset(moment: int) -> str:
    """Return ``2026-03-29T01:30:00.000+00:00``, as other driver adapters write it."""
    day, clock = _split(moment)
    return f"{day}T{clock}+00:00"


def sql_text(moment: int) -> str:
    """Return ``2026-03-29 01:30:00``, as CURRENT_TIMESTAMP does, and ``.123`` only where needed."""
    day, clock = _split(moment)
    return f"{day} {clock}" if moment % SECOND else f"{day} {clock[:8]}"


def unix_ms(moment: int) -> int:
    """Return the integer itself, as Prisma's own engine writes it."""
    return moment


def forms(dates: Dates) -> tuple[Form, Form, Form, Form]:
    """Return four ways to write a moment; two random bits choose one for each value."""
    if dates == "iso":
        return (iso_zulu,) * 4
    return (unix_ms, iso_zulu, iso_offset, sql_text)
