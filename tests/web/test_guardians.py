"""Guardians on the pages: added, changed, removed, and what a link of their own opens."""

from typing import Any

from django.core import mail
from django.test import Client

from tandem.people.guardians import create_guardian
from tandem.people.models import Guardian, Student
from tandem.people.requester import Requester
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import send


def guardian(cast: Cast, *students: Student, **fields: Any) -> Guardian:
    """Return Maria, a guardian of these students, of Ana where none is named."""
    said = {"full_name": "Maria Ruiz", "email": "maria@home.example", **fields}
    ids = [one.pk for one in students or (cast.ana,)]
    made: Guardian = create_guardian(
        requester=Requester(cast.owner, NOW), student_ids=ids, fields=said
    )
    return made


def test_a_guardian_is_added_and_changed(oona: Client, cast: Cast) -> None:
    """With the address that is known of the parents, where nobody is there yet."""
    page = f"/students/{cast.ana.pk}"
    assert "Guardians Nobody yet. Add a guardian" in read(oona, page)
    assert "?email=ruiz%40home.example" in oona.get(page).content.decode()
    seen = words(
        send(oona, f"{page}/guardians/new?email=ruiz@home.example", full_name="Maria Ruiz")
    )
    assert "The guardian is added." in seen
    assert "Maria Ruiz ruiz@home.example" in seen
    one = Guardian.objects.get()
    seen = words(send(oona, f"/guardians/{one.pk}/edit", phone="0123", language="de"))
    assert "The guardian is saved." in seen
    assert "0123" in seen
    assert "Language Deutsch" in seen
    refused = send(oona, f"/guardians/{one.pk}/edit", language="es")
    assert refused.status_code == 422
    assert Guardian.objects.get().language == "de"


def test_a_language_is_chosen_of_those_that_there_are(oona: Client, cast: Cast) -> None:
    """What was noted before is one more choice, and stays when something else is changed."""
    one = guardian(cast, cast.ana)
    page = read(oona, f"/guardians/{one.pk}/edit")
    assert "Language In which letters are written" in page
    assert "Not known English Deutsch" in page
    Guardian.objects.filter(pk=one.pk).update(language="pt-BR")
    assert "pt-BR, as noted: letters are in English" in read(oona, f"/guardians/{one.pk}/edit")
    assert "The guardian is saved." in words(send(oona, f"/guardians/{one.pk}/edit", phone="5"))
    assert Guardian.objects.get().language == "pt-BR"


def test_the_same_address_joins_the_children(oona: Client, cast: Cast) -> None:
    one = Guardian.objects.get(pk=guardian(cast).pk)
    path = f"/students/{cast.cleo.pk}/guardians/new"
    send(oona, path, full_name="M", email="Maria@home.example")
    assert {child.student for child in one.children.all()} == {cast.ana, cast.cleo}
    assert "Guardian of Ana Ruiz , Cleo Hart" in read(oona, f"/guardians/{one.pk}")
    seen = words(send(oona, f"/guardians/{one.pk}/remove?student={cast.ana.pk}"))
    assert "The guardian is removed." in seen
    assert one.children.get().student == cast.cleo


def test_tutors_see_how_to_reach_them_and_no_link(ben: Client, dev: Client, cast: Cast) -> None:
    """Nor children whom they do not teach; they change nothing."""
    other = Student.objects.create(full_name="Una")
    one = guardian(cast, cast.ana, other)
    page = ben.get(f"/guardians/{one.pk}").content.decode()
    assert "maria@home.example" in page
    assert "Una" not in page
    assert "/family/" not in page
    for path in ("edit", "remove", "link", "unlink", "mail"):
        assert ben.get(f"/guardians/{one.pk}/{path}").status_code == 403
    assert ben.get(f"/students/{cast.ana.pk}/guardians/new").status_code == 403
    assert dev.get(f"/guardians/{one.pk}").status_code == 404


