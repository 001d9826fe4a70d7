"""What Tandem takes from the old side of tutors, parents and subscriptions."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import PARENT, SUBSCRIPTION, TUTOR, Column, Table
from tandem.upgrade.mapping import people
from tandem.upgrade.mapping.terms import Rows, literal
from tandem.upgrade.triggers.facts import one_row
from tandem.upgrade.triggers.functions import function
from tandem.upgrade.triggers.views_of_expected import FROM_TANDEM, ONLY_ONE, same

# Columns of Tandem's tables by the row names of the old ones, where the two differ.
TUTOR_COLUMNS = {
    "user_id": "auth_subject",
    "email": "email",
    "stripe_customer_id": "stripe_customer_id",
    "phone": "phone",
    "created_at": "created_at",
    "updated_at": "updated_at",
}


def made(rows: Rows) -> str:
    """SQL: the mapping's rows under the names of Tandem's columns."""
    return f"(SELECT * FROM (\n{rows.select}\n) AS made ({', '.join(rows.columns)}))"


def insert_made(rows: Rows) -> str:
    """SQL: insert the record ``v_made`` of the mapping's columns."""
    columns = ", ".join(rows.columns)
    return f"INSERT INTO {rows.table} ({columns}) VALUES ({', '.join(f'v_made.{c}' for c in rows.columns)})"


def changed_columns(old: OldSide, table: Table, columns: dict[str, str]) -> str:
    """SQL: take what the old side changed; leave what it says already.

    A value that only one can have is always what ``v_made`` has: that a twin had it is over by now.
    """
    return ",\n      ".join(
        f"{columns[c.row_name]} = {_changed(table, c, columns[c.row_name])}"
        for c in old.columns(table)
        if c.row_name in columns
    )


def _changed(table: Table, column: Column, ours: str) -> str:
    if (table.row_name, column.row_name) in ONLY_ONE:
        return f"v_made.{ours}"
    return f"CASE WHEN {same(table, column)} THEN there.{ours} ELSE v_made.{ours} END"


def people_functions(old: OldSide, zone: str) -> Iterator[str]:
    yield _take_tutor(old, zone)
    for table, rows in (
        (PARENT, people.parents(one_row(old, zone, PARENT))),
        (SUBSCRIPTION, people.subscriptions(one_row(old, zone, SUBSCRIPTION))),
    ):
        yield _take_as_it_is(old, table, rows)


def _take_tutor(old: OldSide, zone: str) -> str:
    """An address that another tutor has in other capitals is a fault, whoever came first.

    Whom Tandem lacks cannot be deleted on the old side while it is taken: the deletion would find
    nobody to let go. Nor is anybody brought under a name that somebody has yet to get.
    """
    key = f"t.{old.column(TUTOR, 'id')}"
    rows = people.tutors(one_row(old, zone, TUTOR))
    taken = "duplicate_email", "duplicate_value"
    return function(
        "take_tutor",
        "p_id text",
        f"""
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Tutor' AND source_id = p_id;
  PERFORM FROM people_tutor WHERE id = p_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM {SYNC}.refuse_renamed('Tutor', ARRAY[p_id]);
    PERFORM FROM {old.relation(TUTOR)} t WHERE {key} = p_id FOR KEY SHARE;
  END IF;
  SELECT * INTO v_made FROM {made(rows)} row;
  IF NOT FOUND THEN RETURN; END IF;
  v_made.auth_subject := nullif(v_made.auth_subject, '{FROM_TANDEM}' || p_id);
  PERFORM {SYNC}.release_from_gone(v_made.email, v_made.auth_subject);
  IF EXISTS (SELECT FROM people_tutor other WHERE lower(other.email) = lower(v_made.email)
             AND other.id <> p_id AND other.legacy_fault !~ '\\mduplicate_email\\M') THEN
    v_made.legacy_fault := concat_ws(' ', nullif(v_made.legacy_fault, ''), {literal(taken[0])});
  END IF;
  IF EXISTS (SELECT FROM people_tutor other
             WHERE other.auth_subject = v_made.auth_subject AND other.id <> p_id) THEN
    v_made.auth_subject := NULL;
    v_made.legacy_fault := concat_ws(' ', nullif(v_made.legacy_fault, ''), {literal(taken[1])});
  END IF;
  IF EXISTS (SELECT FROM people_tutor WHERE id = p_id) THEN
    UPDATE people_tutor there SET
      {changed_columns(old, TUTOR, TUTOR_COLUMNS)},
      legacy_fault = v_made.legacy_fault
    FROM {SYNC}.tutor said, {SYNC}.shown_tutor shown
    WHERE there.id = p_id AND said.id = p_id AND shown.id = p_id
      AND (there.legacy_fault <> v_made.legacy_fault OR NOT ({_all_of(old, TUTOR)}));
  ELSE
    BEGIN
      {insert_made(rows)};
    EXCEPTION WHEN unique_violation THEN
      -- Somebody else brought this tutor, or the address, at the same moment. Who sees the past
      -- would see no more the second time.
      IF current_setting('transaction_isolation') <> 'read committed' THEN RAISE; END IF;
      PERFORM {SYNC}.take_tutor(p_id);
    END;
  END IF;""",
        declare="v_made record;",
    )


