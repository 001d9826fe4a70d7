"""A tutor's week, and what is said of their time."""

from django.http import HttpResponse
from django.urls import reverse

from tandem.kit.language import gettext as _
from tandem.kit.time import zone_or_business
from tandem.lessons.availability import availability_of, set_availability
from tandem.lessons.seen import hold_tutor
from tandem.people.models import Tutor
from tandem.people.queries import visible_tutor
from tandem.people.rules import check_tutor_editor
from tandem.web.forms.time import WeekSheet
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.templatetags.tandem import zone_name
from tandem.web.views.action_page import act, tutor_trail


@form_page
def week(request: PageRequest, tutor_id: str) -> HttpResponse:
    """The lines are the whole week: a time that is emptied is no longer free."""
    tutor = tutor_to_write(request, tutor_id)
    rows = list(availability_of(tutor.pk))
    form = bind_form(request, WeekSheet, row=tutor, week=rows)
    done = submit(
        request,
        form,
        lambda _given: set_availability(
            requester=request.reader, tutor_id=tutor_id, spans=form.spans()
        ),
        to=lambda _done: time_of(tutor_id),
        success_message=f"{_('The week is saved.')} {tutor}.",
        seen=lambda: hold_tutor(request.reader.viewer, tutor_id),
    )
    return done or act(
        request,
        form,
        heading=_("When is {tutor} free every week?").format(tutor=tutor),
        button=_("Save"),
        trail=tutor_trail(tutor),
        intro=[
            clock_of(tutor),
            _("Empty both times of a line to take it out. Until midnight is until 00:00."),
        ],
        template="tutors/week.html",
    )


def tutor_to_write(request: PageRequest, tutor_id: str) -> Tutor:
    """Return a tutor whose time the reader may write."""
    viewer = request.reader.viewer
    tutor = visible_tutor(viewer, tutor_id)
    check_tutor_editor(is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id)
    return tutor


def time_of(tutor_id: str) -> str:
    """Return the address of a tutor's time."""
    return f"{reverse('tutor', args=[tutor_id])}#time"


def clock_of(tutor: Tutor) -> str:
    """Return the sentence that says whose clock it is."""
    return _("Times are in {zone}, where {tutor} is.").format(
        zone=zone_name(zone_or_business(tutor.time_zone)), tutor=tutor
    )
