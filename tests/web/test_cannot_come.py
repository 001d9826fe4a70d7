"""A family says on its own page that it cannot come: what it costs first, and nothing twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tandem.kit import time
from tandem.lessons.actions import cancel, reschedule
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.policies import CancellationPolicy, change_policy
from tandem.people import limits
from tandem.people.models import Student
from tandem.people.requester import Requester
from tests.cast import HOUR, NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import fields, opened, send, sent
from tests.web.test_guardians import guardian
from tests.web.test_parent import SECRET, address, headers


def policy(cast: Cast, **changes: Any) -> None:
    change_policy(requester=Requester(cast.owner, NOW), changes=changes)


@pytest.fixture(autouse=True)
def switched_on(cast: Cast) -> None:
    policy(cast, families_cancel=True)


def page(cast: Cast, session: Session) -> str:
    """Return the path on which Ana's family says that it cannot come."""
    return f"{address(cast.ana)}/sessions/{session.pk}/cancel"


def test_a_family_says_that_it_cannot_come(ben: Client, oona: Client, cast: Cast) -> None:
    """From its page, without an account; tutor and owner read it first thing, with why."""
    session = booked(cast.ben_ana, at(9, 16))
    link = f'href="{page(cast, session)}"'
    assert link in Client().get(address(cast.ana)).content.decode()
    family = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    form = opened(family, page(cast, session))
    assert "Mon 9 Nov 2026 16:00 to 17:00 Physics with Ben" in read(family, page(cast, session))
    done = words(sent(family, page(cast, session), form, reason="Flu, sorry"))
    assert "You said that you cannot come" in done
    assert "Nothing is charged" in done
    session.refresh_from_db()
    assert session.status == "cancelled"
    assert link not in Client().get(address(cast.ana)).content.decode()
    said = "Cancelled by the family, on its page, 7 days before it began: “Flu, sorry”"
    assert said in read(ben, f"/sessions/{session.pk}")
    for reader in (ben, oona):
        today = read(reader, "/")
        assert "1 lesson to which a family cannot come" in today
        assert "Ana Ruiz" in today.partition("Who cannot come")[2]
        assert "Flu, sorry" in today


def test_what_it_costs_is_said_before(cast: Cast) -> None:
    """In time and late, charged and as a credit, and without a policy."""
    soon, later = booked(cast.ben_ana, NOW + 21 * HOUR), booked(cast.ben_ana, at(9, 16))
    assert "nothing is charged" in read(Client(), page(cast, soon))
    policy(cast, free_until_hours=24)
    assert (
        "This is 21 hours before it begins, less than the 24 hours that are asked for. "
        "The lesson will be charged." in read(Client(), page(cast, soon))
    )
    assert "7 days before it begins: nothing is charged" in read(Client(), page(cast, later))
    policy(cast, late="credit")
    assert "comes back to you as a credit" in read(Client(), page(cast, soon))
    assert "comes back to you as a credit" in words(send(Client(), page(cast, soon)))
    event = SessionEvent.objects.get(session=soon, what="cancelled")
    assert event.details["cancellation"]["outcome"] == "credit"


def test_it_is_said_once(cast: Cast) -> None:
    """The second press leads to what the first one did."""
    session = booked(cast.ben_ana, at(9, 16))
    family, form = Client(), opened(Client(), page(cast, session))
    for _press in range(2):
        assert "You said that you cannot come" in words(sent(family, page(cast, session), form))
    assert SessionEvent.objects.filter(session=session, what="cancelled").count() == 1
    assert "You said that you cannot come" in read(family, page(cast, session))


def test_what_has_begun_or_is_decided_is_not_theirs_to_cancel(cast: Cast) -> None:
    """Nor what the business called off; each says why, and nothing changes."""
    begun = booked(cast.ben_ana, NOW - timedelta(minutes=10))
    gone = booked(cast.ben_ana, at(9, 16))
    cancel(requester=Requester(cast.owner, NOW), session_id=gone.pk)
    for session, why in ((begun, "has begun"), (gone, "This lesson is cancelled already.")):
        before = SessionEvent.objects.count()
        for answer in (
            Client().get(page(cast, session)),
            Client().post(page(cast, session), {"expect": "x"}),
        ):
            assert answer.status_code == 409
            assert why in words(answer)
            assert "You said" not in words(answer)
        assert SessionEvent.objects.count() == before


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("cancelled", "This lesson is cancelled already. There is nothing left to do."),
        ("completed", "This lesson was held. Tell the tutor, or whoever sent you the link."),
        ("no_show", "This lesson was missed. Tell the tutor, or whoever sent you the link."),
    ],
)
def test_what_is_decided_is_told_in_a_familys_words(cast: Cast, status: str, says: str) -> None:
    """Not in those of who records sessions; of a lesson that is cancelled, no reason to worry."""
    session = booked(cast.ben_ana, at(9, 16))
    Session.objects.filter(pk=session.pk).update(status=status)
    for answer in (
        Client().get(page(cast, session)),
        Client().post(page(cast, session), {"expect": "x"}),
    ):
        assert answer.status_code == 409
        assert says in words(answer)
        assert "You cannot" not in words(answer)


def test_another_childs_lesson_is_not_there(cast: Cast) -> None:
    """A link opens one child: with Ana's nobody cancels for Cleo, nor with a link of nobody."""
    session = booked(cast.ben_cleo, at(9, 10))
    plan = {"expect": "x", "reason": "no"}
    for path in (
        f"{address(cast.ana)}/sessions/{session.pk}/cancel",
        f"{address(cast.ana)}/sessions/never/cancel",
        f"/parent/never-was/sessions/{session.pk}/cancel",
    ):
        for answer in (Client().get(path), Client().post(path, plan)):
            assert answer.status_code == 404
            assert {name: answer[name] for name in SECRET} == SECRET
    session.refresh_from_db()
    assert session.status == "scheduled"


