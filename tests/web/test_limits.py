"""Pages are counted: who asks for far too many waits, and nobody else does."""

from django.test import Client
from pytest_django import Settings

from tandem.people.models import Account
from tests.cast import Cast, user
from tests.web.reading import words


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_pages_of_one_account_are_counted(cast: Cast, settings: Settings) -> None:
    """Of all its browsers together; the page says how long it takes, and others go on."""
    settings.PAGES_PER_MINUTE = 3
    oona, ben = signed_in(cast.owner), signed_in(user(cast.ben))
    for _ in range(3):
        assert oona.get("/students").status_code == 200
    refused = signed_in(cast.owner).get("/students")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "Too many requests. Ask again in" in words(refused)
    assert ben.get("/students").status_code == 200


def test_what_is_sent_counts_too(cast: Cast, settings: Settings) -> None:
    """A form that is refused for it changes nothing."""
    settings.PAGES_PER_MINUTE = 1
    oona, name = signed_in(cast.owner), cast.ana.full_name
    assert oona.get(f"/students/{cast.ana.pk}/edit").status_code == 200
    refused = oona.post(f"/students/{cast.ana.pk}/edit", {"full_name": "Anna"})
    assert refused.status_code == 429
    cast.ana.refresh_from_db()
    assert cast.ana.full_name == name
