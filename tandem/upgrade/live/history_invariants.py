"""Whether what Tandem alone holds is what it could have come to: links, history, what is taught.

Nothing on the old side says these things row by row. What a person may have changed in Tandem since
the upgrade began is not held against anybody; a row that neither side has written since is.
"""

from dataclasses import replace
from datetime import datetime

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT
from tandem.upgrade.live.invariant import Invariant
from tandem.upgrade.mapping import subjects
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.ends import in_doubt, is_open
from tandem.upgrade.triggers.facts import LiveFacts

# What was decided last. A line that says ``ended`` with its date, as earlier versions wrote it, ends
# what goes on and leaves that as it was; ``relationships/history.py`` reads it so, line by line.
_STATUS = "details -> 'set' ->> 'status'"
_DATED_END = f"{_STATUS} = 'ended' AND details -> 'set' -> 'ended_on' IS DISTINCT FROM 'null'"
_LAST = f"(array_agg({_STATUS} ORDER BY id DESC) FILTER (WHERE {_STATUS} IS NOT NULL AND NOT ({_DATED_END})))[1]"
DECIDED = f"""CASE WHEN {_LAST} IN ('active', 'paused') OR NOT coalesce(max(id) FILTER (WHERE {_DATED_END})
          > coalesce(max(id) FILTER (WHERE {_STATUS} IS NOT NULL AND NOT ({_DATED_END})), 0), false)
        THEN {_LAST} ELSE 'active' END"""


HELD = r"""(
      SELECT *, CASE WHEN legacy_fault !~ '\mend_date_on_open\M' THEN ended_on END AS until
      FROM relationships_tutorstudent WHERE kind = 'regular' AND (legacy_fault = '' OR is_primary)
        AND status IN ('active', 'paused')
    ) r WHERE until IS NULL OR started_on < until"""
"""SQL: the sound regular relationships that hold on any day, ``until`` which there is an end."""


def history() -> Invariant:
    """Every relationship is what its history says: one that has none, nobody made."""
    facts = (
        "'tutor', r.tutor_id, 'student', r.student_id, 'subject', r.subject_id, 'started_on', "
        "r.started_on, 'ended_on', r.ended_on, 'status', r.status, 'kind', r.kind, "
        "'transferred_from', r.transferred_from_id"
    )
    return Invariant(
        "Relationship and its history",
        "(SELECT relationship_id FROM relationships_relationshipevent GROUP BY 1"
        " HAVING NOT bool_or(what = 'removed')) e",
        "relationships_tutorstudent",
        f"""SELECT id AS key, CASE WHEN told IS NULL THEN 'extra: no history says where it comes from'
    ELSE 'is not what its history says: ' || (SELECT string_agg(f.key || ' is ' || coalesce(f.value #>> '{{}}',
      'null') || ', should be ' || coalesce(told ->> f.key, 'null'), '; ' ORDER BY f.key)
      FROM jsonb_each(now) f WHERE f.value IS DISTINCT FROM told -> f.key) END AS what
  FROM (SELECT r.id, jsonb_build_object({facts}) AS now, told.facts - 'is_primary' AS told
    FROM relationships_tutorstudent r LEFT JOIN (
      SELECT relationship_id, {SYNC}.merged(details -> 'set' ORDER BY id)
        || jsonb_build_object('status', {DECIDED}) AS facts
      FROM relationships_relationshipevent WHERE details ? 'set' GROUP BY 1
    ) told ON told.relationship_id = r.id) both_sides
  WHERE now IS DISTINCT FROM told
  UNION ALL
  SELECT relationship_id, 'its event ' || id || ', ' || what || ' on ' || on_date || ', is not what it says: '
    || details::text
  FROM (SELECT *, details -> 'set' AS set, row_number() OVER (PARTITION BY relationship_id ORDER BY id) = 1 AS is_first
    FROM relationships_relationshipevent) event
  WHERE at > clock_timestamp() OR NOT coalesce(CASE what
    WHEN 'imported' THEN on_date = (set ->> 'started_on')::date AND details ->> 'source' IN ('student', 'connection')
    WHEN 'transferred_in' THEN is_first OR coalesce(set ->> 'transferred_from' = details ->> 'from', true)
    WHEN 'paused' THEN set ->> 'status' = 'paused'
    WHEN 'declined' THEN set ->> 'status' = 'declined'
    WHEN 'ended' THEN coalesce(on_date = (set ->> 'ended_on')::date, set ->> 'status' = 'ended')
    WHEN 'transferred_out' THEN on_date = (set ->> 'ended_on')::date
    WHEN 'made_primary' THEN (set ->> 'is_primary')::boolean OR details ? 'primary_since'
    WHEN 'subject_changed' THEN set ? 'subject'
    WHEN 'corrected' THEN on_date::text IN (set ->> 'started_on', set ->> 'ended_on')
    WHEN 'reopened' THEN set ? 'ended_on' AND set ->> 'ended_on' IS NULL
    WHEN 'removed' THEN details ? 'student'
    ELSE what IN ('requested', 'accepted', 'started', 'resumed', 'covered') END, false)""",
    )


