"""The history of people: who changed what, from what, to what; and that nobody rewrites it."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tandem.kit.errors import ForbiddenError, NotFoundError
from tandem.kit.transactions import say_who_acts
from tandem.lessons.erasure import erase_student, erase_tutor
from tandem.people.actions import (
    create_student,
    rotate_parent_link,
    set_subjects,
    update_student,
    update_tutor,
)
from tandem.people.changes import changes_of_student, changes_of_tutor
from tandem.people.closing import change_role, close_account
from tandem.people.models import Account, Change, Student
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.people.tokens import create_token, revoke
from tests.cast import NOW, Cast, user

NOT_TOLD = {
    "people_student": {"id", "created_at", "updated_at", "legacy_fault"},
    "people_parentlink": {"student_id", "opened_on", "to_send"},
    "people_guardian": {
        *("id", "created_at", "updated_at", "link_opened_on", "email_refused_at"),
    },
    "people_guardianstudent": {"id", "student_id"},
    "people_learningwish": {"id", "student_id", "created_at", "updated_at"},
    "people_parent": {"id", "created_at", "updated_at"},
    "people_tutor": {"id", "created_at", "updated_at", "legacy_fault"},
    "people_tutorsubject": {"id", "tutor_id"},
    "people_account": {"id", "created_at", "language", "last_login"},
    "people_apitoken": {"id", "account_id", "created_at", "last_used_at"},
    "people_calendarfeed": {
        *("id", "account_id", "student_id", "token_id", "created_at", "last_read_at")
    },
    "people_subject": {"id"},
}
"""What changes by itself, or never does."""
TRIGGERS = """SELECT tgargs FROM pg_trigger
WHERE tgname ~ '^tandem_record_(new|change|removed)$' AND tgrelid = %s::regclass"""
CONDITION = """SELECT pg_get_triggerdef(oid) FROM pg_trigger
WHERE tgname = 'tandem_record_change' AND tgrelid = %s::regclass"""
COLUMNS = """SELECT attname::text FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"""


def recorded(table: str) -> set[str]:
    """Return the columns that the database records, whether a row comes, changes or goes."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS, [table])
        said = {bytes(arguments) for (arguments,) in cursor.fetchall()}
    (arguments,) = said
    *_, columns, keys, _end = arguments.decode().split("\0")
    return {*columns.split(), *keys.split()}


def lines(about_id: str) -> list[dict[str, Any]]:
    """Return the lines about somebody, oldest first."""
    names = ("what", "table_name", "columns", "values", "actor")
    return list(Change.objects.filter(about_id=about_id).order_by("id").values(*names))


def test_a_change_tells_who_and_from_what_to_what(cast: Cast) -> None:
    """By an owner, then by a tutor; a write that changes nothing leaves no line."""
    before = len(lines(cast.ana.pk))
    for actor, phone in ((cast.owner, "1"), (cast.owner, "1"), (user(cast.ben), "2")):
        update_student(
            requester=Requester(actor, NOW), student_id=cast.ana.pk, changes={"phone": phone}
        )
    first, second = lines(cast.ana.pk)[before:]
    assert first == {
        "what": "changed",
        "table_name": "people_student",
        "columns": ["phone"],
        "values": {"phone": [None, "1"]},
        "actor": cast.owner.pk,
    }
    assert (second["values"], second["actor"]) == ({"phone": ["1", "2"]}, user(cast.ben).pk)


def test_a_write_of_no_action_has_no_actor(cast: Cast) -> None:
    """Such as one by hand in the database; a quiet connection's leaves no line at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tandem.actor', '', true)")
        Student.objects.filter(pk=cast.ana.pk).update(phone="3")
        assert lines(cast.ana.pk)[-1]["actor"] is None
        before = lines(cast.ana.pk)
        cursor.execute("SELECT set_config('tandem.quiet', 'on', true)")
        Student.objects.filter(pk=cast.ana.pk).update(phone="4")
        cursor.execute("SELECT set_config('tandem.quiet', '', true)")
    assert lines(cast.ana.pk) == before


def test_who_acts_is_known_for_one_transaction(cast: Cast) -> None:
    """An action that is undone takes its word along."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tandem.actor', '', true)")
        with transaction.atomic():
            say_who_acts(cast.owner)
            transaction.set_rollback(True)
        cursor.execute("SELECT current_setting('tandem.actor', true)")
        assert cursor.fetchone() == ("",)


