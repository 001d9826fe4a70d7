"""One lesson of several students is recorded at one go, and each has a record of their own."""

from typing import Any

import pytest

from tandem.kit.errors import ConflictError, InvalidError, NotFoundError
from tandem.lessons.actions import schedule_group
from tandem.lessons.cover import cover
from tandem.lessons.group_records import Record, held_with, record_group
from tandem.lessons.models import Session, SessionEvent
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, booked, user


@pytest.fixture
def pair_of(cast: Cast) -> tuple[Session, Session]:
    """Ana and Cleo with Ben, at nine on the 9th."""
    ana, cleo = schedule_group(
        requester=Requester(cast.owner, NOW),
        tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
        starts_at=at(9, 9),
        ends_at=at(9, 9) + HOUR,
    )
    return ana, cleo


def record(cast: Cast, session: Session, *records: Record, **other: Any) -> list[Session]:
    given: dict[str, Any] = {"requester": Requester(user(cast.ben), at(9, 10)), "records": records}
    return record_group(**{**given, "session_id": session.pk, **other})


def test_each_has_a_record_of_their_own(cast: Cast, pair_of: tuple[Session, Session]) -> None:
    """Ana was there and did well, Cleo did not come; the history of each says so."""
    ana, cleo = pair_of
    record(
        cast,
        ana,
        Record(ana.pk, "completed", {"notes": "Waves", "progress": 4}),
        Record(cleo.pk, "no_show", {"homework": "Page 4"}),
    )
    ana.refresh_from_db()
    cleo.refresh_from_db()
    assert (ana.status, ana.notes, ana.progress, ana.homework) == ("completed", "Waves", 4, None)
    assert (cleo.status, cleo.notes, cleo.homework) == ("no_show", None, "Page 4")
    lines = SessionEvent.objects.filter(session=cleo.pk).order_by("id")
    assert [one.what for one in lines] == ["planned", "missed", "edited"]


def test_all_or_none(cast: Cast, pair_of: tuple[Session, Session]) -> None:
    """Cleo's progress is no number that there is; before the lesson nothing can be recorded."""
    ana, cleo = pair_of
    both = (Record(ana.pk, "completed"), Record(cleo.pk, "completed", {"progress": 9}))
    with pytest.raises(InvalidError):
        record(cast, ana, *both)
    with pytest.raises(ConflictError) as refused:
        record(cast, ana, both[0], requester=Requester(user(cast.ben), at(9, 8)))
    assert refused.value.reason == "not_begun"
    assert {*Session.objects.values_list("status", flat=True)} == {"scheduled"}


def test_who_is_not_named_stays(cast: Cast, pair_of: tuple[Session, Session]) -> None:
    ana, cleo = pair_of
    record(cast, cleo, Record(ana.pk, "completed"), Record(cleo.pk, None, {"notes": "Late"}))
    cleo.refresh_from_db()
    assert (cleo.status, cleo.notes) == ("scheduled", "Late")


def test_only_what_is_held_together(cast: Cast, pair_of: tuple[Session, Session]) -> None:
    """Not another lesson, none twice, none of another tutor's; and nobody else's."""
    ana, cleo = pair_of
    other = booked(cast.ben_ana, at(9, 12))
    for records in ((Record(other.pk, "completed"),), (Record(ana.pk), Record(ana.pk))):
        with pytest.raises(InvalidError):
            record(cast, ana, *records)
    with pytest.raises(NotFoundError):
        record(
            cast, ana, Record(ana.pk, "completed"), requester=Requester(user(cast.dev), at(9, 10))
        )
    cover(requester=Requester(cast.owner, NOW), session_id=cleo.pk, tutor_id=cast.dev.pk)
    assert [one.pk for one in held_with(viewer_of(cast.owner), ana.pk)] == [ana.pk]
    assert [one.pk for one in held_with(viewer_of(cast.owner), other.pk)] == [other.pk]
