"""Cancelling a lesson by clicking: what it means is shown first; the policy has a page."""

from datetime import timedelta
from typing import Any

from django.test import Client

from tandem.lessons.models import Session
from tandem.lessons.policies import change_policy, current_terms
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked, user
from tests.web.reading import read, words
from tests.web.sending import fields, opened, send, sent


def a_day_before(cast: Cast, **other: Any) -> None:
    """Let families cancel free until the day before."""
    change_policy(requester=Requester(cast.owner, NOW), changes={"free_until_hours": 24, **other})


def test_what_it_means_is_shown_and_kept(ben: Client, oona: Client, cast: Cast) -> None:
    """On the lesson's page and in its history, with why."""
    a_day_before(cast)
    session = booked(cast.ben_ana, NOW + timedelta(hours=21))
    path = f"/sessions/{session.pk}"
    seen = read(ben, f"{path}/cancel")
    assert (
        "21 hours before it begins: if the family asks, this lesson is charged, because your "
        "policy asks for 24 hours. If the tutor or the business asks, nothing is charged." in seen
    )
    after = words(send(ben, f"{path}/cancel", by="family", reason="Flu"))
    said = (
        "Cancelled by the family 21 hours before it began; it is charged, as the policy asked for "
        "24 hours: “Flu”"
    )
    assert after.count(said) == 2
    assert said in read(oona, path)
    assert "Cancelled" not in words(send(oona, f"{path}/reinstate")).partition("Who changed it")[0]


def test_in_time_nothing_is_charged(ben: Client, cast: Cast) -> None:
    """Nor without a policy; a tutor's is not, however late."""
    session = booked(cast.ben_ana, at(9, 16))
    path = f"/sessions/{session.pk}/cancel"
    assert "A family cancels free whenever it likes." in read(ben, path)
    a_day_before(cast)
    assert "7 days before it begins: nothing is charged, whoever asks" in read(ben, path)
    assert "Cancelled by the tutor 7 days before it began " in words(send(ben, path, by="tutor"))
    refused = ben.get(path)
    assert refused.status_code == 409
    assert "it is cancelled" in words(refused)


def test_who_asked_is_asked_and_why_where_the_policy_says_so(ben: Client, cast: Cast) -> None:
    """Nothing typed is lost, and nothing is cancelled before."""
    a_day_before(cast, reason_required=True)
    session = booked(cast.ben_ana, at(9, 16))
    path = f"/sessions/{session.pk}/cancel"
    refused = send(ben, path, by="family")
    assert refused.status_code == 422
    assert "Write something here" in words(refused)
    assert fields(refused)["by"] == "family"
    assert "Choose one of these." in words(send(ben, path, reason="Flu"))
    assert Session.objects.get().status == "scheduled"
    sent(ben, path, fields(refused), reason="Flu")
    assert Session.objects.get().status == "cancelled"


def test_another_policy_than_was_shown_is_shown_again(ben: Client, cast: Cast) -> None:
    """And cancels only once that was looked at."""
    session = booked(cast.ben_ana, NOW + timedelta(hours=21))
    path = f"/sessions/{session.pk}/cancel"
    form = opened(ben, path)
    a_day_before(cast, late="credit")
    refused = sent(ben, path, form, by="family")
    assert refused.status_code == 409
    assert "the policy of cancelling has changed" in words(refused)
    assert "this lesson comes back as a credit" in words(refused)
    assert Session.objects.get().status == "scheduled"
    assert "it comes back as a credit" in words(sent(ben, path, fields(refused)))
    other = booked(cast.ben_ana, at(9, 16))
    assert send(ben, f"/sessions/{other.pk}/cancel", by="family", plan="").status_code == 409


def test_the_policy_is_set_by_owners_and_read_by_tutors(
    oona: Client, ben: Client, cast: Cast
) -> None:
    """Wrong hours are said beside their field."""
    assert "A family cancels free whenever it likes." in read(ben, "/cancelling")
    seen = words(send(oona, "/cancelling", free_until_hours="24", late="credit"))
    assert "The policy is saved." in seen
    assert "until 24 hours before a lesson begins; after that it comes back as a credit" in seen
    assert "comes back as a credit" in read(ben, "/cancelling")
    assert send(oona, "/cancelling", free_until_hours="-1").status_code == 422
    assert ben.post("/cancelling", {"late": "charged"}).status_code == 403
    assert current_terms().late == "credit"
    assert user(cast.ben).is_owner is False


def test_one_weekly_lesson_is_cancelled_where_somebody_asked(oona: Client, cast: Cast) -> None:
    """It stays in the list; taken out, it does not."""
    typed = {"first_date": "2027-03-22", "starts": "16:00", "minutes": "60", "every": "1",
             "times": "3"}  # fmt: skip
    path = f"/relationships/{cast.ben_ana.pk}/series/new"
    sent(oona, path, fields(oona.get(path, typed)))
    series = f"/series/{Session.objects.first().series_id}"  # type: ignore[union-attr]
    send(oona, f"{series}/skip/2027-03-29", by="family", reason="Flu")
    send(oona, f"{series}/skip/2027-04-05")
    assert [one.status for one in Session.objects.order_by("starts_at")] == [
        "scheduled",
        "cancelled",
    ]
    assert send(oona, f"{series}/skip/2027-03-22", reason="Flu").status_code == 422
