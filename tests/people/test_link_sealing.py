"""Parents' links as the table keeps them: sealed, found by what they are, opened with a key."""

import os
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tandem.kit.errors import ForbiddenError, NotFoundError
from tandem.people import link_sealing
from tandem.people.actions import create_student, rotate_parent_link
from tandem.people.link_keys import SETTING, add_key, key_file, link_keys, opened, sealing_keys
from tandem.people.models import Change, ParentLink, Student, SuspectLink
from tandem.people.parent_links import note_opening
from tandem.people.queries import viewer_of, viewer_of_parent_link
from tandem.people.requester import Requester
from tandem.people.weak_links import (
    forget_strong_links,
    links_to_send,
    rotate_unreadable_links,
    weak_links,
)
from tests.cast import NOW, Cast, user

PLAIN = "0b0e4c1e-7a39-4e4f-a52e-3f9f7f0f6a77"


def kept(student: Student) -> str:
    """Return a student's link as the table has it."""
    return str(Student.objects.values_list("kept_link", flat=True).get(pk=student.pk))


def opens(token: str | None) -> str | None:
    """Return whose page a link opens."""
    return viewer_of_parent_link(token or "", now=NOW).student_id


def refused(token: str) -> bool:
    with pytest.raises(NotFoundError):
        opens(token)
    return True


def known(student: Student) -> Any:
    """Return what a change of the link would change."""
    row = Student.objects.values("updated_at", "legacy_fault").get(pk=student.pk)
    facts = ParentLink.objects.filter(student=student).values().get()
    return row, facts, Change.objects.count(), SuspectLink.objects.count()


