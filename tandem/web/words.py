"""What pages say, where it takes more than a template: faults, history, names. No database."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils import timezone

from tandem.insights.page_rows import HistoryLine
from tandem.kit.dates import day_words
from tandem.kit.language import ENGLISH, NAMES, gettext_lazy, spoken
from tandem.kit.language import gettext as _
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.reassign import WHY_NOT, Clash
from tandem.people.link_strength import Weakness
from tandem.people.models import Student
from tandem.people.queries import Viewer
from tandem.people.weak_links import weakness_of
from tandem.relationships.models import RelationshipEvent
from tandem.web.cancel_words import cancelled_words

What = RelationshipEvent.What

FAULTS = {
    "bad_utf8": gettext_lazy("Part of its text could not be read and shows as �."),
    "blank_name": gettext_lazy("The name is missing."),
    "dangling_tutor": gettext_lazy("The tutor named for this student did not exist any more."),
    "duplicate_email": gettext_lazy("Another tutor has the same e-mail address."),
    "duplicate_value": gettext_lazy(
        "Another one has the same account, link or address, and only one can."
    ),
    "end_date_on_open": gettext_lazy("It has an end date, though it was not marked as ended."),
    "ends_before_start": gettext_lazy("It ends before it starts."),
    "no_end_date": gettext_lazy("It was marked as ended, but no end date was kept."),
    "nul_character": gettext_lazy(
        "Its text held a character that cannot be stored; that character is gone."
    ),
    "other_tutor_named": gettext_lazy("It names another tutor than the one it is kept under."),
    "outside_relationship": gettext_lazy(
        "It lies outside the time in which this tutor taught this student."
    ),
    "overlap": gettext_lazy("It overlaps another one."),
    "too_long": gettext_lazy("It is longer than a day."),
    "unknown_status": gettext_lazy("Its status was a word that Tandem does not know."),
    "unreadable_date": gettext_lazy("One of its dates could not be read."),
}
REASONS = {
    "duplicate_value": gettext_lazy(
        "Another row has the same account or address, and only one can."
    ),
    "no_relationship": gettext_lazy(
        "Its student never had a tutor, so nobody is known to have held it."
    ),
    "no_student": gettext_lazy("The student it belongs to does not exist any more."),
    "no_tutor": gettext_lazy("The tutor it belongs to does not exist any more."),
    "unreadable_date": gettext_lazy("One of its dates could not be read."),
}
TRENDS = {
    "sessions_completed": gettext_lazy("Sessions held"),
    "hours_completed": gettext_lazy("Hours taught"),
    "students_added": gettext_lazy("Students added"),
    "relationships_started": gettext_lazy("Relationships started"),
    "relationships_ended": gettext_lazy("Relationships ended"),
}
TABLES = {
    "Parent": gettext_lazy("Parent"),
    "Session": gettext_lazy("Session"),
    "Student": gettext_lazy("Student"),
    "StudentTutorConnection": gettext_lazy("Connection of a tutor and a student"),
    "Subscription": gettext_lazy("Subscription"),
    "Tutor": gettext_lazy("Tutor"),
}
NEW_TABLES = {
    "people_tutor": gettext_lazy("Tutors"),
    "people_student": gettext_lazy("Students"),
    "people_parent": gettext_lazy("Parents"),
    "people_subscription": gettext_lazy("Subscriptions"),
    "people_subject": gettext_lazy("Subjects"),
    "people_tutorsubject": gettext_lazy("Who teaches which subject"),
    "relationships_tutorstudent": gettext_lazy("Who teaches whom"),
    "relationships_relationshipevent": gettext_lazy("Lines of history"),
    "relationships_primaryperiod": gettext_lazy("Days of primary tutors"),
    "lessons_session": gettext_lazy("Sessions"),
    "upgrade_unlinkedlegacyrow": gettext_lazy("Rows without a place"),
}


WEAKNESSES = {
    Weakness.SHORT: gettext_lazy("It is so short that somebody could guess it."),
    Weakness.DIGITS: gettext_lazy("It is digits alone, which somebody could guess."),
    Weakness.PATTERN: gettext_lazy(
        "It is made of names or of a pattern, which somebody could guess."
    ),
}

WITH_HOURS = {"tutor_busy", "student_busy", "before_start"}
"""Of these the page says more than ``WHY_NOT``."""
NOT_SO = {
    **{code: words for code, words in WHY_NOT.items() if code not in WITH_HOURS},
    "outside_relationship": gettext_lazy("this tutor does not teach this student then"),
    "begun": gettext_lazy("it would have begun already"),
    "changed_since": gettext_lazy("it was changed again since, and stays as it is now"),
}
"""Why a lesson cannot be then, where no other lesson is in its way."""
OF_TAKER = {
    "tutor_away": gettext_lazy("{tutor} is away then"),
    "tutor_inactive": gettext_lazy("{tutor} is inactive"),
}
"""The same of somebody else than whoever holds it now."""


def fault_sentences(faults: str) -> list[str]:
    """Return a sentence for each of the faults in a ``legacy_fault``."""
    return [
        FAULTS.get(name) or _("It breaks a rule: {rule}.").format(rule=name.replace("_", " "))
        for name in faults.split()
    ]


def weakness_sentence(student: Student) -> str:
    """Return why somebody could guess the parents' link of a student, or ''."""
    why = weakness_of(student)
    return WEAKNESSES[why] if why else ""


