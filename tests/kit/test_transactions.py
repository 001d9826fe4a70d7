"""Actions that get in each other's way, over real connections and real locks."""

from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError, Event

import pytest
from django.db import IntegrityError, connection, transaction

from tandem.kit.errors import ConflictError
from tandem.kit.transactions import ChangedMeanwhileError, one_transaction
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
