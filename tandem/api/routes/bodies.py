"""What several routes say alike."""

from tandem.api.schemas.parts import WideWrite
from tandem.api.schemas.people import EraseAnswer, ErasedOut
from tandem.lessons.erasure import Erasure


def erased(done: Erasure, asked: WideWrite) -> EraseAnswer:
    """Return the counts of an erasure, and of a preview what stands for it."""
    counts = {name: getattr(done, name) for name in ErasedOut.model_fields}
    expect = asked.fingerprint_of(done.shown)
    return EraseAnswer(erased=ErasedOut(**counts), dry_run=asked.dry_run, expect=expect)