def reason_sentence(reason: str) -> str:
    """Return why an imported row fits nowhere, as a sentence."""
    known = REASONS.get(reason)
    return known or _("It fits nowhere yet: {reason}.").format(reason=reason.replace("_", " "))


def clash_sentence(clash: Clash) -> str:
    """Return why a session cannot be as asked, in the zone of the page, on the day it would be."""
    return f"{_when(clash)}: {_why(clash)}"


def clash_line(clash: Clash, viewer: Viewer) -> str:
    """Return the same with whose session it is, and with whom its hours are, if one may see."""
    session, busy = clash.session, clash.busy_with
    why = _why(clash)
    if busy and _may_see(busy, viewer):
        who = _with_whom(busy, viewer)
        why = _("{why} It is {who}.").format(why=why, who=who)
    if not _may_see(session, viewer):
        return f"{_when(clash)}: {why}"
    return f"{_with_whom(session, viewer)}, {_when(clash)}: {why}"


def _may_see(session: Session, viewer: Viewer) -> bool:
    return viewer.is_owner or session.tutor_id == viewer.tutor_id


def _with_whom(session: Session, viewer: Viewer) -> str:
    student = session.student.full_name or _("this student")
    if not viewer.is_owner:
        return student
    return _("{student} with {tutor}").format(student=student, tutor=session.tutor)


def _when(clash: Clash) -> str:
    now = _moment(clash.session.starts_at)
    if clash.at is None:
        return now
    return _("{then} (now {now})").format(then=_moment(clash.at), now=now)


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{day_words(local)}, {local:%H:%M}"


def _why(clash: Clash) -> str:
    if clash.taker and (said := OF_TAKER.get(clash.reason)):
        return f"{said}.".format(tutor=clash.taker)
    if said := NOT_SO.get(clash.reason):
        return f"{said}."
    if clash.busy_with is None:
        return _("where the tutor is, this falls on a day before they begin.")
    busy = clash.busy_with
    start, end = timezone.localtime(busy.starts_at), timezone.localtime(busy.ends_at)
    text = (
        _("the tutor already has a session from {start:%H:%M} to {end:%H:%M}.")
        if clash.reason == "tutor_busy"
        else _("the student already has a session from {start:%H:%M} to {end:%H:%M}.")
    )
    return text.format(start=start, end=end)


def event_sentence(event: HistoryLine, beside: Mapping[str, str], today: date) -> str:
    """Return one line of history as a sentence; of a day after ``today`` what will be then.

    ``beside`` has the names of the tutors in the relationships that the reader may see, by the id
    of the relationship: the other tutor of a transfer is named only out of these.
    """
    names = {
        "tutor": event.tutor_name,
        "subject": _of(event.subject_then),
        "before": event.subject_before or _("any subject"),
        "after": event.subject_then or _("any subject"),
        "from": _other(beside, event.handed_from),
        "to": _other(beside, event.handed_to),
        "day": day_words(event.on_date),
    }
    if event.what == What.CORRECTED and event.is_end:
        return _("The end of {tutor} was corrected to {day}").format_map(names)
    return _sentence(event, today).format_map(names)


def _sentence(event: HistoryLine, today: date) -> str:
    what = What(event.what)
    if event.is_undone and what in UNDONE:
        return str(UNDONE[what])
    ahead = AHEAD if event.holds else NO_MORE
    is_ahead = event.on_date > today and what in ahead
    if event.is_cover and what in OF_COVERS:
        now, later, no_more = OF_COVERS[what]
        return str((later if event.holds else no_more) if is_ahead else now)
    return str(ahead[what] if is_ahead else SENTENCES[what])


SENTENCES = {
    What.REQUESTED: gettext_lazy("{tutor} was asked to teach{subject}"),
    What.ACCEPTED: gettext_lazy("The request for {tutor} was accepted"),
    What.DECLINED: gettext_lazy("The request for {tutor} was declined"),
    What.STARTED: gettext_lazy("{tutor} began to teach{subject}"),
    What.SUBJECT_CHANGED: gettext_lazy("{tutor} changed from {before} to {after}"),
    What.PAUSED: gettext_lazy("Teaching by {tutor} was paused"),
    What.RESUMED: gettext_lazy("{tutor} resumed teaching"),
    What.MADE_PRIMARY: gettext_lazy("{tutor} became the primary tutor"),
    What.TRANSFERRED_OUT: gettext_lazy("{tutor} handed over to {to}"),
    What.TRANSFERRED_IN: gettext_lazy("{tutor} took over{subject} from {from}"),
    What.COVERED: gettext_lazy("{to} covered a session of {tutor} on {day}"),
    What.ENDED: gettext_lazy("{tutor} stopped teaching"),
    What.CORRECTED: gettext_lazy("The start of {tutor} was corrected to {day}"),
    What.REOPENED: gettext_lazy("{tutor} goes on teaching: the end was taken back"),
    What.REMOVED: gettext_lazy("The pairing with {tutor}{subject} was a mistake and was removed"),
    What.IMPORTED: gettext_lazy("{tutor} taught{subject} in the older application"),
}


