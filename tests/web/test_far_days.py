"""Days that no calendar here knows come back in the form, whichever form it is."""

from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.web.reading import words
from tests.web.sending import opened, send

FAR = ("0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31")


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/relationships/{link}/sessions/new", {"day": "", "starts": "00:00", "minutes": "1440"}),
        ("/relationships/{link}/pause", {"on": ""}),
    ],
)
def test_a_day_too_far_off_is_refused(
    oona: Client, cast: Cast, path: str, typed: dict[str, Any], day: str
) -> None:
    """Beside its field, and never by an error of the server's."""
    path = path.format(link=cast.ben_ana.pk)
    given = {name: value or day for name, value in typed.items()}
    assert given.keys() <= opened(oona, path).keys()
    refused = send(oona, path, **given)
    assert refused.status_code == 422
    assert "Choose a day from 1900 to 2200." in words(refused)


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize("name", ["first_day", "last_day"])
def test_a_look_at_days_too_far_off_is_refused(
    oona: Client, cast: Cast, name: str, day: str
) -> None:
    """A closure and time off are looked at by their address."""
    asked = {"name": "Christmas", "first_day": "2026-12-21", "sessions": "keep", name: day}
    for path, button in (
        ("/closures/new", "Close it"),
        (f"/tutors/{cast.ben.pk}/time-off", "Save the time off"),
    ):
        seen = oona.get(path, asked)
        assert seen.status_code == 200
        assert "Choose a day from 1900 to 2200." in words(seen)
        assert button not in words(seen)
