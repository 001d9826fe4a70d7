"""Names by the letters that every keyboard has, and in the order in which people look for them.

"stefan" finds Ștefan, "strauss" finds Strauß, "oconnor" finds O'Connor, and Ángel stands before
Bea. The database makes the same of a name by functions of its own (``people/migrations/0024`` and
``0026``), which indexes are made of.
"""

import unicodedata
from typing import Any, ClassVar

from django.db.models import CharField, F, Func, Q, TextField, Transform
from django.db.models.functions import Collate
from psycopg import sql

FIRST_MARK, LAST_MARK = "\u0300", "\u036f"
"""What stands above, below or through a letter of Latin, Greek or Cyrillic."""
ALONE = ("ıłŁøØđĐðÐħĦŧŦςẞÆŒÞƏŊ", "illooddddhhttσßæœþəŋ")
"""Letters that are no others with a mark, and what each is or is nearest to."""
TWO = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
CAPITALS = (
    (range(0x391, 0x3A2), 0x20),
    (range(0x3A3, 0x3AA), 0x20),
    (range(0x400, 0x410), 0x50),
    (range(0x410, 0x430), 0x20),
    *((range(ord(one), ord(one) + 1), 1) for one in "ҐҒҚҢҮҰҺӨӘ"),
    (range(0x531, 0x557), 0x30),
)
"""Those of Greek, Cyrillic and Armenian, and how far behind each its small letter stands."""
SMALL = {
    **dict(zip(range(ord("A"), ord("Z") + 1), range(ord("a"), ord("z") + 1), strict=True)),
    **{one: one + behind for letters, behind in CAPITALS for one in letters},
    **str.maketrans(*ALONE),
}
APOSTROPHES = "'`´‘’ʻʼ′"
"""Who looks for O'Connor writes one of these, or none."""
WITHOUT_APOSTROPHES = dict.fromkeys(map(ord, APOSTROPHES))
BEFORE_ALL = "\1"
"""Between a name in plain letters and the name itself: no letter comes before it."""


def plain_letters(text: str) -> str:
    """Return a text in small letters without marks, as the database's ``tandem_plain_letters``.

    Nor has it apostrophes.
    """
    text = text.translate(WITHOUT_APOSTROPHES)
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFD", text)
    bare = "".join(one for one in letters if not FIRST_MARK <= one <= LAST_MARK)
    bare = bare.translate(SMALL)
    for letter, plain in TWO.items():
        bare = bare.replace(letter, plain)
    return bare


def name_order(name: str) -> str:
    """Return by what names are sorted: plain letters, then the name itself.

    As the database's ``tandem_name_order``, which is compared by the numbers of its characters.
    """
    return f"{plain_letters(name.strip(' '))}{BEFORE_ALL}{name}"


def plain_letters_of(expression: str) -> sql.SQL:
    """Return SQL for a text expression in plain letters."""
    return sql.SQL(f"tandem_plain_letters({expression})")


def name_order_of(expression: str) -> sql.SQL:
    """Return SQL for a name's key, the same on every server, whatever its locale."""
    return sql.SQL(f'tandem_name_order({expression}) COLLATE "C"')


def by_plain_letters(condition: sql.SQL, name: str) -> sql.Composable:
    """Return a condition with its ``{name}``, an expression, in plain letters."""
    return condition.format(name=plain_letters_of(name))


def by_name(name: str | Any = "full_name") -> Collate:
    """Return by what rows are ordered that have a name, a field or an expression."""
    of = F(name) if isinstance(name, str) else name
    return Collate(Func(of, function="tandem_name_order", output_field=TextField()), "C")


@CharField.register_lookup
@TextField.register_lookup
class PlainLetters(Transform):
    """A field or an expression in small letters without marks: ``name__plain__contains``."""

    lookup_name = "plain"
    function = "tandem_plain_letters"
    output_field: ClassVar = TextField()


def has_words(field: str, text: str) -> Q:
    """Return the condition that a field has each word of a text in it."""
    return Q(*(has_letters(field, word) for word in text.split()))


def has_letters(field: str, word: str, *, how: str = "contains") -> Q:
    """Return the condition that a field has a word in it, whatever the marks and the case.

    ``how``: contains, startswith or exact.
    """
    return Q(**{f"{field}__plain__{how}": plain_letters(word)})
