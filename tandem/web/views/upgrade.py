"""How far is the move from the older application? Owners look; the command line acts."""

from django.http import HttpResponse
from django.shortcuts import render

from tandem.kit.language import gettext as _
from tandem.people.rules import check_owner
from tandem.upgrade.live.report import NEXT
from tandem.upgrade.live.status import status_now
from tandem.upgrade.models import last_replacement
from tandem.upgrade.phases import Phase
from tandem.web import upgrade_status
from tandem.web.methods import require_safe
from tandem.web.reader import PageRequest, signed_in, wants_fragment


@require_safe
@signed_in
def upgrade(request: PageRequest) -> HttpResponse:
    """The whole page, or for htmx the part that changes while a command is at work."""
    check_owner(is_owner=request.reader.viewer.is_owner, doing=_("look at the move"))
    found = status_now()
    phase = found.state.phase
    begun = phase is not Phase.NOT_BEGUN
    replacement = None if begun else last_replacement()
    context = {
        "found": found,
        "begun": begun,
        "steps": upgrade_status.steps(phase),
        "brought": upgrade_status.brought(found),
        "next": NEXT[phase],
        "finished": phase is Phase.CONTRACTED,
        "replacement": replacement,
        "came": upgrade_status.came(replacement.counts) if replacement else [],
    }
    part = wants_fragment(request)
    return render(request, "upgrade/live.html" if part else "upgrade/page.html", context)
