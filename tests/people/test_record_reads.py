"""Who read a student's record without teaching them: once a day each, for a year, for owners."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tandem.insights.subject_export import export_student
from tandem.kit.errors import ForbiddenError, NotFoundError
from tandem.kit.time import business_day, local_date
from tandem.lessons.erasure import erase_student
from tandem.people.models import RecordRead, Tutor
from tandem.people.queries import viewer_of
from tandem.people.record_reads import KEPT_FOR, NotedReads, forget_old_reads, reads_of_student
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast, at, user

DAY = timedelta(days=1)


def readers(cast: Cast) -> list[str | None]:
    """Return who read Ana's record, as an owner sees it, oldest first."""
    rows = reads_of_student(viewer_of(cast.owner), cast.ana.pk).order_by("at", "id")
    return [str(row.account) if row.account else None for row in rows]


def read(cast: Cast, *times: tuple[str, timedelta]) -> None:
    """Have accounts read Ana's record after a while, in a process that knows nothing yet."""
    noted = NotedReads()
    for account_id, later in times:
        noted.note(account_id, cast.ana.pk, NOW + later)
    noted.write()


def test_once_for_each_account_and_day(cast: Cast) -> None:
    """Whoever asks how often, and whichever process hears it."""
    owner, dev = cast.owner.pk, user(cast.dev).pk
    now, soon = timedelta(0), timedelta(minutes=5)
    read(cast, (owner, now), (owner, soon), (dev, soon))
    read(cast, (owner, soon), (owner, DAY))
    assert readers(cast) == [str(cast.owner), str(user(cast.dev)), str(cast.owner)]
    first = reads_of_student(viewer_of(cast.owner), cast.ana.pk).earliest("at")
    assert (first.at, first.day) == (NOW, business_day(NOW))


def test_who_teaches_the_student_leaves_no_line(cast: Cast) -> None:
    read(cast, (user(cast.ben).pk, timedelta(0)))
    assert readers(cast) == []


def test_a_tutor_teaches_until_midnight_where_they_are(cast: Cast) -> None:
    """Within one day of the business: before it no line is left, and after it one, of that day."""
    cara, zone = user(cast.cara), "America/Los_Angeles"
    Tutor.objects.filter(pk=cast.cara.pk).update(time_zone=zone)
    TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(ended_on=date(2026, 11, 10))
    noted = NotedReads()
    for hour, lines in ((7, 0), (8, 1), (9, 1)):
        now = at(10, hour)
        noted.note(cara.pk, cast.ana.pk, now, local_date(now, zone))
        noted.write()
        assert readers(cast) == [str(cara)] * lines
    assert RecordRead.objects.get().day == date(2026, 11, 10)


def test_of_a_student_who_is_gone_meanwhile_nothing_is_written(cast: Cast) -> None:
    """The lines there were are gone with the student."""
    read(cast, (cast.owner.pk, timedelta(0)))
    erase_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk)
    assert not RecordRead.objects.exists()
    read(cast, (cast.owner.pk, timedelta(0)))
    assert not RecordRead.objects.exists()


def test_kept_for_a_year(cast: Cast) -> None:
    read(cast, (cast.owner.pk, timedelta(0)), (cast.owner.pk, DAY))
    forget_old_reads(NOW + KEPT_FOR)
    assert len(readers(cast)) == 2
    forget_old_reads(NOW + KEPT_FOR + timedelta(seconds=1))
    assert len(readers(cast)) == 1


def test_nobody_rewrites_it(cast: Cast) -> None:
    read(cast, (cast.owner.pk, timedelta(0)))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        RecordRead.objects.update(account=user(cast.ben))
    assert readers(cast) == [str(cast.owner)]


def test_a_line_outlives_the_account(cast: Cast) -> None:
    account = user(cast.dev)
    read(cast, (account.pk, timedelta(0)))
    cast.dev.user = None
    cast.dev.save()
    account.delete()
    assert readers(cast) == [None]


def test_it_is_part_of_what_is_held_about_the_student(cast: Cast) -> None:
    read(cast, (cast.owner.pk, timedelta(0)))
    held = export_student(requester=Requester(cast.owner, NOW), student_id=cast.ana.pk).held
    assert [row["account_id"] for row in held["reads of the record"]] == [cast.owner.pk]


def test_owners_alone_see_it(cast: Cast) -> None:
    with pytest.raises(ForbiddenError):
        reads_of_student(viewer_of(user(cast.ben)), cast.ana.pk)
    with pytest.raises(NotFoundError):
        reads_of_student(viewer_of(cast.owner), "nobody")