def primaries() -> Invariant:
    taught = f"""FROM relationships_tutorstudent r WHERE {is_open("r")} AND kind = 'regular'
  GROUP BY student_id"""
    return Invariant(
        "Student and primary tutor",
        f"(SELECT {taught}) s",
        f"(SELECT {taught} HAVING count(*) FILTER (WHERE is_primary) = 1) s",
        f"""SELECT student_id AS key, 'has tutors, and none is the primary one' AS what
  {taught} HAVING count(*) FILTER (WHERE is_primary) <> 1""",
    )


def primary_days() -> Invariant:
    """On each day on which a sound regular relationship holds, one is primary; on no other day."""
    return Invariant(
        "Student and primary days",
        f"(SELECT DISTINCT student_id FROM {HELD}) s",
        "(SELECT DISTINCT student_id FROM relationships_primaryperiod) s",
        f"""SELECT student_id AS key, 'days with a primary tutor are ' || coalesce(primaries.days::text, 'none')
    || ', should be ' || coalesce(held.days::text, 'none') AS what
  FROM (
    SELECT student_id, range_agg(daterange(started_on, until)) AS days FROM {HELD}
    GROUP BY student_id
  ) held FULL JOIN (
    SELECT student_id, range_agg(daterange(starts_on, ends_on)) AS days
    FROM relationships_primaryperiod GROUP BY student_id
  ) primaries USING (student_id)
  WHERE held.days IS DISTINCT FROM primaries.days""",
    )


def shown_days() -> Invariant:
    """Each student is shown on the old side as of today, and until the day that comes next."""
    return Invariant(
        "Student and shown day",
        f"{SYNC}.to_be_shown",
        f"{SYNC}.shown_until",
        f"""SELECT student_id AS key, CASE WHEN noted.until <= {SYNC}.today()
      THEN 'is shown as on the day before ' || noted.until
    ELSE 'is shown with ' || coalesce(noted.relationship_id || ' until ' || noted.until, 'who is primary last')
      || ', should be ' || coalesce(wanted.relationship_id || ' until ' || wanted.until, 'who is primary last')
    END AS what
  FROM {SYNC}.shown_until noted FULL JOIN {SYNC}.to_be_shown wanted USING (student_id)
  WHERE (noted.relationship_id, noted.is_taught, noted.until)
    IS DISTINCT FROM (wanted.relationship_id, wanted.is_taught, wanted.until)""",
    )


