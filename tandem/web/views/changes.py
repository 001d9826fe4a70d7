"""Who changed what of people and accounts, and who read a record, newest first: for owners."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from tandem.people.changes import changes_of_account, changes_of_student, changes_of_tutor
from tandem.people.models import Change
from tandem.people.queries import (
    subject_names,
    visible_account,
    visible_student,
    visible_tutor,
)
from tandem.people.record_reads import reads_of_student
from tandem.web.change_words import change_sentences
from tandem.web.methods import require_safe
from tandem.web.paging import page_of
from tandem.web.reader import PageRequest, signed_in
from tandem.web.templatetags.tandem import named
from tandem.web.views.accounts import accounts_trail
from tandem.web.views.action_page import Trail, student_trail, tutor_trail
from tandem.web.views.own_account import holder


@require_safe
@signed_in
def of_student(request: PageRequest, student_id: str) -> HttpResponse:
    viewer = request.reader.viewer
    rows = changes_of_student(viewer, student_id)
    student = visible_student(viewer, student_id)
    return _shown(request, rows, student_trail(student), named(student))


@require_safe
@signed_in
def reads(request: PageRequest, student_id: str) -> HttpResponse:
    viewer = request.reader.viewer
    page = page_of(
        reads_of_student(viewer, student_id), "at", request.GET.get("page", ""), newest_first=True
    )
    student = visible_student(viewer, student_id)
    context = {"trail": student_trail(student), "student": student, "page": page}
    return render(request, "students/reads.html", context)


@require_safe
@signed_in
def of_tutor(request: PageRequest, tutor_id: str) -> HttpResponse:
    viewer = request.reader.viewer
    rows = changes_of_tutor(viewer, tutor_id)
    tutor = visible_tutor(viewer, tutor_id)
    return _shown(request, rows, tutor_trail(tutor), str(tutor))


@require_safe
@signed_in
def of_account(request: PageRequest, account_id: str) -> HttpResponse:
    reader = holder(request)
    rows = changes_of_account(reader, account_id)
    return _shown(request, rows, accounts_trail(), str(visible_account(reader, account_id)))


def _shown(request: PageRequest, rows: QuerySet[Change], trail: Trail, name: str) -> HttpResponse:
    page = page_of(rows, "at", request.GET.get("page", ""), newest_first=True)
    names = subject_names()
    lines = [
        (change, sentence) for change in page.rows for sentence in change_sentences(change, names)
    ]
    context = {"trail": trail, "name": name, "page": page, "lines": lines}
    return render(request, "changes.html", context)
