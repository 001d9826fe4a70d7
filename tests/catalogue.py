"""The texts of pages and their translations: what is marked in the code, what the catalogue has.

``python -m tests.catalogue`` brings ``tandem/locale/de/LC_MESSAGES/django.po`` up to date: new
texts stand in it without a translation, those that nobody says any more are gone, and
``django.mo``, which is what runs, is made of it. The format is GNU gettext's; none of its programs
is needed.
"""

import ast
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

import tandem

HERE = Path(tandem.__file__).parent
PO = HERE / "locale" / "de" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
ONE, TWO = {"_", "gettext", "gettext_lazy", "mark", "gettext_noop"}, {"ngettext"}
"""Functions whose first text is said, and those whose first two are one and many of the same."""
QUOTED = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALL = re.compile(rf" (?:_|(n?)gettext)\({QUOTED}(?:,\s*{QUOTED})?")
"""What Django makes of a template, so that xgettext reads it."""
HEADER = (
    "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
    "Language: de\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
)

Text = tuple[str, ...]
"""A text, or the two of one and of many."""
Catalogue = dict[Text, Text]


def marked() -> list[Text]:
    """Return every text that templates and code say, in the order of their files."""
    found: dict[Text, None] = {}
    for path in sorted(HERE.rglob("templates/**/*")):
        if path.suffix in {".html", ".txt"}:
            found.update(dict.fromkeys(_in_template(path)))
    for path in sorted(HERE.rglob("*.py")):
        found.update(dict.fromkeys(in_code(path.read_text(encoding="utf-8"))))
    return list(found)


def _in_template(path: Path) -> Iterator[Text]:
    for plural, one, many in CALL.findall(templatize(path.read_text(encoding="utf-8"))):
        texts = (one, many) if plural else (one,)
        yield tuple(str(ast.literal_eval(text)) for text in texts)


def in_code(source: str) -> Iterator[Text]:
    """Yield what a file of Python says through ``gettext`` and its like."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            wanted = 1 if node.func.id in ONE else 2 if node.func.id in TWO else 0
            texts = [it.value for it in node.args[:wanted] if isinstance(it, ast.Constant)]
            if wanted and len(texts) == wanted and all(isinstance(it, str) for it in texts):
                yield tuple(map(str, texts))


def read_po(text: str) -> Catalogue:
    """Return what a catalogue has, without its header; a text that stands twice is refused."""
    found: Catalogue = {}
    for part in re.split(r"\n\s*\n", text.strip()):
        parts = {"msgid": "", "msgid_plural": "", "msgstr": "", "msgstr[1]": ""}
        into = ""
        for line in part.splitlines():
            if line.startswith("#"):
                assert not line.startswith("#,"), line
                continue
            word, _, quoted = line.partition(" ") if not line.startswith('"') else (into, "", line)
            into = word.replace("[0]", "")
            parts[into] += str(ast.literal_eval(quoted))
        key = (
            (parts["msgid"], parts["msgid_plural"]) if parts["msgid_plural"] else (parts["msgid"],)
        )
        assert key not in found, key
        found[key] = (parts["msgstr"], parts["msgstr[1]"])[: len(key)]
    found.pop(("",), None)
    return found


def po_of(catalogue: Catalogue) -> str:
    """Return a catalogue as ``read_po`` reads it, ordered by its texts."""
    parts = [f'msgid ""\nmsgstr ""\n{_lines(HEADER)}']
    for key, said in sorted(catalogue.items()):
        if len(key) == 1:
            parts.append(f"msgid {_quoted(key[0])}\nmsgstr {_quoted(said[0])}")
        else:
            (one, many), (first, second) = key, said
            parts.append(
                f"msgid {_quoted(one)}\nmsgid_plural {_quoted(many)}\n"
                f"msgstr[0] {_quoted(first)}\nmsgstr[1] {_quoted(second)}"
            )
    return "\n\n".join(parts) + "\n"


def mo_of(catalogue: Catalogue) -> bytes:
    """Return the file that runs: GNU's .mo, without a table of hashes."""
    pairs = {"": HEADER, **{"\0".join(key): "\0".join(said) for key, said in catalogue.items()}}
    ordered = sorted((key.encode(), said.encode()) for key, said in pairs.items())
    ids, texts = [key for key, _ in ordered], [said for _, said in ordered]
    head, table = 7 * 4, 8 * len(ordered)
    where, tables = head + 2 * table, b""
    for one in (*ids, *texts):
        tables += struct.pack("<II", len(one), where)
        where += len(one) + 1
    start = struct.pack("<7I", 0x950412DE, 0, len(ordered), head, head + table, 0, where)
    return start + tables + b"".join(one + b"\0" for one in (*ids, *texts))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _lines(text: str) -> str:
    return "\n".join(_quoted(f"{line}\n") for line in text.splitlines())


def main() -> None:
    """Bring the catalogue up to date."""
    known = read_po(PO.read_text(encoding="utf-8")) if PO.exists() else {}
    catalogue = {key: known.get(key, ("",) * len(key)) for key in marked()}
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(po_of(catalogue), encoding="utf-8")
    MO.write_bytes(mo_of({key: said for key, said in catalogue.items() if all(said)}))
    missing = sum(not all(said) for said in catalogue.values())
    sys.stdout.write(f"{len(catalogue)} texts, {missing} of them without a translation.\n")


if __name__ == "__main__":
    main()