def _all_of(old: OldSide, table: Table) -> str:
    return " AND ".join(same(table, column) for column in old.columns(table))


def _take_as_it_is(old: OldSide, table: Table, rows: Rows) -> str:
    """A parent or a subscription is never changed by Tandem; one that fits nowhere is listed.

    A parent's student is locked by the caller, and so deletions wait; a subscription has none.
    """
    lock = ""
    if table is SUBSCRIPTION and old.has(table):
        key = f"s.{old.column(table, 'id')}"
        lock = f"""
  PERFORM FROM {old.relation(table)} s WHERE {key} = p_id FOR KEY SHARE;
  PERFORM FROM people_tutor t WHERE t.id = (
    SELECT tutor_id FROM {SYNC}.subscription WHERE id = p_id) FOR KEY SHARE;"""
    changes = ", ".join(
        f"{c} = excluded.{c}" for c in rows.columns if c not in {"id", "created_at"}
    )
    there, new = (
        ", ".join(f"{side}.{c}" for c in rows.columns if c != "id") for side in ("t", "excluded")
    )
    insert = f"""INSERT INTO {rows.table} AS t ({", ".join(rows.columns)})
    SELECT * FROM {made(rows)} row
    WHERE EXISTS (SELECT FROM {_owner(table)})
    ON CONFLICT (id) DO UPDATE SET {changes} WHERE ({there}) IS DISTINCT FROM ({new})"""
    return function(
        f"take_{table.row_name}",
        "p_id text",
        f"""
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = {literal(table.name)} AND source_id = p_id;{lock}
  {insert};
  {_list_where_none(table)}
EXCEPTION WHEN unique_violation THEN
  DELETE FROM {rows.table} WHERE id = p_id;
  PERFORM {SYNC}.list_unlinked({literal(table.name)}, p_id, 'duplicate_value');""",
    )


def _list_where_none(table: Table) -> str:
    """SQL: list a row whose owner does not exist, or whose date cannot be read."""
    if table is PARENT:
        return f"""IF NOT EXISTS (SELECT FROM people_parent made JOIN {SYNC}.parent said ON said.id = made.id
    WHERE made.id = p_id AND made.student_id = said.student_id) THEN
    PERFORM {SYNC}.list_ownerless('Parent', p_id, (SELECT student_id FROM {SYNC}.parent WHERE id = p_id));
  END IF;"""
    fits_nowhere = f"""FROM {SYNC}.subscription said WHERE said.id = p_id AND (said.current_period_end IS NULL
    OR NOT EXISTS (SELECT FROM {SYNC}.tutor t WHERE t.id = said.tutor_id))"""
    return f"""DELETE FROM people_subscription WHERE id = p_id AND EXISTS (SELECT {fits_nowhere});
  PERFORM {SYNC}.list_unlinked('Subscription', p_id, CASE
      WHEN said.current_period_end IS NULL THEN 'unreadable_date' ELSE 'no_tutor' END) {fits_nowhere};"""


def _owner(table: Table) -> str:
    if table is PARENT:
        return "people_student owner WHERE owner.id = row.student_id"
    return "people_tutor owner WHERE owner.id = row.tutor_id"
