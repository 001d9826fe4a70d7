"""Guardians: the adults of students, who may see them, and what may be changed about them.

Owners see and change all. A tutor is told who the guardians of the students are whom they teach
now, and how to reach them; never a link, because it opens the pages of brothers and sisters too.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from tandem.kit.errors import ConflictError, NotFoundError, invalid
from tandem.kit.fingerprints import hash_of
from tandem.kit.ids import new_parent_link_token
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.plain_letters import by_name, has_words
from tandem.kit.time import business_day
from tandem.kit.transactions import Refusals, one_transaction
from tandem.people import rules
from tandem.people.link_keys import link_keys, sealing_keys
from tandem.people.models import Guardian, GuardianStudent, Student
from tandem.people.queries import Viewer, students_taught, visible_students
from tandem.people.requester import Requester

REFUSALS: Refusals = {
    "guardian_email_unique": (
        "email_taken",
        gettext_lazy("Another guardian has this e-mail address. Add the student to them instead."),
    ),
    "people_guardianstudent_of_student": (
        "student_gone",
        gettext_lazy("One of the students is no longer here. Nothing was changed."),
    ),
}
MOST_CHILDREN = 50


def visible_guardians(
    viewer: Viewer, *, student_id: str | None = None, q: str = ""
) -> QuerySet[Guardian]:
    """Return the guardians whom ``viewer`` may see, by name, of one student where one is named.

    ``q``: the name, or the address, has its words, whatever case and marks. Each comes with
    ``children``: those of the students whom the viewer may know them by.
    """
    links = _visible_links(viewer)
    rows = Guardian.objects.order_by(by_name(), "id")
    of_student = links if student_id is None else links.filter(student=student_id)
    if not viewer.is_owner or student_id is not None:
        rows = rows.filter(pk__in=of_student.values("guardian"))
    if q:
        rows = rows.filter(has_words("full_name", q) | has_words("email", q))
    children = links.select_related("student").order_by(by_name("student__full_name"), "student")
    return rows.prefetch_related(Prefetch("children", queryset=children))


def visible_guardian(viewer: Viewer, guardian_id: str) -> Guardian:
    """Return one guardian with ``children``, or raise NotFoundError."""
    guardian = visible_guardians(viewer).filter(pk=guardian_id).first()
    if guardian is None:
        raise NotFoundError("guardian", guardian_id)
    return guardian


def guardians_of(student_id: str) -> list[Guardian]:
    """Return the guardians of a student, by name, for who may know them: nothing is checked."""
    rows = Guardian.objects.filter(students=student_id)
    return list(rows.order_by(by_name(), "id"))


def children_of(guardian: Guardian) -> QuerySet[Student]:
    """Return the students whose guardian somebody is, by name."""
    return guardian.students.order_by(by_name(), "id")


def note_opening_by_guardian(guardian: Guardian, token: str, *, now: datetime) -> None:
    """Note the day, in the business's zone, on which a guardian's link was opened, once a day."""
    today = business_day(now)
    if guardian.link_opened_on != today:  # and only of the link that was opened
        rows = Guardian.objects.filter(pk=guardian.pk, kept_link__in=link_keys().forms_of(token))
        rows.update(link_opened_on=today)


def may_see_link(viewer: Viewer) -> bool:
    """Tell whether somebody is shown guardians' links: owners, but by no read-only token."""
    return viewer.is_owner and not viewer.read_only


def lock_guardian(viewer: Viewer, guardian_id: str) -> Guardian:
    """Return one guardian, locked until the transaction ends; NotFoundError as for a look."""
    visible_guardian(viewer, guardian_id)
    locked = Guardian.objects.select_for_update(no_key=True).filter(pk=guardian_id).first()
    if locked is None:  # deleted while this waited for the lock
        raise NotFoundError("guardian", guardian_id)
    return locked


@one_transaction(REFUSALS)
def create_guardian(
    *,
    requester: Requester,
    student_ids: Collection[str],
    fields: Mapping[str, Any],
    joins: bool = False,
) -> Guardian:
    """Add a guardian of these students, with a link of their own. Owners only.

    ``fields`` are any of ``rules.GUARDIAN_FIELDS``. ConflictError where another guardian has the
    address; with ``joins`` that one becomes the students' instead, and is not changed otherwise:
    ConflictError ``guardian_already`` where they are that of all of them.
    """
    viewer = _owner(requester, _("add a guardian"))
    tidy = rules.tidy_guardian({"full_name": "", "notices": Guardian.usual_notices(), **fields})
    known = _with_address(tidy.get("email")) if joins else None
    if known:
        _check_is_new(known, student_ids)
    guardian = known or Guardian.objects.create(
        created_at=requester.now, kept_link=_new_link(), **tidy
    )
    _add_children(viewer, guardian, student_ids)
    return visible_guardian(viewer, guardian.pk)


