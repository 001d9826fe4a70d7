"""Of a dump's text, names and PostgreSQL's own types are read, whatever else stands there."""

from tandem.upgrade.backups.dumped_tables import (
    DumpedTable,
    columns_of_copy,
    schemas_of_extensions,
    tables_in,
)

TEXT = r"""
\restrict k3y
SET client_encoding = 'UTF8';
-- Name: Student; Type: TABLE; CREATE TABLE public.fooled (a text);
CREATE DOMAIN public.cents AS integer CONSTRAINT c CHECK ((VALUE >= 0));
CREATE DOMAIN public."more" AS public.cents[];
CREATE TABLE public."St ""u;dent" (
    id text NOT NULL,
    "x, y) ;" character varying(20) DEFAULT 'a, (b'::character varying NOT NULL,
    said text DEFAULT E'\'); DROP TABLE x; --'::text,
    at timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    n numeric(4,1) DEFAULT 38.5,
    d double precision[],
    mood public."Mood"[] DEFAULT '{good}'::public."Mood"[],
    price public.cents DEFAULT 4500,
    prices public."more",
    mail public.citext COLLATE "C",
    CONSTRAINT check_it CHECK ((public.strike(n) AND (d IS NOT NULL)))
);
CREATE UNLOGGED TABLE s.child (more bigint) INHERITS (s.parent, public."St ""u;dent");
CREATE TABLE s.part (id integer);
CREATE TABLE s.parent (id integer)
PARTITION BY LIST (id);
ALTER TABLE ONLY s.parent ATTACH PARTITION s.part FOR VALUES IN (1);
"""


def test_columns_and_types() -> None:
    """A type that the dump brings along is text, a domain what it stands for."""
    student = next(table for table in tables_in(TEXT) if table.name[0] == "public")
    assert student.name == ("public", 'St "u;dent')
    assert list(student.columns) == [
        ("id", "text"),
        ("x, y) ;", "character varying(20)"),
        ("said", "text"),
        ("at", "timestamp(3) without time zone"),
        ("n", "numeric(4,1)"),
        ("d", "double precision[]"),
        ("mood", "text[]"),
        ("price", "integer"),
        ("prices", "integer[]"),
        ("mail", "text"),
    ]


def test_parts_come_after_what_they_are_part_of() -> None:
    """Of an inheritance as of a partition."""
    tables = tables_in(TEXT)
    assert [table.name[1] for table in tables] == ['St "u;dent', "parent", "child", "part"]
    assert tables[2].parents == [("s", "parent"), ("public", 'St "u;dent')]
    assert tables[3] == DumpedTable(("s", "part"), [("id", "integer")], (("s", "parent"),))


def test_what_is_no_row() -> None:
    """Rows follow one statement alone; anything else that looks like it is none."""
    assert columns_of_copy('COPY public."a ;b" (id, "x,""y") FROM stdin;\n') == (
        ("public", "a ;b"),
        ["id", 'x,"y'],
    )
    for other in ("COPY t FROM PROGRAM 'rm';\n", "COPY (SELECT 1) TO stdout;\n", "SELECT 1;\n"):
        assert columns_of_copy(other) is None


def test_schemas_of_extensions() -> None:
    """They are names, not SQL."""
    made = 'CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA "x; DROP"; CREATE EXTENSION citext;'
    assert schemas_of_extensions(made) == ["x; DROP"]
