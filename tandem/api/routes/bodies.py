"""What several routes say alike."""

from tandem.api.schemas.people import ErasedOut
from tandem.lessons.erasure import Erasure


def erased(done: Erasure) -> ErasedOut:
    """Return the counts of an erasure."""
    return ErasedOut(**vars(done))
