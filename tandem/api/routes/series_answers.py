"""What is answered about weekly lessons: a series, a plan, an edit, a stop."""

from datetime import datetime

from tandem.api.render import cancellation_out
from tandem.api.responses import (
    Payload,
    with_warnings,
)
from tandem.api.schemas.parts import WideWrite
from tandem.api.schemas.series import (
    SeriesConflictOut,
    SeriesEditAnswer,
    SeriesOut,
    SeriesPlanAnswer,
    SeriesSessionOut,
    SeriesStopAnswer,
    SkippedOut,
)
from tandem.lessons import group_series as groups
from tandem.lessons import series as planning
from tandem.lessons import series_exceptions as exceptions
from tandem.lessons.cancelling_rules import Cancelling, as_told
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.past_hours import past_warnings
from tandem.lessons.series_conflicts import Conflict, date_of
from tandem.lessons.series_edit_plans import EditPlan
from tandem.lessons.surroundings import warnings_of


def edit_out(plan: EditPlan | groups.GroupEdit, asked: WideWrite) -> Payload:
    is_new = plan.before is not None
    shown = SeriesEditAnswer(
        series=series_out(plan.series, saved=not (asked.dry_run and is_new)),
        before=series_out(plan.before) if plan.before else None,
        sessions=[session_out(one) for one in plan.sessions],
        stays=[session_out(one) for one in plan.stays],
        conflicts=[conflict_out(one) for one in plan.conflicts],
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(plan.shown),
        deed_id=plan.deed or None,
    )
    return with_warnings(shown, warnings_of(plan.sessions))


def skipped_out(plan: exceptions.SkipPlan, why: Cancelling | None) -> SkippedOut:
    told = plan.cancel and as_told(why, plan.cancel.terms, notice=plan.cancel.notice)
    return SkippedOut(
        session=session_out(plan.session),
        becomes="cancelled" if plan.cancel else "removed",
        cancellation=cancellation_out(told) if told else None,
    )


def stop_out(plan: exceptions.StopPlan, asked: WideWrite) -> SeriesStopAnswer:
    return SeriesStopAnswer(
        series=series_out(plan.series),
        sessions=[session_out(one) for one in plan.removed],
        stays=[session_out(one) for one in plan.stays],
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(plan.shown),
        deed_id=plan.deed or None,
    )


def plan_out(plan: planning.SeriesPlan, now: datetime, asked: WideWrite) -> Payload:
    shown = SeriesPlanAnswer(
        series=series_out(plan.series, saved=not asked.dry_run),
        group=[series_out(one, saved=not asked.dry_run) for one in plan.others],
        sessions=[session_out(one, saved=not asked.dry_run) for one in plan.sessions],
        conflicts=[conflict_out(one) for one in plan.conflicts],
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(plan.shown),
        deed_id=plan.deed or None,
    )
    warnings = [*warnings_of(plan.sessions), *past_warnings(plan.sessions, now)]
    return with_warnings(shown, warnings, saved=not asked.dry_run)


def series_out(series: SessionSeries, *, saved: bool = True) -> SeriesOut:
    link = series.tutor_student
    names = (
        "rule", "first_date", "starts_on", "ends_on", "planned_until", "minutes", "time_zone",
        *planning.TEXTS,
    )  # fmt: skip
    return SeriesOut(
        id=series.pk if saved else None,
        tutor_student_id=link.pk,
        tutor_id=link.tutor_id,
        tutor_name=str(link.tutor),
        student_id=link.student_id,
        student_name=link.student.full_name,
        group_id=series.group if saved else None,
        start_time=f"{series.wall_time:%H:%M}",
        **{name: getattr(series, name) for name in names},
    )


def session_out(session: Session, *, saved: bool = True) -> SeriesSessionOut:
    return SeriesSessionOut(
        id=session.pk if saved else None,
        series_id=session.series_id if saved else None,
        student_id=session.student_id,
        date=date_of(session),
        start_time=session.starts_at,
        end_time=session.ends_at,
        status=session.status,  # type: ignore[arg-type]  # a constraint holds the statuses
    )


def conflict_out(conflict: Conflict) -> SeriesConflictOut:
    busy = conflict.busy_with
    return SeriesConflictOut(
        date=conflict.date,
        code=conflict.code,  # type: ignore[arg-type]  # SENTENCES has all of them
        detail=conflict.sentence,
        student_id=conflict.student.pk if conflict.student else None,
        busy_from=busy.starts_at if busy else None,
        busy_until=busy.ends_at if busy else None,
    )
