"""What families can be told by mail."""

from django.db.models import TextChoices


class NoticeKind(TextChoices):
    """Each kind that there is, in the order in which it is shown."""

    PLANNED = "planned", "Lessons that are planned"
    MOVED = "moved", "Lessons that move to another time"
    CANCELLED = "cancelled", "Lessons that are cancelled"
    COVERED = "covered", "Lessons that another tutor takes over"
    REMINDER = "reminder", "A reminder, the day before"
    SUMMARY = "summary", "A summary, every week"
