"""Undoing an end that gave a relationship another one: it ends on the day before again."""

from collections.abc import Callable
from datetime import date

from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import hash_of
from tandem.kit.language import gettext as _
from tandem.kit.time import day_in_words
from tandem.lessons import rules
from tandem.lessons.corrections import lock_to_correct
from tandem.lessons.models import Deed, DeedPart, SessionEvent
from tandem.lessons.reassign import clashes_of, move_sessions
from tandem.lessons.reopening import Reopening, called_off, ends_of, plan_reopening
from tandem.lessons.shown import shown_clashes, shown_relationship, shown_sessions
from tandem.lessons.steps import check_none_held_after, scheduled_from
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp, What, move_end
from tandem.relationships.locks import check_place
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.primary_again import plan_primary_again


def plan_undoing_end(
    requester: Requester, deed: Deed, part: DeedPart
) -> tuple[Reopening, date | None, Callable[[], None]]:
    """Lock everybody and return what undoing an end does, on which day it ends then, and a doer.

    The day is None where it goes on. ConflictError ``changed_since`` where it was given another
    end since, ``sessions_ahead`` where something is planned after the day on which it ends again.
    """
    row = TutorStudent.objects.filter(pk=part.tutor_student_id).first()
    ends = ends_of(row) if row else []
    if row is None or len(ends) < 2:  # noqa: PLR2004 - one that stands and one before it
        return _none_before(plan_reopening(requester, part.tutor_student_id))
    return _plan_earlier_end(requester, deed, part)


def _none_before(
    planned: tuple[Reopening, Callable[[], None]],
) -> tuple[Reopening, None, Callable[[], None]]:
    plan, carry_out = planned
    return plan, None, carry_out


def _plan_earlier_end(
    requester: Requester, deed: Deed, part: DeedPart
) -> tuple[Reopening, date, Callable[[], None]]:
    viewer = requester.viewer
    locked = lock_to_correct(viewer, part.tutor_student_id, doing=_("undo an end"))
    row = locked.row
    *_earlier, before, last = ends_of(row)
    _check_last(last, deed, part)
    day = date.fromisoformat(before.details["set"]["ended_on"])
    if row.ended_on is not None and day > row.ended_on:
        relationship_rules.check_tutor_active(active=locked.tutor.active)
        check_place(locked.tutor, row, since=row.ended_on, until=day)
    else:
        check_none_held_after(row, locked.tutor, day)
        ahead = scheduled_from([row], locked.tutor, day, now=requester.now)
        rules.check_none_ahead([one.pk for one in ahead], day)
    sessions = called_off(row, [last])
    clashes = clashes_of(sessions, {one.pk: row for one in sessions})
    left = {clash.session.pk for clash in clashes}
    restored = tuple(one for one in sessions if one.pk not in left)
    again = plan_primary_again(row, locked.links, [last], ended_on=day)
    shown = {
        **again.shown,
        **shown_relationship(row),
        **shown_sessions(restored, "is planned again"),
        **shown_clashes(clashes),
        "end": hash_of(day),
    }
    moment = EventStamp(requester, day)
    details = {"end_undone": True, "restored": [one.pk for one in restored], "left": sorted(left)}

    def carry_out() -> None:
        reason = before.details.get("reason", "")
        move_end(row, What.CORRECTED, moment, {}, details=details, end_reason=reason)
        move_sessions(restored, row, SessionEvent.What.REINSTATED, moment)
        again.write(moment)

    plan = Reopening(row, restored, clashes, shown, decided_since=again.decided_since)
    return plan, day, carry_out


def _check_last(last: RelationshipEvent, deed: Deed, part: DeedPart) -> None:
    """Refuse to undo an end after which the relationship was given another one."""
    day = last.details["set"]["ended_on"]
    is_by_it = last.what == What.ENDED and last.at == deed.at
    if not is_by_it or part.details.get("end", day) != day:
        raise ConflictError(
            "changed_since",
            _(
                "The relationship was given another end since, {day}. Undo that first, or take "
                "the end back on the student's page."
            ).format(day=day_in_words(date.fromisoformat(day))),
        )
