"""/api/imports: people from a spreadsheet"""

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.paging import DEEDS, page
from tandem.api.responses import CREATED, LOOKED_AT, answer, listed
from tandem.api.schemas.imports import (
    ImportAnswer,
    ImportFaultOut,
    ImportHereOut,
    ImportList,
    ImportOut,
    ImportPage,
    NewImport,
)
from tandem.lessons.imports.bring_in import Import, bring_in, preview_import
from tandem.lessons.imports.listing import visible_imports
from tandem.lessons.imports.students import RowPlan

router = Router(tags=["Imports"], by_alias=True)
MOST_TOLD = 1_000


@router.get("", response=ImportList, summary="List imports")
def list_imports(request: ApiRequest, filters: Query[ImportPage]) -> HttpResponse:
    """Owners only; newest first."""
    shown, onward = page(visible_imports(request.auth.viewer), DEEDS, filters)
    return listed(request, ImportList(imports=[_import_out(one) for one in shown], next=onward))


@router.post(
    "",
    response={LOOKED_AT: ImportAnswer, CREATED: ImportAnswer},
    summary="Bring people in from a spreadsheet",
)
def add_import(request: ApiRequest, payload: NewImport) -> HttpResponse:
    """Owners only: all of a file or nothing, with one deed to undo; nobody is told anything.

    Who is here already stays as they are. With `dryRun` nothing is changed, and the answer is 200.
    """
    wanted: dict[str, Any] = {
        "requester": request.auth,
        "of": payload.of,
        "content": payload.text.encode(),
    }
    if payload.dry_run:
        return answer(_out(preview_import(**wanted), payload))
    done = bring_in(**wanted, leave_out=payload.leave_out, expect=payload.expected())
    return answer(_out(done, payload), CREATED)


def _out(done: Import, asked: NewImport) -> ImportAnswer:
    return ImportAnswer(
        of=done.of,
        added=done.people,
        tutor_students=done.relationships,
        guardians=done.guardians,
        new_subjects=list(done.new_subjects[:MOST_TOLD]),
        here_count=len(done.here),
        here=_about(done.here),
        inactive_count=len(done.inactive),
        inactive=_about(done.inactive),
        fault_count=len(done.faults),
        faults=[
            ImportFaultOut(line=one.line, column=one.column or None, detail=one.message)
            for one in done.faults[:MOST_TOLD]
        ],
        unknown_columns=list(done.unknown),
        dry_run=asked.dry_run,
        expect=asked.fingerprint_of(done.shown),
        deed_id=done.deed or None,
    )


def _about(rows: list[RowPlan]) -> list[ImportHereOut]:
    return [
        ImportHereOut(line=one.line, student_id=one.student_id, detail=one.why)
        for one in rows[:MOST_TOLD]
    ]


def _import_out(deed: Any) -> ImportOut:
    is_of_students = deed.about == "students"
    return ImportOut(
        id=deed.pk,
        of=deed.about,
        at=deed.at,
        account_id=deed.actor_id,
        students=deed.students if is_of_students else None,
        tutor_students=deed.relationships if is_of_students else None,
        undone_at=deed.undone_at,
        undone_by_account_id=deed.undone_by_id,
    )
