"""What pages say, where it takes more than a template: faults, history, names. No database."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from tandem.insights.page_rows import HistoryLine
from tandem.lessons.models import SessionEvent
from tandem.lessons.reassign import Clash
from tandem.people.link_strength import Weakness
from tandem.people.models import Student
from tandem.people.weak_links import weakness_of
from tandem.relationships.models import RelationshipEvent
from tandem.web.cancel_words import cancelled_words

What = RelationshipEvent.What

FAULTS = {
    "bad_utf8": "Part of its text could not be read and shows as �.",
    "blank_name": "The name is missing.",
    "dangling_tutor": "The tutor named for this student did not exist any more.",
    "duplicate_email": "Another tutor has the same e-mail address.",
    "duplicate_value": "Another one has the same account, link or address, and only one can.",
    "end_date_on_open": "It has an end date, though it was not marked as ended.",
    "ends_before_start": "It ends before it starts.",
    "no_end_date": "It was marked as ended, but no end date was kept.",
    "nul_character": "Its text held a character that cannot be stored; that character is gone.",
    "other_tutor_named": "It names another tutor than the one it is kept under.",
    "outside_relationship": "It lies outside the time in which this tutor taught this student.",
    "overlap": "It overlaps another one.",
    "too_long": "It is longer than a day.",
    "unknown_status": "Its status was a word that Tandem does not know.",
    "unreadable_date": "One of its dates could not be read.",
}
REASONS = {
    "duplicate_value": "Another row has the same account or address, and only one can.",
    "no_relationship": "Its student never had a tutor, so nobody is known to have held it.",
    "no_student": "The student it belongs to does not exist any more.",
    "no_tutor": "The tutor it belongs to does not exist any more.",
    "unreadable_date": "One of its dates could not be read.",
}
TRENDS = {
    "sessions_completed": "Sessions held",
    "hours_completed": "Hours taught",
    "students_added": "Students added",
    "relationships_started": "Relationships started",
    "relationships_ended": "Relationships ended",
}
TABLES = {
    "Parent": "Parent",
    "Session": "Session",
    "Student": "Student",
    "StudentTutorConnection": "Connection of a tutor and a student",
    "Subscription": "Subscription",
    "Tutor": "Tutor",
}
NEW_TABLES = {
    "people_tutor": "Tutors",
    "people_student": "Students",
    "people_parent": "Parents",
    "people_subscription": "Subscriptions",
    "people_subject": "Subjects",
    "people_tutorsubject": "Who teaches which subject",
    "relationships_tutorstudent": "Who teaches whom",
    "relationships_relationshipevent": "Lines of history",
    "relationships_primaryperiod": "Days of primary tutors",
    "lessons_session": "Sessions",
    "upgrade_unlinkedlegacyrow": "Rows without a place",
}


WEAKNESSES = {
    Weakness.SHORT: "It is so short that somebody could guess it.",
    Weakness.DIGITS: "It is digits alone, which somebody could guess.",
    Weakness.PATTERN: "It is made of names or of a pattern, which somebody could guess.",
}

NOT_SO = {
    "tutor_away": "the tutor is away then",
    "closed": "the business is closed then",
    "outside_relationship": "this tutor does not teach this student then",
    "begun": "it would have begun already",
    "changed_since": "it was changed again since, and stays as it is now",
}
"""Why a lesson cannot be then, where no other lesson is in its way."""


def fault_sentences(faults: str) -> list[str]:
    """Return a sentence for each of the faults in a ``legacy_fault``."""
    return [
        FAULTS.get(name, f"It breaks a rule: {name.replace('_', ' ')}.") for name in faults.split()
    ]


def weakness_sentence(student: Student) -> str:
    """Return why somebody could guess the parents' link of a student, or ''."""
    why = weakness_of(student)
    return WEAKNESSES[why] if why else ""


def reason_sentence(reason: str) -> str:
    """Return why an imported row fits nowhere, as a sentence."""
    return REASONS.get(reason, f"It fits nowhere yet: {reason.replace('_', ' ')}.")


