"""What several routes say alike."""

from tandem.api.schemas.people import EraseAnswer, ErasedOut
from tandem.kit.fingerprints import fingerprint
from tandem.lessons.erasure import Erasure


def erased(done: Erasure, *, dry_run: bool) -> EraseAnswer:
    """Return the counts of an erasure, and of a preview what stands for it."""
    counts = {name: getattr(done, name) for name in ErasedOut.model_fields}
    expect = fingerprint(done.shown) if dry_run else None
    return EraseAnswer(erased=ErasedOut(**counts), dry_run=dry_run, expect=expect)
