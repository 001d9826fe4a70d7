"""What families can be told by mail."""

from django.db.models import TextChoices

from tandem.kit.language import gettext_lazy


class NoticeKind(TextChoices):
    """Each kind that there is, in the order in which it is shown."""

    PLANNED = "planned", gettext_lazy("Lessons that are planned")
    MOVED = "moved", gettext_lazy("Lessons that move to another time")
    CANCELLED = "cancelled", gettext_lazy("Lessons that are cancelled")
    COVERED = "covered", gettext_lazy("Lessons that another tutor takes over")
    REMINDER = "reminder", gettext_lazy("A reminder, the day before")
    SUMMARY = "summary", gettext_lazy("A summary, every week")