@pytest.fixture
def own_file(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The keys are in a file of the test's own, not there yet; the cast's were sealed before."""
    del cast
    monkeypatch.delenv(SETTING)
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path / "home"))
    return key_file()


def test_the_table_holds_no_link(cast: Cast) -> None:
    """Of a new student, of an enrolled one, of one made anew: no part of it stands anywhere."""
    made = create_student(requester=Requester(cast.owner, NOW), full_name="Eva")
    again = rotate_parent_link(requester=Requester(cast.owner, NOW), student_id=cast.cleo.pk)
    for student in (made, cast.ana, again):
        token = str(student.parent_link_token)
        assert len(token) == 32
        assert kept(student).startswith("aes-siv:")
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(s)::text FROM people_student s")
            assert not [row for row in cursor.fetchall() if token[:8] in row[0]]
        assert opens(token) == student.pk


def test_what_the_table_holds_opens_nothing(cast: Cast) -> None:
    """Who has a copy of it puts the sealed text into an address in vain; so with a shorter one."""
    text = kept(cast.ana)
    assert all(map(refused, (text, text.rpartition(":")[2], text[:-4], "", "aes-siv:")))


def test_a_sealed_text_that_was_altered_is_not_opened(cast: Cast) -> None:
    """Nor one of another key, nor what only looks like one; each is told as no link."""
    text = kept(cast.ana)
    other = text[:-6] + ("A" if text[-6] != "A" else "B") + text[-5:]
    assert opened(text) == cast.ana.parent_link_token
    for wrong in (other, text.replace(":", ":f", 1), text + "=", "aes-siv:x", "aes-siv:a:ü"):
        assert opened(wrong) is None


def test_a_plain_link_is_found_and_sealed_by_the_worker(cast: Cast) -> None:
    """It is the same link before and after: days, strength, history and hour of change stay."""
    Student.objects.filter(pk=cast.ana.pk).update(kept_link=PLAIN)
    assert opens(PLAIN) == cast.ana.pk
    note_opening(PLAIN, student_id=cast.ana.pk, now=NOW)
    ParentLink.objects.update(last_day=date(2027, 7, 1))
    forget_strong_links()
    before = known(cast.ana)
    assert link_sealing.seal_waiting_links() == 1
    assert kept(cast.ana) == sealing_keys().seal(PLAIN)
    assert known(cast.ana) == before
    assert opens(PLAIN) == cast.ana.pk
    assert link_sealing.seal_waiting_links() == 0
    rotate_parent_link(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert not ParentLink.objects.filter(student=cast.ana).exists()
    assert Change.objects.count() > before[2]


def test_a_sealed_weak_link_is_still_judged(cast: Cast) -> None:
    """Who knows the student could guess it, however it is kept."""
    Student.objects.filter(pk=cast.ana.pk).update(kept_link="ana-1")
    link_sealing.seal_waiting_links()
    assert kept(cast.ana).startswith("aes-siv:")
    forget_strong_links()
    found = weak_links(viewer_of(cast.owner))
    assert [(one.student.pk, one.why) for one in found] == [(cast.ana.pk, "short")]


def test_a_very_long_link_stays_as_it_is(cast: Cast) -> None:
    """Sealed it would be too long for an index; it opens, and the worker leaves it alone."""
    long = "".join(chr(0x4E00 + 7 * n) for n in range(600))
    Student.objects.filter(pk=cast.ana.pk).update(kept_link=long)
    assert opens(long) == cast.ana.pk
    assert link_sealing.seal_waiting_links() == 0


def test_the_first_key_is_made_once_for_nobody_else(own_file: Path) -> None:
    """Without a key nothing is opened, and none made; the first sealing makes one and keeps it."""
    assert opened("aes-siv:00000000:AAAA") is None
    assert link_keys().forms_of(PLAIN) == [PLAIN]
    assert not own_file.exists()
    sealed = sealing_keys().seal(PLAIN)
    assert stat.S_IMODE(own_file.stat().st_mode) == 0o600
    assert [one.name for one in own_file.parent.iterdir()] == [own_file.name]
    assert sealing_keys().seal(PLAIN) == sealed
    assert opened(sealed) == PLAIN


def test_a_key_made_by_root_is_whose_the_folder_is(own_file: Path) -> None:
    """Else the site, which runs as somebody else, could not read it."""
    own_file.parent.mkdir()
    others = (12345, 12346) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(own_file.parent, *others)
    for make in (sealing_keys, add_key):
        make()
        assert (own_file.stat().st_uid, own_file.stat().st_gid) == others


def test_a_new_key_seals_and_the_old_one_opens(own_file: Path, cast: Cast) -> None:
    """Both address the same page, until all links are sealed anew and after it."""
    made = create_student(requester=Requester(cast.owner, NOW), full_name="Eva")
    token, before = made.parent_link_token, kept(made)
    name = add_key()
    assert link_keys().names[0] == name
    assert stat.S_IMODE(own_file.stat().st_mode) == 0o600
    assert opens(token) == made.pk
    with connection.cursor() as cursor:
        assert link_sealing.seal_some_anew(cursor) == 1
        assert link_sealing.seal_some_anew(cursor) == 0
    assert kept(made) != before
    assert kept(made).startswith(f"aes-siv:{name}:")
    assert (opens(token), opened(before)) == (made.pk, token)


def test_links_whose_key_is_lost_are_made_anew(own_file: Path, cast: Cast) -> None:
    """They open nothing; the others stay. Owners only."""
    made = create_student(requester=Requester(cast.owner, NOW), full_name="Eva")
    token = str(made.parent_link_token)
    own_file.unlink()
    other = create_student(requester=Requester(cast.owner, NOW), full_name="Flo")
    assert refused(token)
    assert Student.objects.get(pk=made.pk).parent_link_token is None
    with connection.cursor() as cursor:
        assert made.pk in link_sealing.unreadable_links(cursor)
        assert other.pk not in link_sealing.unreadable_links(cursor)
    with pytest.raises(ForbiddenError):
        rotate_unreadable_links(requester=Requester(user(cast.ben), NOW))
    changed = {one.pk for one in rotate_unreadable_links(requester=Requester(cast.owner, NOW))}
    assert made.pk in changed
    assert other.pk not in changed
    assert opens(Student.objects.get(pk=made.pk).parent_link_token) == made.pk
    waiting = {one.pk for one in links_to_send(viewer_of(cast.owner))}
    assert waiting == changed
