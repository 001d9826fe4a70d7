"""A family says that it cannot come: its secret link decides, and what it costs is shown first."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from tandem.kit import time
from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError, TandemError
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.cancelling import CancelPlan
from tandem.lessons.family_cancelling import (
    FamilyAtLink,
    called_off_by_family,
    cannot_come,
    preview_cannot_come,
)
from tandem.lessons.parent_links import opened_by_guardian, opened_by_link
from tandem.lessons.policies import current_terms
from tandem.lessons.queries import visible_session
from tandem.people import limits
from tandem.people.models import Student
from tandem.people.weak_links import weakness_of
from tandem.web.cancel_words import became_sentence, family_refusal, family_sentence
from tandem.web.errors import STATUS
from tandem.web.forms.cancelling import CannotComeForm
from tandem.web.forms.typed import typed_texts
from tandem.web.language import speak_to
from tandem.web.methods import require_http_methods
from tandem.web.views.parent import secret_address, with_form


@dataclass(frozen=True)
class Opened:
    """One child's page as a link opened it: who asks, and the way ``back`` to it."""

    student: Student
    family: FamilyAtLink
    back: str


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
def by_parent(request: HttpRequest, token: str, session_id: str) -> HttpResponse:
    """For whoever holds a student's own link."""
    now = time.utc_now()
    student = opened_by_link(token, address=limits.counted_address(request), now=now).student
    family = FamilyAtLink(student.pk, now, is_guessable=bool(weakness_of(student)))
    return _in_their_zone(
        request, Opened(student, family, reverse("parent", args=[token])), session_id
    )


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
def by_guardian(request: HttpRequest, token: str, student_id: str, session_id: str) -> HttpResponse:
    """For a guardian of the student, by their own link."""
    now = time.utc_now()
    seen = opened_by_guardian(
        token, address=limits.counted_address(request), now=now, student_id=student_id
    )
    if seen.view is None:
        raise NotFoundError("student", student_id)
    speak_to(request, seen.guardian.language)
    back = reverse("family_child", args=[token, student_id])
    return _in_their_zone(
        request, Opened(seen.view.student, FamilyAtLink(student_id, now), back), session_id
    )


def _in_their_zone(request: HttpRequest, opened: Opened, session_id: str) -> HttpResponse:
    with timezone.override(time.zone_or_business(opened.student.time_zone)):
        try:
            return _asked(request, opened, session_id)
        except (ConflictError, ForbiddenError, NotFoundError) as refusal:
            return _refused(request, opened, refusal)


def _asked(request: HttpRequest, opened: Opened, session_id: str) -> HttpResponse:
    session = visible_session(opened.family.requester.viewer, session_id)
    if told := called_off_by_family(session):
        typed = typed_texts(request.POST)
        if request.method == "POST" and (not typed or typed[0].text == told.get("reason", "")):
            return HttpResponseRedirect(request.path)  # a button that was pressed twice
        status, became = 409 if typed else 200, became_sentence(told)
        return _page(
            request, opened, status=status, row=session, done=True, became=became, typed=typed
        )
    sent = request.POST if request.method == "POST" else None
    form = CannotComeForm(sent, reason_required=current_terms().reason_required)
    if form.is_valid():
        try:
            cannot_come(family=opened.family, session_id=session_id, **form.given())
        except TandemError as refusal:
            form.refuse(refusal, STATUS[refusal.code])
        else:
            return HttpResponseRedirect(request.path)
    plan = preview_cannot_come(opened.family, session_id)
    return _form(request, opened, form, plan)


def _form(
    request: HttpRequest, opened: Opened, form: CannotComeForm, plan: CancelPlan
) -> HttpResponse:
    form.let_carry("expect", fingerprint(plan.shown))
    page = _page(
        request,
        opened,
        status=form.status if form.errors else 200,
        row=plan.session,
        form=form,
        sentence=family_sentence(plan),
    )
    return with_form(page)


def _refused(request: HttpRequest, opened: Opened, refusal: TandemError) -> HttpResponse:
    """Say why, and lead back; of a lesson that is not there nothing is told."""
    is_gone = isinstance(refusal, NotFoundError)
    why = "" if is_gone else family_refusal(refusal)
    typed = typed_texts(request.POST)
    return _page(
        request, opened, status=STATUS[refusal.code], why=why, is_gone=is_gone, typed=typed
    )


def _page(
    request: HttpRequest, opened: Opened, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {"student": opened.student, "back": opened.back, "now": opened.family.now, **more}
    return render(request, "cannot_come.html", context, status=status)
