"""How a student gets on: the marks from 1 to 5 that sessions were given."""

from dataclasses import dataclass, field
from datetime import datetime

from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter, sessions
from tandem.people.queries import Viewer

MOST = 24


@dataclass(frozen=True)
class Mark:
    """The progress, from 1 to 5, that one session was given."""

    session: Session
    progress: int

    @property
    def at(self) -> datetime:
        return self.session.starts_at


@dataclass
class Line:
    """The marks with one tutor in one subject, the oldest first."""

    title: str
    marks: list[Mark] = field(default_factory=list)


def progress_lines(viewer: Viewer, student_id: str) -> list[Line]:
    """Return the last marks that the viewer may see, by relationship, in one query.

    Where there are several relationships, the first line has the marks of all of them.
    """
    held = SessionFilter(student_id=student_id, statuses=(Session.Status.COMPLETED,))
    rows = sessions(viewer, held).filter(progress__isnull=False).order_by("-starts_at", "-id")
    lines: dict[str, Line] = {}
    every = Line("All together")
    for session in reversed(rows[:MOST]):
        mark = Mark(session, session.progress or 0)
        subject = session.tutor_student.subject
        title = f"{session.tutor}, {subject}" if subject else str(session.tutor)
        lines.setdefault(session.tutor_student_id, Line(title)).marks.append(mark)
        every.marks.append(mark)
    return [every, *lines.values()] if len(lines) > 1 else list(lines.values())
