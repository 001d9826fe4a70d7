"""Letters to tutors: what others changed in their diary, as far as it is still so.

The database knows no tutor when it writes a line of history: a lesson may be planned in the same
statement, or go from one tutor to another. So it notes what was changed, and the worker finds out
in whose diary. What somebody did themselves, or nobody who is known, they are not told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from tandem.kit.plain_letters import by_name
from tandem.kit.time import zone_or_business
from tandem.kit.transactions import one_transaction
from tandem.lessons.former_links import links_by_id
from tandem.lessons.letter_texts import own_text
from tandem.lessons.letter_words import words_for
from tandem.lessons.letters import Letter, children_told, written
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.notices import notice_settings
from tandem.lessons.outbox import Notice, TutorNotices, every_change
from tandem.lessons.time_off import check_may_write
from tandem.lessons.untold import Change, Told, changes_in, difference
from tandem.people.models import Student, Tutor
from tandem.people.requester import Requester
from tandem.people.rules import check_has_diary
from tandem.relationships.locks import lock_tutors

What = SessionEvent.What
KINDS: Mapping[str, str] = {
    What.PLANNED: "planned",
    What.REINSTATED: "planned",
    What.MOVED: "moved",
    What.EDITED: "moved",
    What.CANCELLED: "cancelled",
    What.REMOVED: "cancelled",
    What.COVERED: "covered",
    What.HANDED_OVER: "covered",
    What.GIVEN_BACK: "covered",
}
"""What a tutor chooses to be told, by the lines of history that it is of."""
AT_ONCE = 100


def kinds_told(tutor_id: str) -> list[str]:
    """Return what a tutor wants to be told: all of it, unless they chose."""
    row = TutorNotices.objects.filter(pk=tutor_id).first()
    return row.kinds if row else every_change()


@one_transaction({})
def choose_kinds(
    *, requester: Requester, kinds: Iterable[str], tutor_id: str | None = None
) -> TutorNotices:
    """Choose what a tutor is told of their diary: oneself, unless an owner names another tutor.

    Who has no diary is refused.
    """
    if tutor_id is None:
        tutor_id = check_has_diary(requester.viewer.tutor_id)
    check_may_write(requester, tutor_id)
    lock_tutors(tutor_id)  # who erases them meanwhile sees what was chosen, or was first
    chosen = [one for one in every_change() if one in {*kinds}]
    row, _ = TutorNotices.objects.update_or_create(pk=tutor_id, defaults={"kinds": chosen})
    return row


def hand_out_diaries() -> None:
    """Make a letter for each tutor in whose diary somebody else changed something."""
    for _ in range(AT_ONCE):
        with transaction.atomic():
            rows = Notice.objects.filter(kind=Notice.Kind.DIARY, guardian=None, tutor=None)
            row = rows.select_for_update(skip_locked=True).first()
            if row is None:
                return
            _hand_out(row)


def diary_letter_of(notice: Notice, now: datetime) -> Letter | None:
    """Return the letter as things are now; None where there is nothing to tell any more."""
    tutor = notice.tutor
    if tutor is None:
        raise ValueError("A letter about a diary has a tutor.")
    found = [one for one in _told(notice.about, tutor) if one[1].ends_at > now]
    rows = Student.objects.filter(pk__in={lesson.student_id for _, lesson in found})
    students = {one.pk: one for one in rows.order_by(by_name(), "id")}
    told = [one for one in found if one[1].student_id in students]
    if not told:
        return None
    zone = zone_or_business(tutor.time_zone)
    for student in students.values():
        student.time_zone = zone  # all times are the reader's own
    words = words_for(tutor.user.language if tutor.user else "")
    children = children_told(told, students, words, now)
    for child, student in zip(children, students.values(), strict=True):
        # Whole names, because a tutor knows many an Ana.
        child.name = " ".join(student.full_name.split()) or words.a_student
    own = own_text(notice.kind, words.language)
    return written(notice.kind, tutor.full_name, children, link="", words=words, own=own)


def _hand_out(row: Notice) -> None:
    events = list(SessionEvent.objects.filter(pk__in=row.about).order_by("id"))
    about = _by_tutor(events)
    tutors = Tutor.objects.filter(pk__in=about, active=True).select_related("notices")
    business = {*notice_settings().kinds}
    letters = []
    for tutor in tutors.order_by("pk"):
        own = getattr(tutor, "notices", None)
        wanted = business.intersection(own.kinds if own else every_change())
        ids = [
            one.pk
            for one in about[tutor.pk]
            if KINDS[one.what] in wanted and not _is_own(one, tutor)
        ]
        if ids:
            since = {"made_at": row.made_at, "next_try_at": row.next_try_at}
            letters.append(Notice(kind=row.kind, deed=row.deed, tutor=tutor, about=ids, **since))
    row.delete()
    Notice.objects.bulk_create(letters, ignore_conflicts=True)


def _is_own(event: SessionEvent, tutor: Tutor) -> bool:
    """Tell whether a tutor did it; what a family said by its link nobody with an account did."""
    return event.actor_id is not None and event.actor_id == tutor.user_id


def _by_tutor(events: list[SessionEvent]) -> dict[str, list[SessionEvent]]:
    """Return the lines of history by each tutor whose diary they changed."""
    ids = {one.session_id for one in events}
    now_with = dict(Session.objects.filter(pk__in=ids).values_list("pk", "tutor"))
    named = {pk for one in events for pk in _relationships(one.details)}
    of_link = {pk: one.tutor_id for pk, one in links_by_id(named).items()}
    found: dict[str, list[SessionEvent]] = defaultdict(list)
    for one in events:
        tutors = {of_link.get(pk) for pk in _relationships(one.details)}
        for tutor_id in {*tutors, now_with.get(one.session_id)}:
            if tutor_id is not None:
                found[tutor_id].append(one)
    return found


def _relationships(details: Mapping[str, Any]) -> list[str]:
    return [str(details[one]) for one in ("from", "to", "tutor_student") if details.get(one)]


def _told(about: Iterable[int], tutor: Tutor) -> Iterable[Told]:
    for one in changes_in(about):
        part, lesson = _part_of(one, tutor.pk) or ("", None)
        if lesson is not None and lesson.starts_at >= one.last.at:
            is_theirs = lesson.by == tutor.pk
            yield part, replace(lesson, tutor=None) if is_theirs else lesson


def _part_of(change: Change, tutor_id: str) -> Told | None:
    """Return what is told of a lesson that a tutor had, or has: what others do is not theirs."""
    before, now = change.before, change.now
    had = before if before and before.by == tutor_id else None
    has = now if now and now.by == tutor_id else None
    if had and has:
        return difference(had, has)
    if had:
        return ("given", now) if now else ("cancelled", had)
    return ("taken" if before else "planned", has) if has else None