def test_a_form_of_another_site_is_refused(cast: Cast) -> None:
    """By its origin, and without the token of the form."""
    session = booked(cast.ben_ana, at(9, 16))
    for client in (
        Client(enforce_csrf_checks=True),
        Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"}),
    ):
        form = opened(client, page(cast, session))
        client.cookies.pop("csrftoken", None)
        assert client.post(page(cast, session), form).status_code == 403
    session.refresh_from_db()
    assert session.status == "scheduled"


def test_until_it_is_switched_on_families_may_not(cast: Cast) -> None:
    """A link that only read becomes no key by an update, nor by a move."""
    CancellationPolicy.objects.all().delete()
    session = booked(cast.ben_ana, at(9, 16))
    assert "cannot come" not in read(Client(), address(cast.ana))
    assert Client().get(page(cast, session)).status_code == 403


def test_the_business_decides_whether_families_may(oona: Client, cast: Cast) -> None:
    """Switched off on the policy's page, neither is it offered nor done."""
    session = booked(cast.ben_ana, at(9, 16))
    form = opened(Client(), page(cast, session))
    send(oona, "/cancelling", families_cancel=None)
    assert "cannot come" not in read(Client(), address(cast.ana))
    for answer in (
        Client().get(page(cast, session)),
        Client().post(page(cast, session), form),
    ):
        assert answer.status_code == 403
        assert "Tell the tutor" in words(answer)
    session.refresh_from_db()
    assert session.status == "scheduled"


def test_a_link_that_could_be_guessed_cancels_nothing(cast: Cast) -> None:
    """It reads, as it always did."""
    Student.objects.filter(pk=cast.ana.pk).update(kept_link="ana-2024")
    cast.ana.refresh_from_db()
    session = booked(cast.ben_ana, at(9, 16))
    assert "cannot come" not in read(Client(), address(cast.ana))
    assert Client().get(page(cast, session)).status_code == 403


def test_what_was_shown_is_what_happens(cast: Cast) -> None:
    """Moved meanwhile, or within the notice by now: shown again, and done when that was seen."""
    session = booked(cast.ben_ana, at(9, 16))
    form = opened(Client(), page(cast, session))
    reschedule(
        requester=Requester(cast.owner, NOW),
        session_id=session.pk,
        starts_at=at(10, 16),
        ends_at=at(10, 17),
    )
    refused = sent(Client(), page(cast, session), form, reason="Flu")
    assert refused.status_code == 409
    assert "Tue 10 Nov 2026" in words(refused)
    assert fields(refused)["reason"] == "Flu"
    assert "You said that you cannot come" in words(
        sent(Client(), page(cast, session), fields(refused))
    )


def test_a_form_without_what_was_shown_does_nothing(cast: Cast) -> None:
    session = booked(cast.ben_ana, at(9, 16))
    assert send(Client(), page(cast, session), expect="").status_code in {409, 422}
    session.refresh_from_db()
    assert session.status == "scheduled"


def test_why_is_asked_where_the_policy_asks(cast: Cast) -> None:
    policy(cast, reason_required=True)
    session = booked(cast.ben_ana, at(9, 16))
    refused = send(Client(), page(cast, session))
    assert refused.status_code == 422
    assert "Write something here" in words(refused)
    assert send(Client(), page(cast, session), reason="x" * 501).status_code == 422
    assert "You said" in words(sent(Client(), page(cast, session), fields(refused), reason="Flu"))


def test_a_guardian_says_it_for_each_of_their_children(cast: Cast) -> None:
    """By their own link, in their language; not for a child of somebody else."""
    maria = guardian(cast, cast.ana, cast.cleo, language="de")
    session = booked(cast.ben_cleo, at(9, 10))
    path = f"/family/{maria.link_token}/{cast.cleo.pk}"
    cancels = f"{path}/sessions/{session.pk}/cancel"
    assert cancels in Client().get(path).content.decode()
    assert "Sie haben abgesagt" in words(send(Client(), cancels, reason="Grippe"))
    other = booked(cast.ben_ana, at(9, 16))
    assert Client().get(f"{path}/sessions/{other.pk}/cancel").status_code == 404


def test_times_are_the_familys_and_the_address_stays_secret(cast: Cast) -> None:
    """A family in New York reads New York's; a browser may say to this site where it came from."""
    Student.objects.filter(pk=cast.ana.pk).update(time_zone="America/New_York")
    session = booked(cast.ben_ana, at(9, 16))
    answer = Client().get(page(cast, session))
    assert "Mon 9 Nov 2026 11:00 to 12:00" in words(answer)
    assert {**headers(answer)}["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == SECRET["Cache-Control"]


def test_a_link_is_read_so_often_and_no_more(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent counts as what is read."""
    session = booked(cast.ben_ana, at(9, 16))
    form = opened(Client(), page(cast, session))
    settings.PARENT_READS_PER_MINUTE = 1
    monkeypatch.setattr(time, "utc_now", lambda: NOW + timedelta(minutes=2))
    limits.spend(limits.PARENT_READS, cast.ana.pk, NOW + timedelta(minutes=2))
    assert Client().post(page(cast, session), form).status_code == 429
    session.refresh_from_db()
    assert session.status == "scheduled"