def test_keys_never_stand_in_it(cast: Cast) -> None:
    """A new link, a new password and a token are lines without what they are."""
    rotate_parent_link(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, last_day=None)
    token, key = create_token(account=cast.owner, now=NOW, name="Reports")
    revoke(requester=Requester(cast.owner, NOW), token_id=token.pk)
    close_account(requester=Requester(cast.owner, NOW), account_id=user(cast.ben).pk)
    link = lines(cast.ana.pk)[-1]
    assert (link["columns"], link["values"]) == (["parent_link_token"], None)
    made, ended = lines(cast.owner.pk)[-2:]
    assert made["values"]["name"] == [None, "Reports"]
    assert "token_hash" in made["columns"]
    assert (ended["columns"], ended["actor"]) == (["revoked_at"], cast.owner.pk)
    closed = lines(user(cast.ben).pk)[-1]
    assert set(closed["columns"]) == {"is_active", "password"}
    assert closed["values"] == {"is_active": [True, False]}
    cast.ana.refresh_from_db()
    everything = str(list(Change.objects.values()))
    for secret in (token.token_hash, key, str(cast.ana.parent_link_token)):
        assert secret not in everything


def test_roles_and_subjects(cast: Cast) -> None:
    change_role(requester=Requester(cast.owner, NOW), account_id=user(cast.ben).pk, is_owner=True)
    assert lines(user(cast.ben).pk)[-1]["values"] == {"is_owner": [False, True]}
    set_subjects(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, subjects=[Taught("Latin")]
    )
    added = lines(cast.dev.pk)[-1]
    assert (added["what"], added["table_name"]) == ("added", "people_tutorsubject")


def test_a_new_person_is_a_line_without_values(cast: Cast) -> None:
    """The row itself holds them."""
    made = create_student(requester=Requester(cast.owner, NOW), full_name="Eve")
    (line,) = lines(made.pk)
    assert (line["what"], line["values"], line["actor"]) == ("added", None, cast.owner.pk)


@pytest.mark.parametrize("words", ["", "erasing"])
def test_nobody_rewrites_it(cast: Cast, words: str) -> None:
    """Neither by hand, nor, but for the values, by what an erasure says first."""
    update_student(
        requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, changes={"phone": "1"}
    )
    if words == "erasing":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('tandem.erasing', 'yes', true)")
    rows = Change.objects.filter(about_id=cast.ana.pk)
    for write in (lambda: rows.update(row_id="x"), rows.delete):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            write()


def test_an_erasure_takes_the_values(cast: Cast) -> None:
    """Of a student, and of a tutor with the account; that there was a change stays."""
    update_student(
        requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, changes={"phone": "1"}
    )
    update_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, changes={"phone": "1"})
    create_token(account=user(cast.dev), now=NOW, name="Mine")
    account_id = user(cast.dev).pk
    erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    erase_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk)
    for erased in (cast.ana.pk, cast.dev.pk, account_id):
        left = lines(erased)
        assert left
        assert [line["values"] for line in left] == [None] * len(left)


def test_owners_alone_see_it(cast: Cast) -> None:
    """A tutor is refused, and does not learn of whom they must not know."""
    owner, ben = viewer_of(cast.owner), viewer_of(user(cast.ben))
    update_tutor(requester=Requester(cast.owner, NOW), tutor_id=cast.ben.pk, changes={"phone": "1"})
    assert changes_of_tutor(owner, cast.ben.pk).filter(about="account").exists()
    assert changes_of_tutor(owner, cast.ben.pk).filter(columns=["phone"]).exists()
    with pytest.raises(ForbiddenError):
        changes_of_tutor(ben, cast.ben.pk)
    with pytest.raises(ForbiddenError):
        changes_of_student(ben, cast.ana.pk)
    with pytest.raises(NotFoundError):
        changes_of_student(ben, "nobody")


@pytest.mark.parametrize("table", NOT_TOLD)
@pytest.mark.django_db
def test_a_change_of_any_recorded_column_is_heard(table: str) -> None:
    """What the trigger compares before it is called is all that it would record."""
    with connection.cursor() as cursor:
        cursor.execute(CONDITION, [table])
        (condition,) = cursor.fetchone()
    compared = {name for name in recorded(table) if re.search(rf"\bnew\.{name}\b", condition)}
    never = {"id", "account_id", "student_id", "tutor_id", "guardian_id", "token_id"}
    assert recorded(table) - compared <= never


@pytest.mark.parametrize("table", NOT_TOLD)
@pytest.mark.django_db
def test_every_column_is_recorded_or_named(table: str) -> None:
    """Whoever adds a column decides."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        there = {name for (name,) in cursor.fetchall()}
    assert recorded(table) == there - NOT_TOLD[table]


def test_signing_in_leaves_no_line(cast: Cast) -> None:
    before = Change.objects.count()
    Account.objects.filter(pk=cast.owner.pk).update(last_login=NOW)
    assert Change.objects.count() == before
