"""Guardians: several for a student, several students for one; who sees them, and where they go."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from ulid import ULID

from tandem.insights.subject_export import export_student
from tandem.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.end_relationship import end
from tandem.lessons.erasure import erase_student, preview_erase_student
from tandem.people.changes import changes_of_student
from tandem.people.guardians import (
    create_guardian,
    remove_guardian,
    renew_guardian_link,
    revoke_guardian_link,
    update_guardian,
    visible_guardian,
    visible_guardians,
)
from tandem.people.link_keys import is_sealed
from tandem.people.link_sealing import seal_some_anew, unreadable_links_of_guardians
from tandem.people.models import Change, Guardian, GuardianStudent, Parent, Student
from tandem.people.queries import guardian_of_link, viewer_of
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, user


def maria(cast: Cast, *students: Student, **fields: Any) -> Guardian:
    """Return a guardian of these students, of Ana where none is named."""
    said = {"full_name": " Maria Ruiz ", "email": "maria@home.example", **fields}
    ids = [one.pk for one in students or (cast.ana,)]
    made: Guardian = create_guardian(
        requester=Requester(cast.owner, NOW), student_ids=ids, fields=said
    )
    return made


def names(rows: Any) -> list[str]:
    return [str(one) for one in rows]


def test_several_of_each(cast: Cast) -> None:
    """Each has a link of their own, beside the student's, which stays; it is kept sealed."""
    link = cast.ana.parent_link_token
    one = maria(cast, cast.ana, cast.cleo)
    other = maria(cast, full_name="Hugo Ruiz", email=None)
    assert one.full_name == "Maria Ruiz"
    assert names(visible_guardians(viewer_of(cast.owner), student_id=cast.ana.pk)) == [
        "Hugo Ruiz",
        "Maria Ruiz",
    ]
    assert [child.student for child in one.children.all()] == [cast.ana, cast.cleo]
    assert is_sealed(one.kept_link or "")
    assert guardian_of_link(one.link_token or "") == one != other
    assert one.notices == ["planned", "moved", "cancelled", "covered", "reminder"]
    cast.ana.refresh_from_db()
    assert cast.ana.parent_link_token == link


def test_an_address_is_one_guardian(cast: Cast) -> None:
    """Whatever its case; who says so adds the student to whom there is, unchanged otherwise."""
    one = maria(cast)
    with pytest.raises(ConflictError) as refused:
        maria(cast, cast.cleo, email="MARIA@home.example")
    assert refused.value.reason == "email_taken"
    joined = create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.cleo.pk],
        fields={"full_name": "M.", "email": "MARIA@home.example"},
        joins=True,
    )
    assert (joined, joined.full_name) == (one, "Maria Ruiz")
    assert joined.children.count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", " "),
        ("email", "nowhere"),
        ("language", "Spanish!"),
        ("language", "es"),
        ("language", "de_AT"),
        ("notices", ["gossip"]),
    ],
)
def test_what_is_none_is_refused(cast: Cast, field: str, value: object) -> None:
    """By the field that it is about; and nobody is a guardian of no student."""
    with pytest.raises(InvalidError) as refused:
        maria(cast, **{field: value})
    assert [one.field for one in refused.value.errors] == [field]
    with pytest.raises(InvalidError):
        create_guardian(
            requester=Requester(cast.owner, NOW), student_ids=[], fields={"full_name": "M"}
        )
    assert not Guardian.objects.exists()


def test_a_language_that_was_noted_before_stays(cast: Cast) -> None:
    """Sent again with all else it is no mistake; another that nobody speaks here is one."""
    one = maria(cast)
    Guardian.objects.filter(pk=one.pk).update(language="pt-BR")
    for language in ("pt-BR", "de-AT", "en", ""):
        changes = {"phone": "1", "language": language}
        done = update_guardian(
            requester=Requester(cast.owner, NOW), guardian_id=one.pk, changes=changes
        )
        assert done.language == language
    with pytest.raises(InvalidError, match=r"does not write in pt-BR.*de \(Deutsch\)"):
        update_guardian(
            requester=Requester(cast.owner, NOW), guardian_id=one.pk, changes={"language": "pt-BR"}
        )


