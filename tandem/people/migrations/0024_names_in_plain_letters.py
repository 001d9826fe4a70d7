"""Names are found by plain letters and sorted as people do, by indexes, on any server."""

from collections.abc import Iterable

from django.db import migrations, models
from django.db.models.functions import Collate


def translated(letters: Iterable[int], behind: int, *, also: str = "", into: str = "") -> str:
    """Return SQL that makes small letters, so far ``behind`` them, of capitals, and of others."""
    capitals = [*letters]
    before = "".join(map(chr, capitals)) + also
    after = "".join(chr(one + behind) for one in capitals) + into
    return f"translate(bare, '{before}', '{after}')"


GREEK = translated([*range(0x391, 0x3A2), *range(0x3A3, 0x3AA)], 0x20, also="ς", into="σ")
CYRILLIC = translated(range(0x410, 0x430), 0x20)
CYRILLIC_BESIDE = translated(range(0x400, 0x410), 0x50, also="ҐҒҚҢҮҰҺӨӘ", into="ґғқңүұһөә")
ARMENIAN = translated(range(0x531, 0x557), 0x30)

# What is plain already, as most names are, is a part of the statement that asks (PostgreSQL puts
# functions of one expression in their place); the rest is a call. It looks for an alphabet before
# it goes through its letters: each costs a step for every sign of a name. A body that begins with
# RETURN knows what it names by more than the path of whoever calls: a restored dump has none.
FUNCTIONS = f"""
CREATE FUNCTION tandem_letters_without_marks(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  bare text := lower(regexp_replace(
    normalize(name, NFD) COLLATE "C", '[\\u0300-\\u036f]', '', 'g') COLLATE "C");
BEGIN
  IF octet_length(bare) = length(bare) THEN RETURN bare; END IF;
  IF bare COLLATE "C" ~ '[Æ-ɏẞ]' THEN
    bare := translate(bare, 'ıłŁøØđĐðÐħĦŧŦẞÆŒÞƏŊ', 'illooddddhhttßæœþəŋ');
    bare := replace(replace(replace(replace(bare, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
  END IF;
  IF bare COLLATE "C" ~ '[Ͱ-Ͽ]' THEN bare := {GREEK}; END IF;
  IF bare COLLATE "C" ~ '[А-Я]' THEN bare := {CYRILLIC}; END IF;
  IF bare COLLATE "C" ~ '[Ѐ-ЏҐ-Ө]' THEN bare := {CYRILLIC_BESIDE}; END IF;
  IF bare COLLATE "C" ~ '[Ա-Ֆ]' THEN bare := {ARMENIAN}; END IF;
  RETURN bare;
END $$;

CREATE FUNCTION tandem_plain_letters(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(name) = length(name) THEN lower(name COLLATE "C")
  ELSE tandem_letters_without_marks(name) END;

CREATE FUNCTION tandem_name_order(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN tandem_plain_letters(btrim(name, ' ')) || chr(1) || name;
"""
AWAY = """
DROP FUNCTION tandem_name_order(text);
DROP FUNCTION tandem_plain_letters(text);
DROP FUNCTION tandem_letters_without_marks(text);
"""
BY_NAME = Collate(
    models.Func(models.F("name"), function="tandem_name_order", output_field=models.TextField()),
    "C",
)


class Migration(migrations.Migration):
    dependencies = [("people", "0023_name_and_logo_of_the_business")]

    operations = [
        migrations.RunSQL([FUNCTIONS], [AWAY]),
        migrations.AlterModelOptions(name="subject", options={"ordering": [BY_NAME]}),
    ]
