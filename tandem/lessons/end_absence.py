"""A tutor is back early: time off ends sooner, and what others cover in the rest of it goes back.

Which lessons were theirs is read from the history of each, so it does not matter whether they were
covered with the time off, afterwards or one by one. What was moved or called off stays so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tandem.kit.errors import NotFoundError, invalid
from tandem.kit.fingerprints import Shown, check_expected, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.transactions import ChangedMeanwhileError, one_transaction
from tandem.lessons.deeds import Kind, Part, record_deed
from tandem.lessons.models import DeedPart, Session, SessionEvent, TimeOff
from tandem.lessons.queries import in_hours
from tandem.lessons.reassign import Clash, Planned, as_far_as_it_goes, first_of_each
from tandem.lessons.shown import shown_clashes, shown_sessions
from tandem.lessons.steps import REFUSALS, LockedSessions, in_order, lock_sessions
from tandem.lessons.time_off import check_may_write
from tandem.lessons.touched import bring_people, still_ahead
from tandem.lessons.undo_cover import BACK_FROM_COVER, GivingBack, give_back, plan_back
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules
from tandem.relationships.events import EventStamp
from tandem.relationships.models import RelationshipEvent, TutorStudent

What = SessionEvent.What
CHANGES_HANDS = (What.COVERED, What.HANDED_OVER, What.GIVEN_BACK)
Homes = Mapping[str, str]
"""Id of a session that is covered -> id of the relationship that it would go back to."""
NOT_COVERED = gettext_lazy(
    "One of the lessons that are to stay covered is not covered in the hours that fall away, or "
    "has begun. Look at what is there now."
)


@dataclass(frozen=True)
class EndedAbsence:
    """Time off as it is then, and what becomes of what others cover in the hours that fall away.

    ``kept`` stays covered by choice, ``left`` because it cannot go back, and why. ``is_removed``
    tells whether nothing is left of the time off. In a preview nothing of it is saved.
    """

    time_off: TimeOff
    until: datetime
    giving_back: GivingBack
    kept: tuple[Session, ...]
    left: tuple[Clash, ...]
    is_removed: bool
    shown: Shown = field(default_factory=dict)
    deed: str = ""
    """The id of the deed; '' in a preview."""

    @property
    def sessions(self) -> tuple[Session, ...]:
        """What goes back, by start."""
        return self.giving_back.sessions


@dataclass(frozen=True)
class _Wanted:
    """When the time off ends, whether covered lessons go back, and which stay all the same."""

    ends_at: datetime
    gives_back: bool
    keep: Collection[str]


@one_transaction(REFUSALS, keep=False)
def preview_end_absence(
    *,
    requester: Requester,
    tutor_id: str,
    time_off_id: str,
    ends_at: datetime,
    gives_back: bool = True,
    keep: Collection[str] = (),
) -> EndedAbsence:
    """Return what ``end_absence`` would do, and change nothing."""
    wanted = _Wanted(ends_at, gives_back, keep)
    return _planned(requester, _row(requester, tutor_id, time_off_id), wanted)


@one_transaction(REFUSALS)
def end_absence(
    *,
    requester: Requester,
    tutor_id: str,
    time_off_id: str,
    ends_at: datetime,
    gives_back: bool = True,
    keep: Collection[str] = (),
    expect: str | None = None,
) -> EndedAbsence:
    """End time off sooner, or remove it where ``ends_at`` is not after its start; one deed.

    Each lesson ahead that somebody covers in the hours that fall away goes back to the tutor, but
    for ``keep`` (ids) and what cannot: that is named and stays. To give back is an owner's to
    decide; a tutor ends their own time off with ``gives_back=False``. InvalidError where it would
    not end sooner. ``expect`` is the fingerprint of ``preview_end_absence``.
    """
    row = _row(requester, tutor_id, time_off_id)
    before = {"starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat()}
    plan = _planned(requester, row, _Wanted(ends_at, gives_back, keep))
    check_expected(expect, plan.shown)
    moment = EventStamp(requester, requester.viewer.day)
    back = plan.giving_back
    parts = [
        Part(back.links[one.pk], {"session": one.pk, "covered_by": one.tutor_id})
        for one in plan.sessions
    ]
    give_back(back, requester)
    details = {
        **before,
        "tutor": tutor_id,
        "reason": row.reason if plan.is_removed else "",
        "ended_at": "" if plan.is_removed else row.ends_at.isoformat(),
    }
    deed = record_deed(Kind.ABSENCE_ENDED, parts, moment, about=plan.time_off.pk, details=details)
    return replace(plan, deed=deed)


def covered_for(tutor_id: str, starts_at: datetime, ends_at: datetime, now: datetime) -> Homes:
    """Return what others are to hold in these hours that was the tutor's, and is ahead."""
    own = {*TutorStudent.objects.filter(tutor=tutor_id).values_list("pk", flat=True)}
    rows = still_ahead(Session.objects.filter(in_hours(starts_at, ends_at)), now=now)
    theirs = rows.filter(student__relationships__in=own).exclude(tutor=tutor_id).distinct()
    holds = dict(theirs.values_list("pk", "tutor_student"))
    homes: dict[str, str] = {}
    lines = SessionEvent.objects.filter(session__in=[*holds], what__in=CHANGES_HANDS)
    for one in lines.order_by("id"):
        given, taken = one.details.get("from"), one.details.get("to")
        if one.what != What.COVERED or homes.get(one.session_id) == taken:
            homes.pop(one.session_id, None)
        elif given:
            homes.setdefault(one.session_id, str(given))
    return {pk: home for pk, home in homes.items() if home in own and home != holds[pk]}


