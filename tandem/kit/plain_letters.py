"""Names by the letters that every keyboard has: "stefan" finds Ștefan, "strauss" finds Strauß."""

import unicodedata
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Q, TextField, Transform, Value
from django.db.models.sql.compiler import SQLCompiler
from psycopg import sql

FIRST_MARK, LAST_MARK = "\u0300", "\u036f"
"""What stands above, below or through a letter of Latin, Greek or Cyrillic."""
ALONE = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ı": "i",
    "ς": "σ",
    "Ł": "l",
    "Ø": "o",
    "Đ": "d",
}
"""Letters that are no others with a mark."""
TWO = {"ß": "ss", "æ": "ae", "œ": "oe"}
IN_SQL = "translate(lower(regexp_replace(normalize({}, NFD), '[{}]', '', 'g')), '{}', '{}')"


def plain_letters(text: str) -> str:
    """Return a text in small letters without marks, as ``PlainLetters`` has it."""
    letters = unicodedata.normalize("NFD", text)
    bare = "".join(one for one in letters if not FIRST_MARK <= one <= LAST_MARK).casefold()
    for letter, plain in {**ALONE, **TWO}.items():
        bare = bare.replace(letter, plain)
    return bare


def plain_letters_in_sql(expression: str) -> str:
    """Return SQL for a text expression in small letters without marks; it is in it four times.

    Most names have none: to look for them takes a tenth of the time that taking them away does.
    """
    marks = f"{FIRST_MARK}-{LAST_MARK}"
    bare = IN_SQL.format(expression, marks, "".join(ALONE), "".join(ALONE.values()))
    for letters, plain in TWO.items():
        bare = f"replace({bare}, '{letters}', '{plain}')"
    has_none = f"octet_length({expression}) = length({expression})"
    return f"CASE WHEN {has_none} THEN lower({expression}) ELSE {bare} END"


def plain_letters_of(expression: str) -> sql.SQL:
    """Return the same as a part of a statement."""
    return sql.SQL(f"({plain_letters_in_sql(expression)})")


def by_plain_letters(condition: sql.SQL, name: str) -> sql.Composable:
    """Return a condition whose ``{name}``, an expression, and ``{word}`` are in plain letters."""
    return condition.format(name=plain_letters_of(name), word=plain_letters_of("word"))


@CharField.register_lookup
@TextField.register_lookup
class PlainLetters(Transform):
    """A field or an expression in small letters without marks: ``name__plain__contains``."""

    lookup_name = "plain"
    output_field: ClassVar = TextField()

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,  # noqa: ARG002 - as Django calls it
        *_template: Any,
        **_more: Any,
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the expression, and its values as often as it stands there."""
        text, values = compiler.compile(self.get_source_expressions()[0])
        made = plain_letters_in_sql(f"({text})")
        return f"({made})", tuple(values) * made.count(text)


def has_letters(field: str, word: str, *, how: str = "contains") -> Q:
    """Return the condition that a field has a word in it, whatever the marks and the case.

    ``how``: contains, startswith or exact.
    """
    return Q(**{f"{field}__plain__{how}": PlainLetters(Value(word, TextField()))})
