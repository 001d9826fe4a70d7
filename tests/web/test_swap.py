"""Two sessions swapped by clicking."""

from typing import Any

from django.test import Client

from tandem.lessons.closures import add_closure
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import opened, send, sent


def test_two_sessions_change_places(ben: Client, cast: Cast) -> None:
    """The tutor's others are offered; afterwards each has the other's hours."""
    ten, eleven = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(17, 11))
    hers = booked(cast.cara_ana, at(17, 12))
    path = f"/sessions/{ten.pk}/swap"
    assert "Swap it with another session" in read(ben, f"/sessions/{ten.pk}")
    page = ben.get(path).content.decode()
    assert "Tue 17 Nov 2026, 11:00 to 12:00, Cleo Hart" in page
    assert hers.pk not in page
    other = f"{eleven.pk} {eleven.updated_at:%Y%m%d%H%M%S%f}"
    assert "Tue 17 Nov 2026, 11:00" in words(send(ben, path, other=other))
    eleven.refresh_from_db()
    assert eleven.starts_at == at(17, 10)


def test_what_was_moved_meanwhile_is_chosen_again(ben: Client, cast: Cast) -> None:
    """It would give other hours than those that were read; nothing is moved."""
    ten, eleven = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(17, 11))
    form = opened(ben, f"/sessions/{ten.pk}/swap")
    form["other"] = f"{eleven.pk} {eleven.updated_at:%Y%m%d%H%M%S%f}"
    eleven.starts_at, eleven.ends_at = at(18, 11), at(18, 12)
    eleven.save()
    answer = sent(ben, f"/sessions/{ten.pk}/swap", form)
    assert answer.status_code == 422
    assert "This session was changed meanwhile. Choose again." in words(answer)


def test_a_swap_that_cannot_be_is_refused_in_words(ben: Client, cast: Cast) -> None:
    """Ana is with Cara at the hour that she would get."""
    ten, other = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(18, 10))
    booked(cast.cara_ana, at(18, 10))
    choice = f"{other.pk} {other.updated_at:%Y%m%d%H%M%S%f}"
    answer = send(ben, f"/sessions/{ten.pk}/swap", other=choice)
    assert answer.status_code == 409
    assert "The student already has a session in these hours." in words(answer)


def test_an_owner_swaps_in_spite_of_a_closed_day(oona: Client, ben: Client, cast: Cast) -> None:
    """The box is an owner's alone; what is said of the lesson then tells it."""
    ten, other = booked(cast.ben_ana, at(17, 10)), booked(cast.ben_cleo, at(18, 10))
    closed: dict[str, Any] = {
        "name": "Storm",
        "starts_on": at(18, 0).date(),
        "ends_on": at(19, 0).date(),
    }
    add_closure(requester=Requester(cast.owner, NOW), **closed)
    path = f"/sessions/{ten.pk}/swap"
    choice = f"{other.pk} {other.updated_at:%Y%m%d%H%M%S%f}"
    box = "Even if the tutor is away or the business is closed"
    assert box not in read(ben, path)
    assert box in read(oona, path)
    assert send(oona, path, other=choice).status_code == 409
    send(oona, path, other=choice, override="on")
    assert "although the business was closed" in read(oona, f"/sessions/{ten.pk}")
