"""The tables of a dump, told from its text: names and types alone, and nothing of it is run.

A dump of a foreign database is somebody else's program: defaults, checks, triggers, functions. Of its
``CREATE TABLE`` statements only the names of columns are taken and, where they are PostgreSQL's own,
the types; what is of a type that the dump brings along is read as the text that it is written in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

TOKEN = re.compile(
    r"""(?P<skip>--[^\n]*|\s+)|"(?:[^"]|"")*"|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|[\w$]+|.""",
    re.DOTALL | re.VERBOSE,
)
PLAIN_TYPE = re.compile(
    r"""(text|boolean|smallint|integer|bigint|real|double precision|uuid|bytea|jsonb?|date|oid|inet
    |cidr|character( varying)?(\(\d+\))?|numeric(\(\d+,-?\d+\))?|time(stamp)?(\(\d\))? with(out)? time zone
    )((\[\])*)""".replace("\n    ", "")
)
"""What PostgreSQL can read without a function of somebody else's."""
ENDS_TYPE = frozenset(
    [
        "CHECK",
        "COLLATE",
        "COMPRESSION",
        "CONSTRAINT",
        "DEFAULT",
        "GENERATED",
        "NOT",
        "NULL",
        "PRIMARY",
        "REFERENCES",
        "STORAGE",
        "UNIQUE",
    ]
)

Name = tuple[str, str]
"""A schema and what is in it, as the catalogue has them, unquoted."""


@dataclass(frozen=True)
class DumpedTable:
    """A table: its columns with types that can be trusted, and the tables that it is a part of."""

    name: Name
    columns: Sequence[tuple[str, str]]
    parents: Sequence[Name] = ()


def tables_in(text: str) -> list[DumpedTable]:
    """Return the tables that SQL written by pg_restore makes, those that others are part of first."""
    statements = list(_statements(text))
    domains = dict(filter(None, map(_domain, statements)))
    tables = {one.name: one for one in filter(None, (_table(s, domains) for s in statements))}
    for whole, part in filter(None, map(_attached, statements)):
        if part in tables:
            tables[part] = replace(tables[part], parents=(whole,))
    return list(_parents_first(tables))


def columns_of_copy(text: str) -> tuple[Name, list[str]] | None:
    """Return the table and the columns of a ``COPY … FROM stdin;``; None when it is no such."""
    tokens = _tokens(text)
    if [*tokens[:1], *tokens[-3:]] != ["COPY", "FROM", "stdin", ";"]:
        return None
    name, rest = _name(tokens[1:])
    return name, [_unquoted(part[0]) for part in _parts(rest) if part]


def schemas_of_extensions(text: str) -> list[str]:
    """Return the schemas, unquoted, that SQL written by pg_restore makes extensions in."""
    made = (one for one in _statements(text) if one[:2] == ["CREATE", "EXTENSION"])
    return [_unquoted(one[one.index("SCHEMA") + 1]) for one in made if "SCHEMA" in one[:-1]]


def _tokens(text: str) -> list[str]:
    return [found[0] for found in TOKEN.finditer(text) if not found["skip"]]


def _statements(text: str) -> Iterator[list[str]]:
    statement: list[str] = []
    for word in _tokens(text):
        if word == ";":
            yield statement
            statement = []
        else:
            statement.append(word)


def _table(statement: list[str], domains: Mapping[str, str]) -> DumpedTable | None:
    words = [word for word in statement if word != "UNLOGGED"]
    if words[:2] != ["CREATE", "TABLE"]:
        return None
    name, rest = _name(words[2:])
    columns = [
        (_unquoted(part[0]), _trusted(part[1:], domains))
        for part in _parts(rest)
        if part and part[0] not in ENDS_TYPE
    ]
    parents = []
    if "INHERITS" in rest:
        after = rest[rest.index("INHERITS") + 1 :]
        parents = [_name(part)[0] for part in _parts(after) if part]
    return DumpedTable(name, columns, parents)


def _attached(statement: list[str]) -> tuple[Name, Name] | None:
    if statement[:3] != ["ALTER", "TABLE", "ONLY"]:
        return None
    whole, rest = _name(statement[3:])
    return (whole, _name(rest[2:])[0]) if rest[:2] == ["ATTACH", "PARTITION"] else None


def _domain(statement: list[str]) -> tuple[str, str] | None:
    if statement[:2] != ["CREATE", "DOMAIN"] or "AS" not in statement:
        return None
    at = statement.index("AS")
    return "".join(statement[2:at]), _type(statement[at + 1 :])


def _name(tokens: list[str]) -> tuple[Name, list[str]]:
    if tokens[1:2] == ["."]:
        return (_unquoted(tokens[0]), _unquoted(tokens[2])), tokens[3:]
    return ("public", _unquoted(tokens[0])), tokens[1:]


def _parts(tokens: Iterable[str]) -> list[list[str]]:
    """Split what stands in the first parentheses at its commas."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in tokens:
        if word == ")" and depth == 1:
            break
        if depth == 1 and word == ",":
            parts.append([])
        elif depth:
            parts[-1].append(word)
        depth += (word == "(") - (word == ")")
    return parts


def _unquoted(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token


def _type(tokens: Sequence[str]) -> str:
    kept: list[str] = []
    for token in tokens:
        if token in ENDS_TYPE:
            break
        is_word = kept and token[0].isalpha() and (kept[-1][-1].isalpha() or kept[-1] == ")")
        kept += [" ", token] if is_word else [token]
    return "".join(kept)


def _trusted(tokens: Sequence[str], domains: Mapping[str, str]) -> str:
    """Return a column's type where it is PostgreSQL's own, a domain's for the domain, else text."""
    name = _type(tokens)
    for _ in domains:
        base = name.rstrip("[]")
        name = domains.get(base, base) + name[len(base) :]
    return name if PLAIN_TYPE.fullmatch(name) else "text" + "[]" * name.endswith("[]")


def _parents_first(tables: Mapping[Name, DumpedTable]) -> Iterator[DumpedTable]:
    made: set[Name] = set()

    def one(table: DumpedTable) -> Iterator[DumpedTable]:
        if table.name not in made:
            made.add(table.name)
            for parent in table.parents:
                if parent in tables:
                    yield from one(tables[parent])
            yield table

    for table in tables.values():
        yield from one(table)
