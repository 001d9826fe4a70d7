"""The last day of a parent's link, and the day on which it was last opened."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.kit.errors import InvalidError, NotFoundError
from tandem.lessons.parent_links import opened_by_link
from tandem.people.actions import rotate_parent_link
from tandem.people.models import ParentLink, Student
from tandem.people.parent_links import parent_link
from tandem.people.queries import viewer_of
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at

TODAY = date(2026, 11, 2)


def ending(cast: Cast, last_day: date | None) -> str:
    """Return a new link of Ana's with a last day."""
    student = rotate_parent_link(
        requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, last_day=last_day
    )
    return student.parent_link_token or ""


def opened(token: str, *, day: int = 2, hour: int = 9, month: int = 11) -> Student:
    """Return whose page a link opens."""
    return opened_by_link(token, address="192.0.2.1", now=at(day, hour, month=month)).student


def facts(cast: Cast) -> tuple[date | None, date | None]:
    """Return the last day and the day of the last opening, as the owner is told them."""
    link = parent_link(viewer_of(cast.owner), cast.ana.pk)
    return link.last_day, link.opened_on


def test_a_link_opens_on_its_last_day_and_not_after(cast: Cast) -> None:
    """The day is the business's: at 23:59 in London it still opens, a minute later nothing."""
    token = ending(cast, date(2026, 11, 9))
    assert opened(token, day=9, hour=23) == cast.ana
    with pytest.raises(NotFoundError) as refused:
        opened(token, day=10, hour=0)
    assert refused.value.kind == "parent link"
    assert facts(cast)[0] == date(2026, 11, 9)


def test_a_link_without_a_last_day_opens_for_ever(cast: Cast) -> None:
    """As every link did before, the imported ones too."""
    assert opened(cast.ana.parent_link_token or "", month=12) == cast.ana
    assert facts(cast)[0] is None


@pytest.mark.parametrize("last_day", [TODAY - timedelta(days=1), date(2201, 1, 1)])
def test_a_last_day_lies_ahead(cast: Cast, last_day: date) -> None:
    """One that is past, or beyond every calendar, is refused, and the old link stays."""
    with pytest.raises(InvalidError) as refused:
        ending(cast, last_day)
    assert [one.field for one in refused.value.errors] == ["last_day"]
    assert opened(cast.ana.parent_link_token or "") == cast.ana
    assert opened(ending(cast, TODAY)) == cast.ana


def test_opening_is_noted_once_a_day(cast: Cast) -> None:
    """The first opening of a day writes, every other only reads; a wrong link notes nothing."""
    token = cast.ana.parent_link_token or ""
    assert facts(cast) == (None, None)
    opened(token)
    with CaptureQueriesContext(connection) as captured:
        opened(token, hour=21)
    assert not [one for one in captured if "people_parentlink" in one["sql"].split("SELECT")[0]]
    assert facts(cast) == (None, TODAY)
    opened(token, day=4)
    with pytest.raises(NotFoundError):
        opened("never-was", day=5)
    assert facts(cast) == (None, date(2026, 11, 4))


def test_what_is_known_is_of_the_present_link(cast: Cast) -> None:
    """A new link was never opened; nor one that the older application writes, which has no end."""
    opened(ending(cast, date(2026, 11, 9)))
    assert facts(cast) == (date(2026, 11, 9), TODAY)
    Student.objects.filter(pk=cast.ana.pk).update(full_name="Ana R.")
    assert facts(cast) == (date(2026, 11, 9), TODAY)
    Student.objects.filter(pk=cast.ana.pk).update(kept_link="older")
    assert facts(cast) == (None, None)
    assert opened("older", month=12) == cast.ana


def test_it_goes_with_the_student(db: None) -> None:
    """Also where the row goes by plain SQL, as the older application's deletes do."""
    loner = Student.objects.create(full_name="Una", kept_link="una-has-a-link")
    opened("una-has-a-link")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_student WHERE id = %s", [loner.pk])
    assert not ParentLink.objects.filter(student=loner.pk).exists()