def clash_sentence(clash: Clash) -> str:
    """Return why a session cannot change hands, in the zone of the page."""
    when = f"{timezone.localtime(clash.session.starts_at):%a %-d %b %Y, %H:%M}"
    if said := NOT_SO.get(clash.reason):
        return f"{when}: {said}."
    if clash.busy_with is None:
        return f"{when}: where the tutor is, this falls on a day before they begin."
    who = "tutor" if clash.reason == "tutor_busy" else "student"
    busy = clash.busy_with
    start, end = timezone.localtime(busy.starts_at), timezone.localtime(busy.ends_at)
    return f"{when}: the {who} already has a session from {start:%H:%M} to {end:%H:%M}."


def event_sentence(event: HistoryLine, beside: Mapping[str, str]) -> str:
    """Return one line of history as a sentence.

    ``beside`` has the names of the tutors in the relationships that the reader may see, by the id
    of the relationship: the other tutor of a transfer is named only out of these.
    """
    names = {
        "tutor": event.tutor_name,
        "subject": _of(event.subject_then),
        "before": event.subject_before or "any subject",
        "after": event.subject_then or "any subject",
        "from": _other(beside, event.handed_from),
        "to": _other(beside, event.handed_to),
        "edge": "end" if event.is_end else "start",
        "day": f"{event.on_date:%a %-d %b %Y}",
        "held_on": f" on {event.on_date:%a %-d %b %Y}" if event.what == What.COVERED else "",
    }
    return SENTENCES[What(event.what)].format_map(names)


SENTENCES = {
    What.REQUESTED: "{tutor} was asked to teach{subject}",
    What.ACCEPTED: "The request for {tutor} was accepted",
    What.DECLINED: "The request for {tutor} was declined",
    What.STARTED: "{tutor} began to teach{subject}",
    What.SUBJECT_CHANGED: "{tutor} changed from {before} to {after}",
    What.PAUSED: "Teaching by {tutor} was paused",
    What.RESUMED: "{tutor} resumed teaching",
    What.MADE_PRIMARY: "{tutor} became the primary tutor",
    What.TRANSFERRED_OUT: "{tutor} handed over to {to}",
    What.TRANSFERRED_IN: "{tutor} took over{subject} from {from}",
    What.COVERED: "{to} covered a session of {tutor}{held_on}",
    What.ENDED: "{tutor} stopped teaching",
    What.CORRECTED: "The {edge} of {tutor} was corrected to {day}",
    What.REOPENED: "{tutor} goes on teaching: the end was taken back",
    What.REMOVED: "The pairing with {tutor}{subject} was a mistake and was removed",
    What.IMPORTED: "{tutor} taught{subject} in the older application",
}


def session_event_sentence(event: SessionEvent) -> str:
    """Return one line of a session's history as a sentence, in the zone of the page."""
    in_spite = " and ".join(IN_SPITE[code] for code in event.details.get("override", []))
    where = " in the older application" if event.details.get("source") else ""
    return _what_happened(event) + where + (f", although {in_spite}" if in_spite else "")


IN_SPITE = {"tutor_away": "the tutor was away", "closed": "the business was closed"}
"""What an owner may plan in spite of, as history says it."""


def _what_happened(event: SessionEvent) -> str:
    if event.what == SessionEvent.What.MOVED:
        before, after = (
            timezone.localtime(datetime.fromisoformat(event.details[name]))
            for name in ("from_start", "to_start")
        )
        return f"Moved from {before:%a %-d %b %Y, %H:%M} to {after:%a %-d %b %Y, %H:%M}"
    if event.what == SessionEvent.What.CANCELLED:
        return cancelled_words(event.details)
    return SessionEvent.What(event.what).label


def _of(subject: str | None) -> str:
    return f" {subject}" if subject else ""


def _other(beside: Mapping[str, str], row_id: str | None) -> str:
    return beside.get(row_id or "", "another tutor")


def grouped(number: int) -> str:
    """Return a whole number as one reads it: 19,920."""
    return f"{number:,}"


def plain_number(number: float) -> str:
    """Return '12' for 12.0 and '1.5' for 1.5."""
    return f"{number:,.10g}"
