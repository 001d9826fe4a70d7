"""What was done at one go, in a sentence that names whom the reader may see."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tandem.kit.language import gettext as _
from tandem.kit.time import (
    business_day,
    days_in_words,
    local_date,
    span_in_words,
    zone_or_business,
)
from tandem.lessons.closures import closures_by_id
from tandem.lessons.deeds import Kind
from tandem.lessons.imports.listing import tutors_of_import
from tandem.lessons.models import Closure, Deed, DeedPart, TimeOff
from tandem.lessons.time_off import time_off_with_tutors
from tandem.people.models import Student
from tandem.people.queries import Viewer, students_by_id
from tandem.relationships.choices import relationships_by_id
from tandem.relationships.models import TutorStudent
from tandem.web.deed_words import Named, deed_sentence
from tandem.web.lines import named

MOST_PARTS = 50
"""An import of more has no names in its sentence, so nobody is asked for."""
OF_TIME_OFF = {Kind.TIME_OFF, Kind.ABSENCE_ENDED}


def deed_sentences(viewer: Viewer, rows: Sequence[Deed]) -> list[str]:
    """Return what each deed was, naming those whom the reader may see."""
    parts = {deed.pk: list(deed.parts.all()) for deed in rows}
    every = [
        part
        for deed in rows
        for part in parts[deed.pk]
        if deed.kind != Kind.IMPORT or len(parts[deed.pk]) <= MOST_PARTS
    ]
    students = students_by_id(viewer, {part.student_id for part in every})
    links = relationships_by_id(viewer, {part.tutor_student_id for part in every})
    closures = closures_by_id(
        viewer, [deed.about for deed in rows if deed.about and deed.kind == Kind.CLOSURE]
    )
    off = time_off_with_tutors(viewer, [deed.about for deed in rows if deed.kind in OF_TIME_OFF])

    def about(deed: Deed) -> Named:
        if deed.kind == Kind.IMPORT:
            return _brought_in(viewer, deed, parts[deed.pk], students)
        seen, taught = {}, {}
        for part in parts[deed.pk]:
            if student := students.get(part.student_id):
                seen[student.pk] = named(student.full_name)
            if link := links.get(part.tutor_student_id):
                taught[link.tutor_id] = str(link.tutor)
        closure, away = closures.get(deed.about), off.get(deed.about)
        return Named(
            [*seen.values()],
            [*taught.values()],
            len(parts[deed.pk]),
            str(closure or ""),
            str(away.tutor) if away else "",
            days=_days(closure, away),
            done=[*dict.fromkeys(what for part in parts[deed.pk] for what in _became(part))],
            **_when(deed, parts[deed.pk], links, away, viewer),
            # Undoing removes what an assignment made; of other deeds every relationship stays.
            lacks_some=deed.kind == Kind.ASSIGNMENT
            and any(part.tutor_student_id not in links for part in parts[deed.pk]),
        )

    return [deed_sentence(Kind(deed.kind), about(deed)) for deed in rows]


def _brought_in(
    viewer: Viewer, deed: Deed, parts: Sequence[DeedPart], students: Mapping[str, Student]
) -> Named:
    """Return who came from a spreadsheet: of many their number, though they are gone since."""
    if deed.about == "tutors":
        return Named([], [one or _("a tutor") for one in tutors_of_import(viewer, deed)], 0)
    every = dict.fromkeys(part.student_id for part in parts)
    names = [named(students[pk].full_name) for pk in every if pk in students]
    return Named(names if len(names) == len(every) else [], [], 0, came=len(every))


def _days(closure: Closure | None, away: TimeOff | None) -> str:
    """Return when the business is closed, or somebody away on their own clock."""
    if closure:
        return days_in_words(closure.starts_on, closure.ends_on)
    if away:
        return span_in_words(away.starts_at, away.ends_at, zone_or_business(away.tutor.time_zone))
    return ""


def _became(part: DeedPart) -> list[str]:
    """Return what became of lessons in an absence, as far as undoing has to know it still."""
    details = part.details
    if "session" in details:
        return ["covered"]
    return [what for what in ("cancelled", "moved") if details.get(what)]


def _when(
    deed: Deed,
    parts: Sequence[DeedPart],
    links: Mapping[str, TutorStudent],
    away: TimeOff | None,
    viewer: Viewer,
) -> dict[str, Any]:
    """Return the day of a deed that lies ahead, and whether it still holds."""
    if deed.undone_at is not None:
        return _never_came(deed, parts)
    if away is not None:
        zone = zone_or_business(away.tutor.time_zone)
        days = [local_date(away.starts_at, zone)]
        return {"on": days[0]} if days[0] > viewer.day else {}
    rows = [links.get(part.tutor_student_id) for part in parts]
    if deed.kind == Kind.END:
        return _end_ahead(parts, rows, viewer)
    days = [row.started_on for row in rows if row and _begins_with(deed, row)]
    if len(days) < len(rows) or not days or min(days) <= viewer.day:
        return {}
    return {"on": min(days)}


def _never_came(deed: Deed, parts: Sequence[DeedPart]) -> dict[str, Any]:
    """Return the day of a deed that was undone before it came."""
    told = [part.details.get("end") or part.details.get("on") for part in parts]
    days = [date.fromisoformat(one) for one in told if one]
    if deed.undone_at is None or not days or min(days) <= business_day(deed.undone_at):
        return {}
    return {"on": min(days), "holds": False}


def _end_ahead(
    parts: Sequence[DeedPart], rows: Sequence[TutorStudent | None], viewer: Viewer
) -> dict[str, Any]:
    for part, row in zip(parts, rows, strict=True):
        said = part.details.get("end")
        day = date.fromisoformat(said) if said else row and row.ended_on
        if row and day and day > viewer.day:
            return {"on": day, "holds": row.ended_on == day}
    return {}


def _begins_with(deed: Deed, row: TutorStudent) -> bool:
    """Tell whether a relationship began by the deed: a cover may be by whom teaches anyway."""
    return deed.kind != Kind.COVER or row.kind == TutorStudent.Kind.COVER