def links(old: OldSide, zone: str, begun_at: datetime) -> Invariant:
    """A session lies in the time of its relationship, from the first day to the last.

    An end in doubt is none, until somebody decides.
    A connection may have sessions though it was never answered; nothing else may. Where the old
    side has no status, a session that neither side has written since the upgrade began at
    ``begun_at`` was over when it was brought, or still to come.
    """
    by_time = _not_by_time(old, begun_at)
    unanswered = "false" if old.has(CONNECTION) else "r.status IN ('pending', 'declined')"
    begins, ends = (
        f"(({day})::timestamp AT TIME ZONE coalesce(nullif(t.time_zone, ''), {literal(zone)}))"
        for day in ("r.started_on", "r.ended_on + 1")
    )
    return Invariant(
        "Session and its relationship",
        "lessons_session",
        "lessons_session",
        f"""SELECT x.id AS key, CASE WHEN {by_time} THEN 'status is ' || x.status || ', which it was not made'
    ELSE 'is linked to ' || r.id || ', which ' || CASE
      WHEN r.status IN ('pending', 'declined') THEN 'is ' || r.status
      ELSE 'holds from ' || r.started_on || coalesce(' to ' || r.ended_on, '') END END AS what
  FROM lessons_session x JOIN (
    SELECT r.id, r.status, r.started_on, r.ended_on, {begins} AS begins,
      CASE WHEN NOT {in_doubt("r")} THEN {ends} END AS ends FROM relationships_tutorstudent r JOIN people_tutor t ON t.id = r.tutor_id
  ) r ON r.id = x.tutor_student_id
  WHERE {by_time} OR (x.legacy_fault = '' AND x.status <> 'cancelled'
    AND (x.starts_at < r.begins OR x.starts_at >= r.ends OR {unanswered}))""",
    )


def _not_by_time(old: OldSide, begun_at: datetime) -> str:
    """SQL: a status that nobody gave the session ``x``, and that its hours do not give it.

    Where Tandem was in use before the upgrade began, anybody may have. Since then whoever did left a
    line of history; the row bears the old side's moment where a return took it.
    """
    if old.has(SESSION, "status"):
        return "false"
    begun = f"{literal(begun_at.isoformat())}::timestamptz"
    given = f"""coalesce((SELECT CASE e.what WHEN 'recorded' THEN 'completed' WHEN 'missed' THEN 'no_show'
        WHEN 'cancelled' THEN 'cancelled' ELSE 'scheduled' END
      FROM lessons_sessionevent e WHERE e.session_id = x.id AND e.at >= {begun}
        AND e.what IN ('planned', 'recorded', 'missed', 'cancelled', 'reinstated')
      ORDER BY e.id DESC LIMIT 1) = x.status, false)"""
    return f"""(x.updated_at < {begun} AND x.status <> CASE WHEN x.ends_at <= {begun} THEN 'completed'
      WHEN x.ends_at > now() OR x.status <> 'completed' THEN 'scheduled' ELSE 'completed' END
    AND NOT (EXISTS (SELECT FROM relationships_relationshipevent e WHERE e.at < {begun}) OR {given}))"""


def taught(facts: LiveFacts, begun_at: datetime) -> Invariant:
    """What a tutor teaches is what was seen together with them, in rows not written since.

    One that is seen no longer stays: the row that named it may be gone. But what the upgrade made
    has an id that comes of the tutor and the subject.
    """
    begun = f"{literal(begun_at.isoformat())}::timestamptz"
    unwritten = {
        table.row_name: f"(SELECT * FROM {facts.old(table)} WHERE updated_at < {begun})"
        for table in (STUDENT, CONNECTION, SESSION)
    }
    rows = subjects.tutor_subjects(replace(facts, only=unwritten))
    return Invariant(
        "Tutor and subject",
        "people_tutorsubject",
        "people_tutorsubject",
        f"""SELECT tutor_id AS key, what FROM (
    SELECT coalesce(seen.tutor_id, there.tutor_id) AS tutor_id, CASE
      WHEN there.id IS NULL THEN 'missing: ' || (SELECT name FROM people_subject WHERE id = seen.subject_id)
      WHEN there.level <> '' THEN 'level is ' || there.level || ', which nobody stated'
      WHEN right(there.id, 16) <> right(tandem_ulid({begun}, 'teaches ' || there.tutor_id || ' ' || there.subject_id), 16)
        THEN 'extra: ' || (SELECT name FROM people_subject WHERE id = there.subject_id) END AS what
    FROM ({rows.select}) seen (id, tutor_id, subject_id, level)
    FULL JOIN people_tutorsubject there ON there.tutor_id = seen.tutor_id AND there.subject_id = seen.subject_id
  ) both_sides JOIN people_tutor tutor ON tutor.id = both_sides.tutor_id
  WHERE what IS NOT NULL AND tutor.updated_at < {begun}""",
    )
