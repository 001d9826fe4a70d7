"""When the packages were last chosen, and their lock; ``make lock`` writes this."""

from datetime import date

LOCKED_ON = date(2026, 11, 29)
LOCK_SHA256 = "90f1a4741ab43072cd60e9adcb0c27abf48d479e675f5385ccda85be21d80870"