AHEAD = {
    What.STARTED: gettext_lazy("{tutor} will begin to teach{subject}"),
    What.MADE_PRIMARY: gettext_lazy("{tutor} will be the primary tutor"),
    What.TRANSFERRED_OUT: gettext_lazy("{tutor} will hand over to {to}"),
    What.TRANSFERRED_IN: gettext_lazy("{tutor} will take over{subject} from {from}"),
    What.COVERED: gettext_lazy("{to} will cover a session of {tutor} on {day}"),
    What.ENDED: gettext_lazy("{tutor} will stop teaching"),
}
"""Until the day has come."""
NO_MORE = {
    What.STARTED: gettext_lazy("{tutor} was to begin to teach{subject}"),
    What.MADE_PRIMARY: gettext_lazy("{tutor} was to be the primary tutor"),
    What.TRANSFERRED_OUT: gettext_lazy("{tutor} was to hand over to {to}"),
    What.TRANSFERRED_IN: gettext_lazy("{tutor} was to take over{subject} from {from}"),
    What.COVERED: gettext_lazy("{to} was to cover a session of {tutor} on {day}"),
    What.ENDED: gettext_lazy("{tutor} was to stop teaching"),
}
"""Where something else was decided since for a day that lies ahead."""
OF_COVERS = {
    What.STARTED: (
        gettext_lazy("{tutor} covered{subject}"),
        gettext_lazy("{tutor} will cover{subject}"),
        gettext_lazy("{tutor} was to cover{subject}"),
    ),
    What.REMOVED: (gettext_lazy("The cover by {tutor} was taken back"),) * 3,
}
"""What stands there of a stand-in's relationship instead: now, until the day, and never."""
UNDONE = {
    What.ENDED: gettext_lazy("The transfer to {tutor} was undone"),
    What.RESUMED: gettext_lazy("{tutor} goes on teaching: the transfer was undone"),
}


def session_event_sentence(event: SessionEvent, taker: str = "") -> str:
    """Return one line of a session's history as a sentence, in the zone of the page.

    ``taker`` is the name of the tutor who holds it then, where it goes to another.
    """
    in_spite = _(" and ").join([str(IN_SPITE[code]) for code in event.details.get("override", [])])
    where = _(" in the older application") if event.details.get("source") else ""
    return (
        _what_happened(event, taker)
        + where
        + (_(", although {why}").format(why=in_spite) if in_spite else "")
    )


TO_ANOTHER = {
    SessionEvent.What.COVERED: gettext_lazy("Given to {tutor} as cover"),
    SessionEvent.What.HANDED_OVER: gettext_lazy("Handed over to {tutor}"),
    SessionEvent.What.GIVEN_BACK: gettext_lazy("Given back to {tutor}"),
}
"""What history says of a session that goes to another tutor, whose name is known."""
IN_SPITE = {
    "tutor_away": gettext_lazy("the tutor was away"),
    "closed": gettext_lazy("the business was closed"),
}
"""What an owner may plan in spite of, as history says it."""


def _what_happened(event: SessionEvent, taker: str) -> str:
    if taker and (goes := TO_ANOTHER.get(SessionEvent.What(event.what))):
        return str(goes).format(tutor=taker)
    if event.what == SessionEvent.What.MOVED:
        before, after = (
            timezone.localtime(datetime.fromisoformat(event.details[name]))
            for name in ("from_start", "to_start")
        )
        why = event.details.get("reason")
        text = (
            _("Hours corrected from {day}, {time:%H:%M} to {new_day}, {new_time:%H:%M}: {why}")
            if why
            else _("Moved from {day}, {time:%H:%M} to {new_day}, {new_time:%H:%M}")
        )
        return text.format(
            day=day_words(before), time=before, new_day=day_words(after), new_time=after, why=why
        )
    if event.what == SessionEvent.What.CANCELLED:
        return cancelled_words(event.details)
    return SessionEvent.What(event.what).label


def _of(subject: str | None) -> str:
    return f" {subject}" if subject else ""


def _other(beside: Mapping[str, str], row_id: str | None) -> str:
    return beside.get(row_id or "", _("another tutor"))


TURNED = str.maketrans(",.", ".,")
"""Numbers in German: 19.920 and 1,5."""


def language_name(language: str) -> str:
    """Return what a language calls itself, as BCP 47 writes it where it is none of Tandem's."""
    return NAMES.get(language, language)


def grouped(number: int) -> str:
    """Return a whole number as one reads it: 19,920."""
    return f"{number:,}" if spoken() == ENGLISH else f"{number:,}".translate(TURNED)


def plain_number(number: float) -> str:
    """Return '12' for 12.0 and '1.5' for 1.5."""
    text = f"{number:,.10g}"
    return text if spoken() == ENGLISH else text.translate(TURNED)
