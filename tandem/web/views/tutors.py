"""Tutors: the list, and one tutor with the students."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from tandem.insights import directory, pages
from tandem.insights.cover import absences
from tandem.insights.page_rows import TutorOnPage
from tandem.insights.tutor_history import tutor_history
from tandem.kit.keyset import NAMED
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.plain_letters import name_order
from tandem.kit.weekly import end_in_words
from tandem.lessons.availability import availability_of
from tandem.people.queries import Viewer
from tandem.relationships.choices import relationships_of_tutor
from tandem.web.addresses import address
from tandem.web.forms.filters import Filter, filled
from tandem.web.forms.lists import TUTOR_COLUMNS, TutorFilter
from tandem.web.forms.time import WEEKDAYS
from tandem.web.lines import named
from tandem.web.methods import require_safe
from tandem.web.paging import page_of, page_of_rows
from tandem.web.reader import PageRequest, signed_in, wants_fragment
from tandem.web.sorting import heads_of
from tandem.web.words import event_sentence


class StudentsOfTutorFilter(Filter):
    """Which of a tutor's students are shown."""

    which = forms.ChoiceField(
        required=False,
        choices=[
            ("present", gettext_lazy("Students now")),
            ("past", gettext_lazy("Earlier students")),
        ],
    )


@require_safe
@signed_in
def tutors(request: PageRequest) -> HttpResponse:
    form = TutorFilter(request.GET)
    asked, viewer = filled(form), request.reader.viewer
    wanted = pages.TutorList(asked["q"], asked["sort"], asked["as_of"])
    page = page_of_rows(
        lambda part: pages.tutors(viewer, part, wanted),
        request.GET.get("page", ""),
        newest_first=wanted.sort == "-name",
        by_moment=False,
    )
    columns = (TUTOR_COLUMNS[0], _("Subjects"), TUTOR_COLUMNS[1])
    context = {
        "form": form,
        **asked,
        "page": page,
        "total": pages.tutors_total(viewer, wanted),
        "heads": heads_of(columns, wanted.sort),
        "lines": [_line(row, viewer) for row in page.rows],
    }
    part = "tutors/rows.html" if wants_fragment(request) else "tutors/list.html"
    return render(request, part, context)


@dataclass(frozen=True, slots=True)
class TutorLine:
    """A tutor in a list."""

    url: str
    name: str
    active: bool
    faulty: bool
    subjects: list[str]
    teaching: str


def _line(row: TutorOnPage, viewer: Viewer) -> TutorLine:
    """What is wrong with a record, a list tells the owner alone."""
    return TutorLine(
        url=address("tutor", row.id),
        name=row.name,
        active=row.active,
        faulty=row.faulty and viewer.is_owner,
        subjects=sorted(row.subjects, key=name_order),
        teaching=_teaching(row, viewer),
    )


def _teaching(row: TutorOnPage, viewer: Viewer) -> str:
    if not (viewer.is_owner or row.id == viewer.tutor_id):
        return _("{teaching} with your students").format(teaching=row.teaching)
    return f"{row.teaching}" if row.capacity is None else _of(row)


def _of(row: TutorOnPage) -> str:
    return _("{taken} of {all}").format(taken=row.teaching, all=row.capacity)


@require_safe
@signed_in
def tutor(request: PageRequest, tutor_id: str) -> HttpResponse:
    viewer = request.reader.viewer
    form = StudentsOfTutorFilter(request.GET)
    which = filled(form)["which"] or "present"
    rows = relationships_of_tutor(viewer, tutor_id, former=which != "present")
    sees_load = viewer.is_owner or viewer.tutor_id == tutor_id
    context = {
        "tutor": directory.tutor(viewer, tutor_id),
        "form": form,
        "which": which,
        "page": page_of(rows, f"{NAMED}student__full_name", request.GET.get("page", "")),
        "sees_load": sees_load,
        **(_for_the_tutor(viewer, tutor_id, now=request.reader.now) if sees_load else {}),
    }
    return render(request, "tutors/tutor.html", context)


def _for_the_tutor(viewer: Viewer, tutor_id: str, *, now: datetime) -> dict[str, Any]:
    """Return what an owner and the tutor alone are shown."""
    told = tutor_history(viewer, tutor_id)
    return {
        **tutor_time(viewer, tutor_id, now=now),
        "history": [
            (line, named(line.student_name), event_sentence(line, told.beside, viewer.day))
            for line in told.lines
        ],
        "has_more_history": told.has_more,
    }


def tutor_time(viewer: Viewer, tutor_id: str, *, now: datetime) -> dict[str, Any]:
    """Return the week of a tutor in words, and the absences ahead with what each leaves."""
    week: dict[str, list[str]] = {}
    for row in availability_of(tutor_id):
        spans = week.setdefault(str(WEEKDAYS[row.weekday]), [])
        spans.append(
            _("{starts} to {ends}").format(
                starts=f"{row.starts:%H:%M}", ends=end_in_words(row.ends)
            )
        )
    away = [
        (off, [one._replace(student_name=named(one.student_name)) for one in left])
        for off, left in absences(viewer, tutor_id=tutor_id, now=now)
    ]
    return {"free": list(week.items()), "away": away}
