"""The business's logo, which pages show beside its name."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tandem.kit.errors import NotFoundError
from tandem.web.methods import require_safe

A_YEAR = 31_536_000


@require_safe
def logo(_request: HttpRequest, tag: str) -> HttpResponse:
    """For everybody: families see it, and who signs in. Another logo has another address."""
    kept = settings.BUSINESS_LOGO
    if kept is None or kept.tag != tag:
        raise NotFoundError("logo", tag)
    answer = HttpResponse(kept.content, content_type=kept.media_type)
    answer["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return answer
