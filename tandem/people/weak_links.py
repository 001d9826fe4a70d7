"""Parents' links that could be guessed: found, made anew all at once, listed until they are sent.

An imported link stays as it was, so that the parents' old addresses go on working, until an owner
decides. It is no fault of its row: a row with a fault loses other guards.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import connection
from django.db.models import QuerySet

from tandem.kit.errors import ConflictError
from tandem.kit.ids import new_parent_link_token
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.plain_letters import by_name
from tandem.kit.transactions import one_transaction
from tandem.people.link_sealing import kept_form, unreadable_links
from tandem.people.link_strength import Weakness, weakness
from tandem.people.models import ParentLink, Student, SuspectLink
from tandem.people.parent_links import STATEMENTS
from tandem.people.queries import Viewer
from tandem.people.requester import Requester
from tandem.people.rules import check_owner

FORGET_SUSPECTS = STATEMENTS.compose("forget_suspects")
AT_ONCE = 500
DOING = gettext_lazy("see to all parents' links at once")


@dataclass(frozen=True)
class WeakLink:
    """A student whose parents' link could be guessed, and why."""

    student: Student
    why: Weakness


def weakness_of(student: Student) -> Weakness | None:
    """Return why a student's link could be guessed by somebody who knows the student, or None."""
    known = (student.full_name, student.pk, student.parent_email or "", student.email or "")
    token = student.parent_link_token
    return weakness(token, known) if token else None


def weak_links(viewer: Viewer) -> list[WeakLink]:
    """Return every link that could be guessed, by the student's id. Owners only."""
    check_owner(is_owner=viewer.is_owner, doing=DOING)
    return _weak_among(Student.objects.filter(suspect_link__isnull=False).order_by("pk"))


def students_with_weak_links(viewer: Viewer) -> QuerySet[Student]:
    """Return the students whose link that is, by id."""
    weak = [one.student.pk for one in weak_links(viewer)]
    return Student.objects.filter(pk__in=weak).order_by("pk")


def fingerprint(links: Iterable[WeakLink]) -> str:
    """Return a short text that is another when other links are weak."""
    parts = [(one.student.pk, one.student.parent_link_token) for one in links]
    return sha256(repr(parts).encode()).hexdigest()[:32]


def forget_strong_links(since: datetime | None = None) -> int:
    """Take the strong links off the list of those to be looked at; return how many they were.

    ``since``: only those noted from that moment on. The worker does so every few seconds, so that
    who asks for the weak ones reads few others, and does not look at the weak ones ever again.
    """
    forgotten = 0
    suspects = SuspectLink.objects.select_related("student").order_by("pk")
    if since is not None:
        suspects = suspects.filter(noted_at__gte=since)
    while found := list(suspects[:AT_ONCE]):
        suspects = suspects.filter(pk__gt=found[-1].pk)
        strong = [one for one in found if not weakness_of(one.student)]
        forgotten += _forgotten(strong)
    return forgotten


def _forgotten(strong: Sequence[SuspectLink]) -> int:
    values = {
        "student_ids": [one.pk for one in strong],
        "noted": [one.noted_at for one in strong],
    }
    with connection.cursor() as cursor:
        cursor.execute(FORGET_SUSPECTS, values)
        return int(cursor.rowcount)


@one_transaction({})
def rotate_weak_links(*, requester: Requester, expect: str | None = None) -> list[Student]:
    """Give every student with a weak link a new one, to be sent; return them by id. Owners only.

    ``expect`` is the fingerprint of what was looked at: ConflictError ``changed_since_preview``
    where other links are weak now.
    """
    check_owner(is_owner=requester.viewer.is_owner, doing=DOING)
    suspects = SuspectLink.objects.values("student")
    rows = Student.objects.select_for_update(no_key=True).filter(pk__in=suspects)
    weak = _weak_among(rows.order_by("pk"))
    if expect not in {None, fingerprint(weak)}:
        raise ConflictError(
            "changed_since_preview",
            _("Other links are weak now than when you looked, so nothing was done. Look again."),
        )
    return _made_anew([one.student for one in weak], requester.now)


@one_transaction({})
def rotate_unreadable_links(*, requester: Requester) -> list[Student]:
    """Give every student whose link no key opens a new one, to be sent; by id. Owners only."""
    check_owner(is_owner=requester.viewer.is_owner, doing=DOING)
    with connection.cursor() as cursor:
        unreadable = unreadable_links(cursor)
    rows = Student.objects.select_for_update(no_key=True).filter(pk__in=unreadable)
    return _made_anew(list(rows.order_by("pk")), requester.now)


def links_to_send(viewer: Viewer) -> list[ParentLink]:
    """Return the links made anew that nobody has sent or opened yet, by name. Owners only."""
    check_owner(is_owner=viewer.is_owner, doing=DOING)
    waiting = ParentLink.objects.filter(to_send=True, opened_on=None).select_related("student")
    return list(waiting.order_by(by_name("student__full_name"), "pk"))


@one_transaction({})
def links_told(*, requester: Requester, student_ids: Collection[str]) -> int:
    """Note that the parents of these students have been told; return how many were waiting."""
    check_owner(is_owner=requester.viewer.is_owner, doing=DOING)
    waiting = ParentLink.objects.filter(to_send=True, student__in=student_ids)
    return waiting.update(to_send=False)


def _weak_among(rows: Iterable[Student]) -> list[WeakLink]:
    return [WeakLink(student, why) for student in rows if (why := weakness_of(student))]


def _made_anew(students: Sequence[Student], now: datetime) -> list[Student]:
    for student in students:
        student.kept_link, student.updated_at = kept_form(new_parent_link_token()), now
    fields = ["kept_link", "updated_at"]
    Student.objects.bulk_update(students, fields, batch_size=AT_ONCE)
    # The database has just forgotten what it knew of the old links.
    ParentLink.objects.bulk_create(ParentLink(student=one, to_send=True) for one in students)
    return list(students)
