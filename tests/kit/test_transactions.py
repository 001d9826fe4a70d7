"""Actions that get in each other's way, over real connections and real locks."""

from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError, Event

import pytest
from django.db import IntegrityError, connection, transaction

from tandem.kit.errors import ConflictError
from tandem.kit.transactions import ChangedMeanwhileError, as_one, one_transaction
from tandem.people.models import Subject
from tests.together import refusals, together

pytestmark = pytest.mark.django_db(transaction=True)

REFUSALS = {"subject_name_unique": ("taken", "That name is taken.")}


@one_transaction(REFUSALS)
def name_subject(name: str) -> Subject:
    return Subject.objects.create(name=name)


def test_a_named_constraint_becomes_its_conflict() -> None:
    """The refusal has the words given for the constraint, and the transaction is undone."""
    name_subject("Maths")
    with pytest.raises(ConflictError) as refused:
        name_subject("MATHS")
    assert (refused.value.reason, str(refused.value)) == ("taken", "That name is taken.")
    assert Subject.objects.count() == 1


def test_an_unnamed_constraint_stays_an_error() -> None:
    """What nobody has words for is not dressed up as a conflict."""
    with pytest.raises(IntegrityError, match="subject_name_trimmed"):
        name_subject(" Maths")


def test_a_deadlock_is_tried_again() -> None:
    """Two actions lock two rows in opposite orders: the victim starts over, and both are done."""
    first, second = name_subject("Art"), name_subject("Latin")
    both_hold_one = Barrier(2)

    @one_transaction(REFUSALS)
    def rename(keys: list[str], suffix: str) -> None:
        for key in keys:
            row = Subject.objects.select_for_update().get(pk=key)
            row.name += suffix
            row.save()
            with suppress(BrokenBarrierError):  # they meet once only
                both_hold_one.wait(timeout=0.5)

    results = together(
        partial(rename, [first.pk, second.pk], "1"), partial(rename, [second.pk, first.pk], "2")
    )
    assert refusals(results) == []
    names = Subject.objects.values_list("name", flat=True)
    assert {"".join(sorted(name[-2:])) for name in names} == {"12"}


def test_a_lock_that_is_never_free_is_refused_as_busy() -> None:
    """After a few tries the person is told that somebody else is at it; nothing has changed."""
    subject = name_subject("Art")
    held, done = Event(), Event()

    def holds() -> None:
        with transaction.atomic():
            Subject.objects.select_for_update().get(pk=subject.pk)
            held.set()
            assert done.wait(timeout=20)

    @one_transaction(REFUSALS)
    def wants() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20ms'")
        Subject.objects.filter(pk=subject.pk).update(name="Music")

    def waits() -> None:
        assert held.wait(timeout=20)
        try:
            wants()
        finally:
            done.set()

    (refused,) = refusals(together(holds, waits))
    assert isinstance(refused, ConflictError)
    assert refused.reason == "busy"
    assert Subject.objects.get().name == "Art"


def test_what_changed_meanwhile_is_read_again() -> None:
    """An action that finds its reading out of date starts again, in a new transaction."""
    tries: list[int] = []

    @one_transaction(REFUSALS)
    def changes() -> int:
        Subject.objects.create(name=f"Try {len(tries)}")
        tries.append(1)
        if len(tries) < 3:
            raise ChangedMeanwhileError
        return len(tries)

    assert changes() == 3
    assert [subject.name for subject in Subject.objects.all()] == ["Try 2"]


def test_a_preview_keeps_nothing() -> None:
    """What it wrote to find out is gone, also within a transaction that goes on."""
    look = one_transaction(REFUSALS, keep=False)(lambda: Subject.objects.create(name="Art").name)
    assert look() == "Art"
    with transaction.atomic():
        assert look() == "Art"
        name_subject("Latin")
    assert [subject.name for subject in Subject.objects.all()] == ["Latin"]


def test_what_comes_at_the_very_end_is_tried_again() -> None:
    """A deferred trigger meets another's lock after the last action: all of it starts again."""
    tries = 0

    @one_transaction(REFUSALS)
    def adds() -> None:
        Subject.objects.create(name="Art")

    def part() -> int:
        nonlocal tries
        tries += 1
        adds()
        if tries < 3:
            fails_at_the_end("55P03")
        return tries

    assert as_one(part) == 3
    assert [subject.name for subject in Subject.objects.all()] == ["Art"]


def test_what_is_met_at_every_end_is_refused_as_busy() -> None:
    """The fourth end is the last: a conflict in words, and nothing is there."""

    def part() -> None:
        name_subject("Art")
        fails_at_the_end("55P03")

    with pytest.raises(ConflictError) as refused:
        as_one(part)
    assert refused.value.reason == "busy"
    assert not Subject.objects.exists()


def test_an_action_within_another_starts_the_whole_again() -> None:
    """Within, it would keep the locks that stand in its way; the outer one lets go of all."""
    tries: list[int] = []

    @one_transaction(REFUSALS)
    def within() -> None:
        tries.append(Subject.objects.count())
        if len(tries) < 3:
            raise ChangedMeanwhileError

    def part() -> None:
        name_subject("Art")
        within()

    as_one(part)
    assert tries == [1, 1, 1]


def test_refusals_of_the_actions_within_hold_at_the_end() -> None:
    """A constraint that is checked at the end has the words of the action that broke it."""
    name_subject("Maths")

    def part() -> None:
        with suppress(ConflictError):
            name_subject("Maths")
        fails_at_the_end("23505", "subject_name_unique")

    with pytest.raises(ConflictError) as refused:
        as_one(part)
    assert refused.value.reason == "taken"


def fails_at_the_end(code: str, constraint: str = "") -> None:
    """Let this transaction's end fail: a deferred trigger raises what a lock or rule would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE SQLSTATE '{code}' USING CONSTRAINT = '{constraint}'; END $$;"
            "CREATE CONSTRAINT TRIGGER fails AFTER UPDATE ON people_subject"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.fails();"
            "UPDATE people_subject SET name = name"
        )