@one_transaction(REFUSALS)
def update_guardian(
    *, requester: Requester, guardian_id: str, changes: Mapping[str, Any]
) -> Guardian:
    """Change what ``changes`` names: ``rules.GUARDIAN_FIELDS``, and all ``student_ids``.

    Owners only. A new address is tried anew, whatever the mail server said of the one before.
    """
    viewer = _owner(requester, _("change a guardian"))
    guardian = lock_guardian(viewer, guardian_id)
    fields = {name: value for name, value in changes.items() if name != "student_ids"}
    tidy = rules.tidy_guardian(fields, language=guardian.language)
    if tidy.get("email", guardian.email) != guardian.email:
        tidy["email_refused_at"] = None
    for name, value in tidy.items():
        setattr(guardian, name, value)
    guardian.save(update_fields=[*tidy, "updated_at"])
    if "student_ids" in changes:
        _add_children(viewer, guardian, changes["student_ids"])
        guardian.children.exclude(student__in=changes["student_ids"]).delete()
    return visible_guardian(viewer, guardian_id)


@one_transaction(REFUSALS)
def remove_guardian(
    *, requester: Requester, guardian_id: str, student_id: str | None = None
) -> None:
    """Delete a guardian for good, with the link; of ``student_id`` alone where others are left.

    Owners only. The history keeps that there was one, and none of what it said of them.
    """
    guardian = lock_guardian(_owner(requester, _("remove a guardian")), guardian_id)
    links = guardian.children.all()
    if student_id is not None:
        links = links.filter(student=student_id)
        if not links.exists():
            raise NotFoundError("student", student_id)
    links.delete()  # without students the database lets the guardian go


def guardian_as_made(guardian: Guardian) -> str:
    """Return a mark of a guardian who was just added: the record, the link, whose they are."""
    children = sorted(GuardianStudent.objects.filter(guardian=guardian).values_list("student_id"))
    kept = (guardian.updated_at, guardian.kept_link, guardian.link_opened_on)
    return hash_of(guardian.pk, *kept, *children)


@one_transaction(REFUSALS)
def take_back_guardian(
    *, requester: Requester, guardian_id: str, student_id: str, made: str
) -> None:
    """Remove a guardian of a student who was added by mistake, as ``remove_guardian`` does.

    ConflictError ``changed_since_made`` unless all is as ``guardian_as_made`` has marked it.
    """
    guardian = lock_guardian(_owner(requester, _("remove a guardian")), guardian_id)
    if made != guardian_as_made(guardian):
        sentence = _(
            "Nothing is undone: something was made or changed since {name} was added. They can be "
            "removed on their own page."
        )
        raise ConflictError("changed_since_made", sentence.format(name=guardian))
    remove_guardian(requester=requester, guardian_id=guardian_id, student_id=student_id)


@one_transaction(REFUSALS)
def renew_guardian_link(*, requester: Requester, guardian_id: str) -> Guardian:
    """Give a guardian a new link; the old one opens nothing from now on. Owners only."""
    return _with_link(requester, guardian_id, _new_link())


@one_transaction(REFUSALS)
def revoke_guardian_link(*, requester: Requester, guardian_id: str) -> Guardian:
    """Take a guardian's link away. Owners only."""
    return _with_link(requester, guardian_id, None)


def _owner(requester: Requester, doing: str) -> Viewer:
    viewer = requester.viewer
    rules.check_owner(is_owner=viewer.is_owner, doing=doing)
    return viewer


def _visible_links(viewer: Viewer) -> QuerySet[GuardianStudent]:
    rows = GuardianStudent.objects.all()
    if viewer.is_owner:
        return rows
    if viewer.tutor_id is None:
        return rows.none()
    return rows.filter(student__in=students_taught(viewer))


def _new_link() -> str:
    """A link as it is kept: always sealed, because no older application reads this table."""
    return sealing_keys().seal(new_parent_link_token())


def _with_link(requester: Requester, guardian_id: str, kept: str | None) -> Guardian:
    viewer = _owner(requester, _("change a guardian's link"))
    guardian = lock_guardian(viewer, guardian_id)
    guardian.kept_link, guardian.link_opened_on = kept, None
    guardian.save(update_fields=["kept_link", "link_opened_on", "updated_at"])
    return visible_guardian(viewer, guardian_id)


def _with_address(email: str | None) -> Guardian | None:
    rows = Guardian.objects.select_for_update(no_key=True).filter(email__iexact=email)
    return rows.first() if email else None


def _check_is_new(guardian: Guardian, student_ids: Collection[str]) -> None:
    """Refuse to add who is there already; what undoes it would take away what was there before."""
    theirs = guardian.children.filter(student__in=student_ids).values_list("student_id", flat=True)
    if {*student_ids} <= {*theirs}:
        sentence = _(
            "{name} is a guardian here already, by this address, so nothing was changed. What is "
            "known of them is changed on their own page."
        )
        raise ConflictError("guardian_already", sentence.format(name=guardian))


def _add_children(viewer: Viewer, guardian: Guardian, student_ids: Collection[str]) -> None:
    wanted = {*student_ids}
    if not 0 < len(wanted) <= MOST_CHILDREN:
        raise invalid(
            "student_ids",
            _("Name at least one student, and {most_children} at most.").format(
                most_children=MOST_CHILDREN
            ),
        )
    found = {*visible_students(viewer).filter(pk__in=wanted).values_list("pk", flat=True)}
    for missing in sorted(wanted - found):
        raise NotFoundError("student", missing)
    GuardianStudent.objects.bulk_create(
        [GuardianStudent(guardian=guardian, student_id=pk) for pk in sorted(found)],
        ignore_conflicts=True,
    )
