"""A believable one-tutor database to try Tandem with, the same for the same seed."""

from tandem.upgrade.sample.faults import FAULTS
from tandem.upgrade.sample.values import Dates
from tandem.upgrade.sample.write import SampleCounts, SampleExistsError, write_sample

__all__ = ["FAULTS", "Dates", "SampleCounts", "SampleExistsError", "write_sample"]