def _row(requester: Requester, tutor_id: str, time_off_id: str) -> TimeOff:
    check_may_write(requester, tutor_id)
    row = TimeOff.objects.filter(pk=time_off_id, tutor=tutor_id).first()
    if row is None:
        raise NotFoundError("time off", time_off_id)
    return row


def _planned(requester: Requester, row: TimeOff, wanted: _Wanted) -> EndedAbsence:
    """Lock everybody, let the time off be as it is then, and decide."""
    until = row.ends_at
    _check_sooner(wanted.ends_at, until)
    viewer = requester.viewer
    falls_away = max(wanted.ends_at, row.starts_at)
    homes = covered_for(row.tutor_id, falls_away, until, requester.now)
    if homes and wanted.gives_back:
        relationship_rules.check_owner(
            is_owner=viewer.is_owner, doing=_("give covered lessons back")
        )
    if {*wanted.keep} - homes.keys():
        raise invalid("keep", NOT_COVERED)
    seen = Session.objects.in_bulk([*homes])
    locked = lock_sessions(seen, takers=[row.tutor_id])
    _check_same(row, until, homes, falls_away, requester.now)
    row.tutor = locked.tutors[row.tutor_id]
    is_removed = _shorten(row, wanted.ends_at)
    stays = {*wanted.keep} if wanted.gives_back else {*homes}
    back, left = _going_back(locked, {pk: to for pk, to in homes.items() if pk not in stays})
    kept = tuple(sorted((locked.sessions[pk] for pk in stays), key=in_order))
    for one in locked.sessions.values():
        bring_people(one, locked)
    facts = (row.tutor_id, row.starts_at, until, wanted.ends_at, row.reason)
    shown = {
        "time_off": hash_of(facts),
        **back.shown,
        **shown_sessions(kept, "stays"),
        **shown_clashes(left),
    }
    return EndedAbsence(row, until, back, kept, left, is_removed, shown)


def _check_sooner(ends_at: datetime, until: datetime) -> None:
    if ends_at.utcoffset() is None:
        raise invalid("to", _("A time needs an offset from UTC."))
    if ends_at >= until:
        raise invalid("to", _("The time off ends no later than that anyhow."))


def _check_same(
    row: TimeOff, until: datetime, homes: Homes, falls_away: datetime, now: datetime
) -> None:
    """Look once more: whoever covers holds the tutors, so by now this is all there is."""
    there = TimeOff.objects.filter(pk=row.pk, starts_at=row.starts_at, ends_at=until)
    if not there or covered_for(row.tutor_id, falls_away, until, now) != homes:
        raise ChangedMeanwhileError


def _shorten(row: TimeOff, ends_at: datetime) -> bool:
    """Let it end then, and tell whether nothing is left of it."""
    if ends_at <= row.starts_at:
        TimeOff.objects.filter(pk=row.pk).delete()
        return True
    row.ends_at = ends_at.astimezone(UTC)
    row.save(update_fields=["ends_at"])
    return False


def _going_back(locked: LockedSessions, homes: Homes) -> tuple[GivingBack, tuple[Clash, ...]]:
    """Return what goes back, and what cannot, with why; the tutor's other time off counts."""

    def planned(staying: Collection[str]) -> Planned[GivingBack]:
        going = {pk: home for pk, home in homes.items() if pk not in staying}
        plan = plan_back(locked, _parts(locked, going), despite=BACK_FROM_COVER)
        return plan, plan.clashes

    plan, left = as_far_as_it_goes(planned)
    return plan, tuple(first_of_each(left))


def _parts(locked: LockedSessions, going: Homes) -> Sequence[DeedPart]:
    """Return what covering them would have kept, had it all been one deed."""
    holds = {locked.sessions[pk].tutor_student_id for pk in going}
    begun = RelationshipEvent.objects.filter(
        relationship__in=holds, what=RelationshipEvent.What.STARTED, details__has_key="session"
    )
    made = {*begun.values_list("relationship", flat=True)}
    return [
        DeedPart(
            tutor_student_id=(link := locked.sessions[pk].tutor_student_id),
            details={"session": pk, "before": home, "is_new": link in made},
        )
        for pk, home in going.items()
    ]
