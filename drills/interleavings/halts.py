"""Halts between the statements of PL/pgSQL functions, so that they too can be stepped through.

A function of the product runs many statements on behalf of one. Each of those sees what others have
committed by then, so each boundary between two is a place where another transaction may come in. In
the drill's databases alone, every function is given a halt after each of its statements; it costs
nothing until a connection asks for it.
"""

import re
from collections.abc import Iterator

import psycopg
from psycopg import sql

HALT = " ASSERT drills.halt();"
"""An assertion, because it alone leaves FOUND and the count of rows as they were."""

SLOTS = 4
SLOT = "drills.slot"
"""The setting that says which pair of sequences a connection halts at; 'record': it tells only."""

# Sequences are outside of transactions: who sees but the past of all else sees their present.
SETUP = """
CREATE SCHEMA drills;
CREATE TABLE drills.relations AS
SELECT t.relname AS name, r.oid FROM pg_class t
LEFT JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class r ON r.oid IN (t.oid, i.indexrelid)
WHERE t.relkind = 'r' AND t.relnamespace IN ('public'::regnamespace, 'tandem_sync'::regnamespace)
  AND t.relname !~ '^(django|auth|account)_' GROUP BY 1, 2;
CREATE FUNCTION drills.footprint() RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RETURN (
  SELECT jsonb_build_object('read', coalesce(jsonb_object_agg(name, scans) FILTER (WHERE scans > 0), '{}'),
    'written', coalesce(jsonb_object_agg(name, rows) FILTER (WHERE rows > 0), '{}'),
    'locked', (SELECT coalesce(jsonb_agg(DISTINCT r.name), '[]') FROM pg_locks l
      JOIN drills.relations r ON r.oid = l.relation
      WHERE l.pid = pg_backend_pid() AND l.mode = 'RowShareLock'))
  FROM (SELECT name, sum(pg_stat_get_xact_numscans(oid)) AS scans,
      sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
        + pg_stat_get_xact_tuples_deleted(oid)) AS rows FROM drills.relations GROUP BY name) tables);
END $$;
CREATE FUNCTION drills.halt() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE v_slot text := coalesce(current_setting('drills.slot', true), ''); v_arrived bigint;
BEGIN
  IF v_slot = 'record' THEN
    RAISE NOTICE 'drills %', drills.footprint();
  ELSIF v_slot <> '' THEN
    v_arrived := nextval('drills.arrived_' || v_slot);
    WHILE coalesce(pg_sequence_last_value(('drills.allowed_' || v_slot)::regclass), 0) < v_arrived LOOP
      PERFORM pg_sleep(0.0005);
    END LOOP;
  END IF;
  RETURN true;
END $$
"""
FUNCTIONS = """
SELECT p.oid, pg_get_functiondef(p.oid), p.prosrc FROM pg_proc p
JOIN pg_language l ON l.oid = p.prolang
WHERE pronamespace = 'tandem_sync'::regnamespace AND lanname = 'plpgsql' AND provolatile = 'v'
"""
# What may hold a semicolon that ends no statement, and the words that matter.
PIECES = re.compile(
    r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|\"[^\"]*\""
    r"|;|\b(?:DECLARE|BEGIN)\b",
    re.DOTALL | re.IGNORECASE,
)


def install(connection: psycopg.Connection) -> None:
    """Give every PL/pgSQL function of the sync its halts."""
    connection.execute(SETUP)
    for slot in range(1, SLOTS + 1):
        for which in ("arrived", "allowed"):
            name = sql.Identifier("drills", f"{which}_{slot}")
            connection.execute(sql.SQL("CREATE UNLOGGED SEQUENCE {}").format(name))
    connection.execute("GRANT USAGE ON SCHEMA drills TO PUBLIC")
    for _, definition, body in connection.execute(FUNCTIONS).fetchall():
        connection.execute(sql.SQL(definition.replace(body, with_halts(body))))


def with_halts(body: str) -> str:
    """Return the body of a PL/pgSQL function with a halt after each of its statements."""
    return "".join(_pieces(body))


def _pieces(body: str) -> Iterator[str]:
    """The declarations are no statements, and nothing may follow the last END."""
    declaring, last = True, body.rfind("END")
    position = 0
    for match in PIECES.finditer(body):
        yield body[position : match.end()]
        position = match.end()
        word = match[0].upper()
        if word == "DECLARE":
            declaring = True
        elif word == "BEGIN":
            declaring = False
        elif word == ";" and not declaring and match.start() < last:
            yield HALT
    yield body[position:]
