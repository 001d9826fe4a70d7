"""/api/students/{id}/changes and /reads, /api/tutors/{id}/changes, /api/accounts/{id}/changes"""

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query, Router
from pydantic.alias_generators import to_camel

from tandem.api.access import ApiRequest
from tandem.api.paging import CHANGES, READS, page
from tandem.api.responses import listed
from tandem.api.schemas.changes import (
    ChangedColumn,
    ChangeList,
    ChangeOut,
    ChangePage,
    RecordReadList,
    RecordReadOut,
)
from tandem.people.changes import changes_of_account, changes_of_student, changes_of_tutor
from tandem.people.models import Change, RecordRead
from tandem.people.record_reads import reads_of_student

students = Router(tags=["Students"], by_alias=True)
tutors = Router(tags=["Tutors"], by_alias=True)
accounts = Router(tags=["Accounts and tokens"], by_alias=True)

OF = {
    "people_student": "student",
    "people_parent": "parent",
    "people_parentlink": "parentLink",
    "people_guardian": "guardian",
    "people_guardianstudent": "guardianOfStudent",
    "people_learningwish": "wish",
    "people_tutor": "tutor",
    "people_tutorsubject": "tutorSubject",
    "people_account": "account",
    "people_apitoken": "apiToken",
    "people_calendarfeed": "calendarFeed",
}


@students.get("/{student_id}/changes", response=ChangeList, summary="List a student's changes")
def list_student_changes(
    request: ApiRequest, student_id: str, filters: Query[ChangePage]
) -> HttpResponse:
    """Owners only, newest first: of the student, the parents and their link; no key is told."""
    return _listed(request, changes_of_student(request.auth.viewer, student_id), filters)


@students.get("/{student_id}/reads", response=RecordReadList, summary="List who read a record")
def list_student_reads(
    request: ApiRequest, student_id: str, filters: Query[ChangePage]
) -> HttpResponse:
    """Owners only, newest first: who did not teach the student, once a day each, for a year."""
    found, rest = page(reads_of_student(request.auth.viewer, student_id), READS, filters)
    return listed(request, RecordReadList(reads=[read_out(row) for row in found], next=rest))


@tutors.get("/{tutor_id}/changes", response=ChangeList, summary="List a tutor's changes")
def list_tutor_changes(
    request: ApiRequest, tutor_id: str, filters: Query[ChangePage]
) -> HttpResponse:
    """Owners only, newest first: of the tutor, what they teach, the account and its tokens."""
    return _listed(request, changes_of_tutor(request.auth.viewer, tutor_id), filters)


@accounts.get("/{account_id}/changes", response=ChangeList, summary="List an account's changes")
def list_account_changes(
    request: ApiRequest, account_id: str, filters: Query[ChangePage]
) -> HttpResponse:
    """Owners only, newest first: of the account and its tokens; no password or key is told."""
    return _listed(request, changes_of_account(request.auth.account, account_id), filters)


def _listed(request: ApiRequest, rows: QuerySet[Change], filters: ChangePage) -> HttpResponse:
    found, rest = page(rows, CHANGES, filters)
    return listed(request, ChangeList(changes=[change_out(row) for row in found], next=rest))


def change_out(change: Change) -> ChangeOut:
    """Return a line of the history of changes."""
    return ChangeOut(
        id=str(change.pk),
        what=change.what,
        of=OF[change.table_name],
        row_id=change.row_id,
        at=change.at,
        by=str(change.actor) if change.actor else None,
        columns=[_column(name, change.values or {}) for name in change.columns],
    )


def read_out(read: RecordRead) -> RecordReadOut:
    """Return a line of who read a record."""
    return RecordReadOut(
        id=str(read.pk),
        day=read.day,
        at=read.at,
        account_id=str(read.account_id),
        by=str(read.account) if read.account else None,
    )


def _column(name: str, values: dict[str, list[object]]) -> ChangedColumn:
    before, after = values.get(name, (None, None))
    return ChangedColumn(name=to_camel(name), is_told=name in values, before=before, after=after)