def test_their_own_link_is_sent(oona: Client, cast: Cast) -> None:
    """It names the children, and opens their page; without an address it is refused."""
    one = guardian(cast, cast.ana, cast.cleo)
    assert "The link is on its way" in words(send(oona, f"/guardians/{one.pk}/mail"))
    (letter,) = mail.outbox
    assert letter.to == ["maria@home.example"]
    assert letter.subject == "How Ana and Cleo are getting on"
    assert f"/family/{one.link_token}" in letter.body
    Guardian.objects.update(email=None)
    refused = send(oona, f"/guardians/{one.pk}/mail")
    assert "There is no e-mail address" in words(refused)


def test_it_opens_all_their_children(oona: Client, cast: Cast) -> None:
    """One child's page at once; of several a list; of nobody else's child none."""
    booked(cast.ben_ana, at(3, 10))
    one = guardian(cast)
    link = f"/family/{one.link_token}"
    answer = Client().get(link)
    assert "How is Ana getting on?" in words(answer)
    assert "Ben" in words(answer)
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == (
        "no-referrer",
        "no-store, private",
    )
    assert Client().get(f"{link}/{cast.cleo.pk}").status_code == 404
    send(oona, f"/students/{cast.cleo.pk}/guardians/new", full_name="M", email=one.email)
    assert "Ana Ruiz" in read(Client(), link)
    assert "Cleo Hart" in read(Client(), link)
    assert "How is Cleo getting on?" in read(Client(), f"{link}/{cast.cleo.pk}")
    assert "Last opened on Mon 2 Nov 2026." in read(oona, f"/guardians/{one.pk}")


def test_a_link_made_anew_or_taken_away_opens_nothing(oona: Client, cast: Cast) -> None:
    """Answered like one that never was."""
    one = guardian(cast)
    old = f"/family/{one.link_token}"
    assert "There is a new link." in words(send(oona, f"/guardians/{one.pk}/link"))
    assert Client().get(old).status_code == 404
    one.refresh_from_db()
    new = f"/family/{one.link_token}"
    assert Client().get(new).status_code == 200
    assert "The link no longer works." in words(send(oona, f"/guardians/{one.pk}/unlink"))
    gone, never = Client().get(new), Client().get("/family/never")
    assert gone.status_code == never.status_code == 404
    assert words(gone) == words(never)


def test_their_link_is_sent_in_their_language(oona: Client, cast: Cast) -> None:
    one = guardian(cast, cast.ana, cast.cleo, language="de-AT")
    send(oona, f"/guardians/{one.pk}/mail")
    (letter,) = mail.outbox
    assert letter.subject == "Wie Ana und Cleo vorankommen"
    assert letter.body.startswith("Hier sehen Sie, wie Ana und Cleo bei allen Lehrkräften")


def test_to_what_is_no_address_nothing_is_sent(oona: Client, cast: Cast) -> None:
    """An older application may have had two addresses in one; the page says what is wrong."""
    both = "mum@home.example, dad@home.example"
    one = guardian(cast)
    Guardian.objects.update(email=both)
    Student.objects.filter(pk=cast.ana.pk).update(parent_email=both)
    for page in (f"/guardians/{one.pk}/mail", f"/students/{cast.ana.pk}/mail"):
        refused = send(oona, page)
        assert refused.status_code == 409
        assert "is not one e-mail address, so nothing can be sent there" in words(refused)
    assert mail.outbox == []


def test_who_has_no_name_is_named_by_their_address_once(oona: Client, cast: Cast) -> None:
    """As those who were only an address in the older application are."""
    made = guardian(cast, email="nameless@home.example")
    Guardian.objects.filter(pk=made.pk).update(full_name="")
    page = oona.get(f"/students/{cast.ana.pk}").content.decode()
    guardians = page.split('id="guardians"')[1]
    assert guardians.split('<span class="buttons">')[0].count(">nameless@home.example<") == 1