def test_who_sees_and_changes_them(cast: Cast) -> None:
    """Present tutors see those of their students, by these alone; former ones and others nobody."""
    one = maria(cast, cast.ana, cast.cleo)
    seen = visible_guardian(viewer_of(user(cast.cara)), one.pk)
    assert [child.student for child in seen.children.all()] == [cast.ana]
    changes: dict[str, Any] = {"requester": Requester(user(cast.cara), NOW), "guardian_id": one.pk}
    more: dict[str, Any]
    for refused in (update_guardian, remove_guardian, renew_guardian_link, revoke_guardian_link):
        more = {"changes": {"phone": "1"}} if refused is update_guardian else {}
        with pytest.raises(ForbiddenError):
            refused(**changes, **more)
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.cara_ana.pk)
    for tutor in (cast.cara, cast.dev):
        with pytest.raises(NotFoundError):
            visible_guardian(viewer_of(user(tutor)), one.pk)
        assert not visible_guardians(viewer_of(user(tutor))).exists()
    assert visible_guardians(viewer_of(user(cast.ben))).get() == one


def test_a_change_names_all_the_students(cast: Cast) -> None:
    """And a new address is tried anew."""
    one = maria(cast)
    Guardian.objects.update(email_refused_at=NOW)
    changed = update_guardian(
        requester=Requester(cast.owner, NOW),
        guardian_id=one.pk,
        changes={"student_ids": [cast.cleo.pk], "email": "new@home.example", "notices": []},
    )
    assert [child.student for child in changed.children.all()] == [cast.cleo]
    assert (changed.email, changed.email_refused_at, changed.notices) == (
        "new@home.example",
        None,
        [],
    )


def test_links_are_made_anew_and_taken_away(cast: Cast) -> None:
    """The old one opens nothing at once."""
    one = maria(cast)
    old = one.link_token or ""
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "guardian_id": one.pk}
    new = renew_guardian_link(**who).link_token or ""
    assert guardian_of_link(new) == one
    with pytest.raises(NotFoundError):
        guardian_of_link(old)
    assert revoke_guardian_link(**who).link_token is None
    for gone in (new, old, ""):
        with pytest.raises(NotFoundError):
            guardian_of_link(gone)


def test_links_are_sealed_with_a_new_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address stays, no line says that anybody changed it; a lost key is noticed."""
    first, second = "first-key-" * 5, "second-key-" * 5
    monkeypatch.setenv("TANDEM_PARENT_LINK_KEY", first)
    one = maria(cast)
    token, kept, lines = one.link_token, one.kept_link, Change.objects.count()
    monkeypatch.setenv("TANDEM_PARENT_LINK_KEY", f"{second} {first}")
    with connection.cursor() as cursor:
        while seal_some_anew(cursor):
            pass
        one.refresh_from_db()
        assert (one.link_token, Change.objects.count()) == (token, lines)
        assert one.kept_link != kept
        assert unreadable_links_of_guardians(cursor) == []
        monkeypatch.setenv("TANDEM_PARENT_LINK_KEY", first)
        assert unreadable_links_of_guardians(cursor) == [one.pk]


def test_history_tells_of_them(cast: Cast) -> None:
    """Among the student's changes, and never the link."""
    one = maria(cast)
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "guardian_id": one.pk}
    update_guardian(**who, changes={"phone": "1"})
    renew_guardian_link(**who)
    told = list(
        changes_of_student(viewer_of(cast.owner), cast.ana.pk)
        .filter(table_name__startswith="people_guardian")
        .order_by("id")
        .values_list("what", "table_name", "values", "columns")
    )
    assert [line[:2] for line in told] == [
        ("added", "people_guardian"),
        ("added", "people_guardianstudent"),
        ("changed", "people_guardian"),
        ("changed", "people_guardian"),
    ]
    assert told[2][2] == {"phone": [None, "1"]}
    assert told[3][2:] == (None, ["link_token"])


