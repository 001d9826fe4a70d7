"""What ``tandem doctor`` looks at that breaks nothing today: second factors, old packages."""

from datetime import timedelta

from django.conf import settings

from tandem.kit import time
from tandem.serving.finding import Finding
from tandem.serving.locked import LOCKED_ON

OLDEST_LOCK = timedelta(days=92)
"""Packages are brought up to date four times a year (``docs/reference/security.md``)."""


def second_factor() -> Finding:
    """Look whether a password alone opens what other people can reach."""
    asked = settings.REQUIRE_SECOND_FACTOR
    if asked == "everybody":
        return Finding("second-factor", ok=True, sentence="Everybody has to have a second factor.")
    if not settings.HTTPS:
        return Finding(
            "second-factor",
            ok=True,
            sentence="A password is enough, as people come from this machine or its network.",
        )
    whom = "tutors" if asked == "owners" else "owners and tutors"
    return Finding(
        "second-factor",
        ok=False,
        sentence=f"A password alone lets {whom} in, who read and write children's records.",
        remedy="Set TANDEM_REQUIRE_SECOND_FACTOR=everybody; who has none is led to set it up.",
    )


def packages() -> Finding:
    """Look whether the packages that this version came with were chosen of late."""
    when = f"{LOCKED_ON:%-d %B %Y}"
    if time.utc_now().date() - LOCKED_ON > OLDEST_LOCK:
        return Finding(
            "packages",
            ok=False,
            sentence=f"The packages that Tandem works with are as they were on {when}.",
            remedy="Install a newer Tandem: faults of packages become known every week.",
        )
    return Finding("packages", ok=True, sentence=f"The packages were chosen on {when}.")
