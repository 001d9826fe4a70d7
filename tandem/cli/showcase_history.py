"""What was recorded of the demonstration's lessons: how it went, who missed or cancelled one."""

from datetime import datetime, timedelta

from tandem.lessons import actions as lessons
from tandem.lessons.cancelling_rules import BUSINESS, FAMILY, TUTOR, Cancelling
from tandem.lessons.models import Session
from tandem.people.models import Student
from tandem.people.requester import Requester

STEPS = (
    (
        2,
        "The method is there, the signs slip.",
        "Page 12, 1 to 8",
    ),
    (
        3,
        "Wrote every step down and found two mistakes alone.",
        "Page 14, the odd ones",
    ),
    (3, "Careful now, a little slow.", ""),
    (4, "Worked with examples from home. Fun.", "Find three more at home"),
    (4, "Explained today’s idea to me, from the start.", "Page 21, 3 and 4"),
    (5, "A past paper against the clock: 31 of 36.", "The questions that went wrong"),
)
"""Progress, notes and homework of the lessons that the parents' link shows, oldest first."""
MARKS = ((3, 3, 2, 3, 4, 4), (2, 3, 3, 4, 4, 4, 5), (4, 3, 4, 5), (1, 2, 2, 3, 3), (3, 4, 4, 5, 5))
"""How others got on in their last lessons, oldest first; their notes came over with the lessons."""
WITH_MARKS = 12
LATELY, A_DAY = timedelta(days=90), timedelta(days=1)
MISSED = ""
NOT_HELD: tuple[tuple[int, int, str, tuple[str, ...]], ...] = (
    (13, 4, FAMILY, ("Ill since this morning", "A school trip", "Away for the weekend")),
    (29, 7, MISSED, ("",)),
    (43, 11, TUTOR, ("The train was cancelled",)),
    (97, 20, BUSINESS, ("Water in the building",)),
)
"""Which were not held: of so many lessons the one in this place, called off for whom, and why."""


def write_progress(student: Student, *, now: datetime) -> None:
    """Let a student's last lessons say in words and marks how it goes, some others' in marks."""
    for session, (progress, notes, homework) in zip(_held(student), reversed(STEPS), strict=False):
        changes = {"progress": progress, "notes": notes, "homework": homework}
        lessons.edit(requester=Requester(None, now), session_id=session.pk, changes=changes)
    sound = Student.objects.filter(legacy_fault="", active=True).exclude(pk=student.pk)
    held = sound.filter(sessions__status="completed", sessions__legacy_fault="")
    for number, other in enumerate(held.order_by("id").distinct()[:WITH_MARKS]):
        marks = MARKS[number % len(MARKS)]
        for session, progress in zip(_held(other), reversed(marks), strict=False):
            requester, changes = Requester(None, now), {"progress": progress}
            lessons.edit(requester=requester, session_id=session.pk, changes=changes)


def _held(student: Student) -> list[Session]:
    """Return what a student learnt, the newest first."""
    held = student.sessions.filter(status="completed", legacy_fault="", progress=None)
    return list(held.order_by("-starts_at", "-id")[: len(STEPS) + 1])


def vary_outcomes(but: Student, *, now: datetime) -> None:
    """Let some lessons of the last months not have been held: all that came over were.

    None of the student whose lessons tell how it went.
    """
    rows = Session.objects.filter(
        status="completed",
        legacy_fault="",
        tutor__legacy_fault="",
        progress=None,
        starts_at__range=(now - LATELY, now - A_DAY),
    )
    for number, session in enumerate(rows.exclude(student=but).order_by("starts_at", "id")):
        if why := _not_held(number):
            _change_outcome(session, *why, now=now)


def call_off_one(student: Student, *, now: datetime) -> None:
    """Let a tutor have called off one of a student's lessons to come, as the family's page says."""
    ahead = student.sessions.filter(status="scheduled", legacy_fault="", series=None)
    session = ahead.filter(starts_at__gt=now + A_DAY).order_by("starts_at", "id").first()
    if session is not None:
        lessons.cancel(
            requester=Requester(None, now),
            session_id=session.pk,
            cancelling=Cancelling(TUTOR, "A conference"),
        )


def _change_outcome(session: Session, by: str, reason: str, *, now: datetime) -> None:
    requester = Requester(None, now)
    lessons.reinstate(requester=requester, session_id=session.pk)
    if by == MISSED:
        lessons.no_show(requester=requester, session_id=session.pk)
        return
    the_day_before = Requester(None, session.starts_at - A_DAY)
    why = Cancelling(by, reason)
    lessons.cancel(requester=the_day_before, session_id=session.pk, cancelling=why)


def _not_held(number: int) -> tuple[str, str] | None:
    """Return for whom the lesson of this number was called off and why, if it was not held.

    For nobody where it was missed.
    """
    for every, place, by, reasons in NOT_HELD:
        if number % every == place:
            return by, reasons[number % len(reasons)]
    return None
