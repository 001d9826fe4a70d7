"""What needs me? The first page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tandem.insights.attention import how_many
from tandem.insights.overview import counted, overview
from tandem.web.attention import kinds
from tandem.web.reader import PageRequest, signed_in

MOST_SESSIONS = 60
MOST_WAITING = 10


@require_safe
@signed_in
def home(request: PageRequest) -> HttpResponse:
    reader = request.reader
    seen = overview(reader.viewer, zone=reader.zone, now=reader.now)
    faulty = kinds(reader.viewer)
    numbers = how_many({**counted(reader.viewer, zone=reader.zone, now=reader.now), **faulty})
    attention = sum(numbers[kind] for kind in faulty)
    today = list(seen.today[:MOST_SESSIONS])
    context = {
        "numbers": numbers,
        "attention": attention,
        "today": today,
        "more_today": numbers["today"] - len(today),
        "unrecorded": seen.unrecorded[:MOST_WAITING],
        "requests": seen.requests[:MOST_WAITING],
    }
    return render(request, "home.html", context)
