"""Charts where numbers are written with a comma: SVG knows none but the point."""

import re

import pytest
from django.test import Client

from tandem.lessons.actions import complete
from tandem.people.requester import Requester
from tests.cast import DECEMBER, Cast, at, booked

PLACES = re.compile(r' (?:[xy][12]?|c[xy]|r|width|height|viewBox)="([^"]*)"')
A_PLACE = re.compile(r"[\d. -]+")


@pytest.fixture(autouse=True)
def _recorded(cast: Cast) -> None:
    for day, progress in ((5, 2), (12, 3), (19, 5)):
        session = booked(cast.ben_ana, at(day, 15, month=10))
        complete(requester=Requester(None, DECEMBER), session_id=session.pk, progress=progress)


OUTCOMES = "/reports/outcomes?first_day=2026-10-01&last_day=2026-11-30"


@pytest.mark.parametrize("path", ["/", "/students/{ana}", "/parent/{link}", OUTCOMES])
def test_no_chart_has_a_comma_where_something_stands(oona: Client, cast: Cast, path: str) -> None:
    """Browsers draw at 0 what they cannot read: lines and dots lay upon each other."""
    cast.owner.language = "de"
    cast.owner.save()
    where = path.format(ana=cast.ana.pk, link=cast.ana.parent_link_token)
    page = oona.get(where, {"lang": "de"} if "parent" in path else {}).content.decode()
    assert '<html lang="de">' in page
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert charts
    places = [place for chart in charts for place in PLACES.findall(chart)]
    assert len(places) > 10
    assert [place for place in places if not A_PLACE.fullmatch(place)] == []
