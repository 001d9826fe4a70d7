"""Forms are carried out once, on what was seen, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tandem.people.actions import update_student
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.web.models import SentForm
from tests.cast import NOW, Cast, user
from tests.together import together
from tests.web.reading import words
from tests.web.sending import fields, opened, send, sent

PASSWORD = "correct horse battery"


def test_a_form_sent_twice_is_done_once(oona: Client, cast: Cast) -> None:
    """The second sending leads to the student whom the first one made."""
    form = opened(oona, "/students/new")
    typed = {"full_name": "Eva Lund", "tutor": cast.ben.pk}
    pages = [sent(oona, "/students/new", form, **typed) for _ in range(2)]
    assert pages[0].redirect_chain == pages[1].redirect_chain
    assert Student.objects.filter(full_name="Eva Lund").count() == 1
    send(oona, "/students/new", **typed)
    assert Student.objects.filter(full_name="Eva Lund").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_done_once(cast: Cast) -> None:
    """A double click: two requests in flight at the same time, one student."""
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(cast.owner)
    form = opened(clients[0], "/students/new")
    typed = {**form, "full_name": "Eva Lund", "tutor": cast.ben.pk}
    answers = together(
        *(
            lambda client=client: client.post("/students/new", typed)["Location"]
            for client in clients
        )
    )
    assert len(set(answers)) == 1
    assert Student.objects.filter(full_name="Eva Lund").count() == 1


def test_nobody_who_sends_a_form_waits_for_old_ones_to_be_forgotten(
    oona: Client, cast: Cast
) -> None:
    """The record of sent forms is swept by the worker, beside the requests."""
    old = NOW - timedelta(days=3)
    SentForm.objects.create(key="old", account=cast.owner, led_to="/", sent_at=old)
    with CaptureQueriesContext(connection) as captured:
        send(oona, "/students/new", full_name="Eva", tutor=cast.ben.pk)
    assert not [one for one in captured if one["sql"].startswith("DELETE")]
    assert SentForm.objects.filter(key="old").exists()


def test_a_refused_form_may_be_sent_again(oona: Client, cast: Cast) -> None:
    """What was not done does not use the form up."""
    form = opened(oona, "/students/new")
    refused = sent(oona, "/students/new", form, full_name=" ", tutor=cast.ben.pk)
    assert refused.status_code == 422
    again = sent(oona, "/students/new", fields(refused), full_name="Eva Lund")
    assert "Eva Lund is added." in words(again)


def test_what_was_erased_is_erased_once(oona: Client, cast: Cast) -> None:
    """The second sending leads on, although the student is gone."""
    path = f"/students/{cast.ana.pk}/erase"
    form = opened(oona, path)
    for _ in range(2):
        answer = sent(oona, path, form)
        assert answer.redirect_chain == [("/students", 302)]


@pytest.mark.parametrize("key", ["", "nonsense", None])
def test_a_form_without_a_key_is_not_carried_out(oona: Client, cast: Cast, key: str | None) -> None:
    """It is shown again, with a key, and may be sent then."""
    answer = send(oona, "/students/new", full_name="Eva", tutor=cast.ben.pk, form_key=key)
    assert answer.status_code == 400
    assert "nothing was done" in words(answer)
    assert not Student.objects.filter(full_name="Eva").exists()
    assert "is added" in words(sent(oona, "/students/new", fields(answer)))


def test_a_key_that_no_text_can_be_is_refused(oona: Client, cast: Cast) -> None:
    """A row's text holds no NUL, and is not asked for one."""
    answer = send(oona, "/students/new", full_name="Eva", tutor=cast.ben.pk, form_key="a\x00b")
    assert answer.status_code == 422
    assert not Student.objects.filter(full_name="Eva").exists()


def test_a_key_of_somebody_else_is_none(oona: Client, ben: Client, cast: Cast) -> None:
    """A key is good for the account that it was given to."""
    theirs = opened(oona, "/students/new")["form_key"]
    answer = send(ben, "/students/new", full_name="Eva", form_key=theirs)
    assert answer.status_code == 400
    assert not SentForm.objects.exists()


def test_somebody_changed_it_meanwhile(oona: Client, cast: Cast) -> None:
    """Both are shown, what was typed is kept, and sending again saves it."""
    path = f"/students/{cast.ana.pk}/edit"
    form = opened(oona, path)
    update_student(
        requester=Requester(user(cast.ben), NOW),
        student_id=cast.ana.pk,
        changes={"year": "12", "phone": "1"},
    )
    stale = sent(oona, path, form, year="11")
    assert stale.status_code == 409
    seen = words(stale)
    assert "Somebody else changed this while you were writing." in seen
    assert "Saved now: 12" in seen
    assert fields(stale)["year"] == "11"
    cast.ana.refresh_from_db()
    assert cast.ana.year == "12"
    assert "Year 11" in words(sent(oona, path, fields(stale), phone="1"))
    cast.ana.refresh_from_db()
    assert (cast.ana.year, cast.ana.phone) == ("11", "1")


def test_signed_out_while_writing(cast: Cast) -> None:
    """After signing in again the form is back with everything typed, and can be sent."""
    account = user(cast.ben)
    account.set_password(PASSWORD)
    account.save()
    client = Client()
    client.force_login(account)
    path = f"/students/{cast.ana.pk}/edit"
    form = opened(client, path)
    client.logout()
    entrance = sent(client, path, form, year="Typed while signed out")
    assert "Sign in" in words(entrance)
    login = entrance.redirect_chain[-1][0]
    back = client.post(login, {"login": account.email, "password": PASSWORD}, follow=True)
    assert "This was not saved before you showed that it is you." in words(back)
    assert fields(back)["year"] == "Typed while signed out"
    assert "Typed while signed out" in words(sent(client, path, fields(back)))


def test_signed_in_anew_at_another_tab_while_writing(cast: Cast) -> None:
    """The form's proof is old by then: the form comes back filled in, with a new one."""
    client = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    client.force_login(cast.owner)
    path = f"/students/{cast.ana.pk}/edit"
    form = opened(client, path)
    client.cookies["csrftoken"] = "a" * 32
    back = sent(client, path, form, year="Typed before")
    assert "Here is what you wrote" in words(back)
    assert fields(back)["year"] == "Typed before"
    assert "Typed before" in words(sent(client, path, fields(back)))


def test_a_form_from_another_site_is_not_kept(cast: Cast) -> None:
    """Nobody else fills in a form for somebody."""
    client = Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"})
    client.force_login(cast.owner)
    path = f"/students/{cast.ana.pk}/edit"
    answer = sent(client, path, opened(client, path), year="Theirs")
    assert answer.status_code == 403
    assert "kept_form" not in client.session


def test_what_one_wrote_is_not_shown_to_another(cast: Cast) -> None:
    """Somebody else who signs in at the same browser finds the form as it is saved."""
    client = Client()
    client.force_login(user(cast.ben))
    path = f"/students/{cast.ana.pk}/edit"
    form = opened(client, path)
    client.logout()
    sent(client, path, form, year="Ben’s words")
    cast.owner.set_password(PASSWORD)
    cast.owner.save()
    client.post("/accounts/login/", {"login": cast.owner.email, "password": PASSWORD})
    assert fields(client.get(path))["year"] == "10"


def test_strangers_fill_no_store(db: None) -> None:
    """What comes without a key of ours is not kept for anybody."""
    client = Client()
    client.post("/students/new", {"full_name": "x" * 1000, "form_key": "made up"})
    assert not client.session.keys()
