"""The parents' link on a student's page: until when it opens, and when it was last opened."""

from datetime import date

from django.core import mail
from django.test import Client

from tandem.people.actions import rotate_parent_link
from tandem.people.models import ParentLink, Student
from tandem.people.requester import Requester
from tandem.relationships.actions import pair
from tests.cast import NOW, Cast
from tests.web.reading import read, words
from tests.web.sending import fields, send, sent


def test_the_page_tells_until_when_and_when_opened(oona: Client, ben: Client, cast: Cast) -> None:
    """To owners and present tutors alike, in words."""
    page = f"/students/{cast.ana.pk}"
    for client in (oona, ben):
        assert "It has no last day. Nobody is known to have opened it." in read(client, page)
    ParentLink.objects.create(
        student=cast.ana, last_day=date(2199, 1, 7), opened_on=date(2026, 11, 2)
    )
    for client in (oona, ben):
        assert (
            "It works until Mon 7 Jan 2199, that day included. Last opened on Mon 2 Nov 2026."
            in read(client, page)
        )


def test_an_opening_shows(oona: Client, cast: Cast) -> None:
    """The day on which the parents looked."""
    read(Client(), f"/parent/{cast.ana.parent_link_token}")
    assert "Last opened on Mon 2 Nov 2026." in read(oona, f"/students/{cast.ana.pk}")


def test_a_new_link_is_given_a_last_day(oona: Client, cast: Cast) -> None:
    """The form asks for it; left empty, there is none."""
    path = f"/students/{cast.ana.pk}/link"
    assert "Last day" in read(oona, path)
    seen = words(send(oona, path, last_day="2199-01-07"))
    assert "It works until Mon 7 Jan 2199, that day included." in seen
    assert "It has no last day." in words(send(oona, path))


def test_a_last_day_that_is_past_is_refused(oona: Client, cast: Cast) -> None:
    """Beside the field, and the old link goes on."""
    refused = send(oona, f"/students/{cast.ana.pk}/link", last_day="2020-01-07")
    assert refused.status_code == 422
    assert "This day is past. Choose today or a later day." in words(refused)
    assert "Ana" in read(Client(), f"/parent/{cast.ana.parent_link_token}")


def test_an_ended_link_opens_nothing_and_is_not_sent(oona: Client, cast: Cast) -> None:
    """The page says so and offers a new one; a mail with it is refused."""
    ParentLink.objects.create(student=cast.ana, last_day=date(2020, 1, 7))
    seen = read(oona, f"/students/{cast.ana.pk}")
    assert "This link opens nothing any more: its last day was Tue 7 Jan 2020." in seen
    assert "Send the link by e-mail" not in seen
    refused = send(oona, f"/students/{cast.ana.pk}/mail")
    assert refused.status_code == 409
    assert "Make a new link first" in words(refused)
    assert not mail.outbox


def test_a_parent_is_told_whom_to_ask(cast: Cast) -> None:
    """The same page for a link that ended, was replaced, or never was."""
    rotate_parent_link(requester=Requester(cast.owner, NOW), student_id=cast.cleo.pk)
    ParentLink.objects.create(student=cast.ana, last_day=date(2020, 1, 7))
    links = (cast.ana.parent_link_token, cast.cleo.parent_link_token, "never-was")
    pages = [Client().get(f"/parent/{token}") for token in links]
    assert [page.status_code for page in pages] == [404] * 3
    assert len({page.content for page in pages}) == 1
    assert "Ask the tutor, or whoever sent it, for a new one" in words(pages[0])


def test_the_letter_tells_the_last_day(oona: Client, cast: Cast) -> None:
    """So that nobody is surprised by it."""
    send(oona, f"/students/{cast.ana.pk}/link", last_day="2199-01-07")
    send(oona, f"/students/{cast.ana.pk}/mail")
    assert "It works until Mon 7 Jan 2199, that day included." in str(mail.outbox[0].body)


OFFER = "Make a new link for the parents"


def test_a_new_link_is_offered_when_somebody_stops_teaching(oona: Client, cast: Cast) -> None:
    """Who taught until now knows the old one, after an end and after a transfer."""
    for path, asked, tutor in (
        (f"/relationships/{cast.cara_ana.pk}/end", {"on": "2026-11-02"}, "Cara"),
        (
            f"/relationships/{cast.ben_ana.pk}/transfer",
            {"to_tutor_id": cast.dev.pk, "on": "2026-11-02", "future_sessions": "move"},
            "Ben",
        ),
    ):
        after = sent(oona, path, fields(oona.get(path, asked)))
        assert f"{tutor} taught Ana until now and knows the parents’ link." in words(after)
        assert OFFER in words(after)
        assert f'href="/students/{cast.ana.pk}/link"' in after.content.decode()
    assert "knows the parents’ link" not in words(send(oona, f"/students/{cast.ana.pk}/link"))


def test_no_new_link_is_offered_without_a_reason(oona: Client, ben: Client, cast: Cast) -> None:
    """Not beside a tutor who goes on, nor to who has just stopped, nor where there is no link."""
    page = f"/students/{cast.ana.pk}"
    assert OFFER not in read(oona, page, left=cast.ben_ana.pk)
    assert OFFER not in read(oona, page, left="nobody's")
    path = f"/relationships/{cast.ben_ana.pk}/end"
    assert OFFER not in words(sent(ben, path, fields(ben.get(path, {"on": "2026-11-02"}))))
    assert OFFER in read(oona, page, left=cast.ben_ana.pk)
    Student.objects.filter(pk=cast.ana.pk).update(kept_link=None)
    assert OFFER not in read(oona, page, left=cast.ben_ana.pk)


def test_no_new_link_is_offered_where_the_tutor_teaches_the_student_still(
    oona: Client, cast: Cast
) -> None:
    """Ben stops with physics and goes on with Greek: he is shown the new link anyway."""
    pair(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        student_id=cast.ana.pk,
        subject="Greek",
    )
    path = f"/relationships/{cast.ben_ana.pk}/end"
    assert OFFER not in words(sent(oona, path, fields(oona.get(path, {"on": "2026-11-02"}))))
