"""What is said where something cannot be undone."""

from tandem.kit.language import gettext_lazy

FREE_THE_HOURS = gettext_lazy(
    "Move or cancel what is in the way, take the time off back or open the day, and undo it then; "
    "or change by itself what should be another."
)
LOOK_FIRST = gettext_lazy(
    "All the others can be undone: look at what would be, and undo them then."
)
NOTHING_LEFT = gettext_lazy(
    "Nothing of it is left to undo: all of it was changed again since. Nothing was done."
)
