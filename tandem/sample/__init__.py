"""A believable one-tutor database to try Tandem with, the same for the same seed."""

from tandem.sample.faults import FAULTS
from tandem.sample.values import Dates
from tandem.sample.write import SampleCounts, SampleExistsError, write_sample

__all__ = ["FAULTS", "Dates", "SampleCounts", "SampleExistsError", "write_sample"]