def test_who_is_erased_with_the_student(cast: Cast) -> None:
    """Guardians of nobody else, with all that history said of them; the others stay."""
    both, alone = maria(cast, cast.ana, cast.cleo), maria(cast, email="hugo@home.example")
    update_guardian(requester=Requester(None, NOW), guardian_id=alone.pk, changes={"phone": "1"})
    held = export_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk).held
    assert [one["email"] for one in held["guardians"]] == [
        "maria@home.example",
        "hugo@home.example",
    ]
    assert "aes-siv" not in str(held)
    preview = preview_erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert preview.guardians == 2
    erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert Guardian.objects.get() == both
    assert GuardianStudent.objects.get().student == cast.cleo
    left = Change.objects.filter(about="guardian", about_id=alone.pk)
    assert {line.values is None for line in left} == {True}


def test_who_is_removed_is_forgotten(cast: Cast) -> None:
    """Of one student alone, while there is another; then for good."""
    one = maria(cast, cast.ana, cast.cleo)
    update_guardian(requester=Requester(None, NOW), guardian_id=one.pk, changes={"phone": "1"})
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "guardian_id": one.pk}
    remove_guardian(**who, student_id=cast.ana.pk)
    assert Guardian.objects.get().children.get().student == cast.cleo
    with pytest.raises(NotFoundError):
        remove_guardian(**who, student_id=cast.ana.pk)
    remove_guardian(**who)
    assert not Guardian.objects.exists()
    assert not Change.objects.filter(about="guardian", values__isnull=False).exists()


def made_of_parents() -> int:
    """Make guardians of what an older application knew, and return how many were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tandem_make_guardians()")
        made: int = cursor.fetchone()[0]
    return made


def test_parents_become_guardians(cast: Cast) -> None:
    """Of accounts and of addresses, nobody twice, whatever the case; without a word in history."""
    lines = Change.objects.count()
    for number, (student, email) in enumerate(
        [(cast.ana, "Ruiz@Home.example"), (cast.cleo, "hart@home.example"), (cast.cleo, " ")]
    ):
        Parent.objects.create(
            student=student, auth_subject=f"p{number}", email=email, full_name=f"P{number}"
        )
    Student.objects.filter(pk=cast.cleo.pk).update(parent_email="RUIZ@home.example")
    lines = Change.objects.count()
    assert made_of_parents() == 3
    found = {
        one.full_name: (one.email, {child.student_id for child in one.children.all()})
        for one in Guardian.objects.all()
    }
    assert found == {
        "P0": ("Ruiz@Home.example", {cast.ana.pk, cast.cleo.pk}),
        "P1": ("hart@home.example", {cast.cleo.pk}),
        "P2": (None, {cast.cleo.pk}),
    }
    assert Change.objects.count() == lines
    assert Parent.objects.count() == 3
    ids = list(GuardianStudent.objects.values_list("pk", flat=True))
    assert all(ULID.from_str(one.upper()) for one in ids)
    assert len({one[10:] for one in ids}) == 4
    assert made_of_parents() == 0


def test_who_was_changed_is_not_made_again(cast: Cast) -> None:
    """With another address neither; who comes to have the old one is somebody else."""
    assert made_of_parents() == 1
    one = Guardian.objects.get()
    assert (one.email, one.full_name, one.link_token) == ("ruiz@home.example", "", None)
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "guardian_id": one.pk}
    update_guardian(**who, changes={"email": "new@home.example", "full_name": "Maria Ruiz"})
    assert made_of_parents() == 0
    Student.objects.filter(pk=cast.cleo.pk).update(parent_email="ruiz@home.example")
    assert made_of_parents() == 1
    assert Guardian.objects.exclude(pk=one.pk).get().children.get().student == cast.cleo


def test_a_former_day_is_kept(cast: Cast) -> None:
    """A link made anew has not been opened yet."""
    one = maria(cast)
    Guardian.objects.update(link_opened_on=date(2026, 11, 1))
    who: dict[str, Any] = {"requester": Requester(cast.owner, NOW), "guardian_id": one.pk}
    assert renew_guardian_link(**who).link_opened_on is None
