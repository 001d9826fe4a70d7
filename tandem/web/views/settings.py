"""Settings: every one of a business, each with how it is now."""

from django.http import HttpResponse
from django.shortcuts import render

from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, signed_in
from tandem.web.settings_lines import sections_for
from tandem.web.views.own_account import holder


@require_safe
@signed_in
def settings(request: PageRequest) -> HttpResponse:
    sections = sections_for(request.reader, holder(request))
    return render(request, "settings.html", {"sections": sections})
