"""Undoing what was done: at once beside what was said, or later from the list."""

import re
from datetime import date, time

import pytest
from django.test import Client

from tandem.lessons.actions import cancel
from tandem.lessons.cover import Choice, cover_all
from tandem.lessons.end_relationship import end
from tandem.lessons.models import Deed, Session, SessionSeries
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_exceptions import stop_series
from tandem.people.requester import Requester
from tandem.relationships.models import TutorStudent
from tandem.web.forms.sheet import KEY
from tests.cast import NOW, Cast, at, booked, user
from tests.web.reading import read, words
from tests.web.sending import fields, opened, sent


def ended(oona: Client, cast: Cast) -> tuple[str, str]:
    """End a relationship by clicking; return the page that follows, in words and as it is."""
    path = f"/relationships/{cast.ben_ana.pk}/end"
    seen = oona.get(path, {"on": "2026-11-02", "reason": "", "next_primary": ""})
    after = sent(oona, path, fields(seen))
    return words(after), after.content.decode()


def undo_button(page: str) -> tuple[str, dict[str, str]]:
    """Return where the button beside a message leads, and what it sends."""
    form = re.search(r'<form method="post" action="(/deeds/[^"]+)">(.*?)</form>', page, re.DOTALL)
    assert form
    hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]))
    return form[1], hidden


def test_what_was_just_done_is_undone_by_one_click(oona: Client, cast: Cast) -> None:
    """Beside the message, with the sessions that it called off."""
    booked(cast.ben_ana, at(9, 16))
    said, page = ended(oona, cast)
    assert "The relationship is ended. Ben stopped teaching Ana Ruiz. Undo it" in said
    assert Session.objects.get().status == "cancelled"
    way, hidden = undo_button(page)
    after = oona.post(way, hidden, follow=True)
    assert "It is undone." in words(after)
    assert "Undo it" not in words(after)
    assert Session.objects.get().status == "scheduled"
    assert TutorStudent.objects.get(pk=cast.ben_ana.pk).status == "active"
    again = oona.post(way, hidden, follow=True)
    assert again.status_code == 200


def test_who_may_not_undo_it_is_offered_nothing(ben: Client, cast: Cast) -> None:
    """An end is an owner's to undo, a tutor's own too; the message is there all the same."""
    path = f"/relationships/{cast.ben_cleo.pk}/end"
    after = sent(ben, path, fields(ben.get(path, {"on": "2026-11-02", "reason": ""})))
    assert "The relationship is ended." in words(after)
    assert "Undo it" not in words(after)
    assert "Ben stopped teaching Cleo Hart." in read(ben, "/deeds")
    assert "/undo" not in ben.get("/deeds").content.decode()


def test_the_list_says_what_was_done_by_whom_and_leads_to_undoing_it(
    oona: Client, cast: Cast
) -> None:
    """After a look at what goes back; then it says so."""
    assert "Nothing of that kind was done yet." in read(oona, "/deeds")
    session = booked(cast.ben_ana, at(9, 16))
    cover_all(requester=Requester(cast.owner, NOW), choices=[Choice(session.pk, cast.dev.pk)])
    assert "Dev will take over a session of Ana Ruiz. By Oona" in read(oona, "/deeds")
    path = f"/deeds/{Deed.objects.get().pk}/undo"
    assert f'href="{path}"' in oona.get("/deeds").content.decode()
    look = oona.get(path)
    assert "1 session will go back" in words(look)
    assert "1 relationship will be removed Ana Ruiz with Dev" in words(look)
    assert "It is undone." in words(sent(oona, path, fields(look)))
    listed = read(oona, "/deeds")
    assert "Undone Mon 2 Nov 2026, 09:00 by Oona" in listed
    assert "Undone Another tutor took over a session of Ana Ruiz." in listed
    assert oona.get(path).status_code == 409


def test_what_has_changed_since_the_look_is_looked_at_again(oona: Client, cast: Cast) -> None:
    """Nothing is undone by the first button."""
    sessions = [booked(cast.ben_ana, at(9, 16)), booked(cast.ben_cleo, at(9, 18))]
    choices = [Choice(one.pk, cast.dev.pk) for one in sessions]
    path = f"/deeds/{cover_all(requester=Requester(cast.owner, NOW), choices=choices)[0].deed}/undo"
    look = oona.get(path)
    cancel(requester=Requester(cast.owner, NOW), session_id=sessions[0].pk)
    refused = sent(oona, path, fields(look))
    assert refused.status_code == 409
    assert "Something has changed since you looked" in words(refused)
    assert "1 session will go back" in words(refused)
    sent(oona, path, fields(refused))
    assert Deed.objects.get().undone_at == NOW


def test_what_stands_in_the_way_is_named_and_there_is_no_button(oona: Client, cast: Cast) -> None:
    """Also where the button beside the message was pressed."""
    session = booked(cast.ben_ana, at(9, 16))
    deed = cover_all(
        requester=Requester(cast.owner, NOW), choices=[Choice(session.pk, cast.dev.pk)]
    )[0].deed
    booked(cast.ben_cleo, at(9, 16))
    path = f"/deeds/{deed}/undo"
    look = words(oona.get(path))
    assert "It cannot happen like this" in look
    assert "Undo it" not in look
    key = opened(oona, f"/students/{cast.ana.pk}/edit")[KEY]
    refused = sent(oona, path, {KEY: key, "just_done": "on"})
    assert refused.status_code == 409
    assert "It cannot happen like this" in words(refused)
    assert Deed.objects.get().undone_at is None


def away(client: Client, cast: Cast) -> str:
    """Let Ben be away on the 17th, his lessons moved to the next day; return the page after."""
    path = f"/tutors/{cast.ben.pk}/time-off"
    look = client.get(path, {"first_day": "2026-11-17", "sessions": "move"})
    page: str = sent(client, path, fields(look)).content.decode()
    return page


def test_what_cannot_go_back_is_named_and_the_others_are_undone(oona: Client, cast: Cast) -> None:
    """On the day where it would go back, with whom that is taken, after a look only."""
    moved, other = booked(cast.ben_ana, at(17, 13)), booked(cast.ben_cleo, at(17, 15))
    way, hidden = undo_button(away(oona, cast))
    booked(cast.cara_ana, at(17, 13))
    asked = oona.post(way, hidden, follow=True)
    said = words(asked)
    assert asked.status_code == 409
    assert "Undo all the others" in said
    assert "Dates that weekly lessons left out because of it get none by this" in said
    assert "1 session will be as it was" in said
    assert (
        "Ana Ruiz with Ben, Tue 17 Nov 2026, 13:00 (now Wed 18 Nov 2026, 13:00): the student "
        "already has a session from 13:00 to 14:00. It is Ana Ruiz with Cara." in said
    )
    assert Session.objects.get(pk=other.pk).starts_at != at(17, 15)
    done = words(sent(oona, way, fields(asked)))
    assert "It is undone, but for a lesson that stays as it is now." in done
    assert Session.objects.get(pk=other.pk).starts_at == at(17, 15)
    assert Session.objects.get(pk=moved.pk).starts_at == at(18, 13)


def test_a_tutor_is_not_told_with_whom_their_student_is_then(ben: Client, cast: Cast) -> None:
    """Only that the hour is taken."""
    booked(cast.ben_ana, at(17, 13))
    way, _hidden = undo_button(away(ben, cast))
    booked(cast.cara_ana, at(17, 13))
    said = read(ben, way)
    assert "Ana Ruiz, Tue 17 Nov 2026, 13:00 (now" in said
    assert "the student already has a session from 13:00 to 14:00." in said
    assert "Cara" not in said


def test_the_look_says_what_undoing_a_stop_does(oona: Client, cast: Cast) -> None:
    """How many lessons come back, when, which do not and why, and that they go on."""
    wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY", date(2026, 11, 9), time(16), 60)
    series = plan_series(requester=Requester(cast.owner, NOW), wanted=wanted).series
    on = date(2027, 4, 5)
    deed = stop_series(requester=Requester(cast.owner, NOW), series_id=series.pk, on=on).deed
    booked(cast.cara_ana, at(12, 15, month=4, year=2027))
    said = read(oona, f"/deeds/{deed}/undo")
    assert "The weekly lessons go on as before: more are planned as time passes." in said
    assert "4 sessions will be planned again" in said
    assert "Mon 5 Apr 2027" in said
    assert "Mon 12 Apr 2027: The student already has a session in these hours:" in said
    assert "Undo all the others" in said
    SessionSeries.objects.update(ends_on=date(2027, 3, 29))
    refused = oona.get(f"/deeds/{deed}/undo")
    assert refused.status_code == 409


def test_the_look_says_whose_sessions_come_back(oona: Client, cast: Cast) -> None:
    """A closure touches many students, so each line has its own."""
    booked(cast.ben_ana, at(9, 16))
    ended(oona, cast)
    look = words(oona.get(f"/deeds/{Deed.objects.get().pk}/undo"))
    assert "1 session will be planned again" in look
    assert "16:00 to 17:00 Ana Ruiz Physics with Ben" in look


def test_a_stranger_to_it_is_shown_nothing(dev: Client, cast: Cast) -> None:
    """Not even that it was done."""
    deed = end(requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_cleo.pk).deed
    assert "Nothing of that kind was done yet." in read(dev, "/deeds")
    assert dev.get(f"/deeds/{deed}/undo").status_code == 404


def test_a_student_who_is_no_longer_theirs_is_not_named(ben: Client, cast: Cast) -> None:
    """A tutor's own deed stays theirs, without the names of who was erased or handed over."""
    end(requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_cleo.pk)
    TutorStudent.objects.filter(pk=cast.ben_cleo.pk).delete()
    assert "A tutor stopped teaching a student." in read(ben, "/deeds")


@pytest.mark.parametrize("name", ["", "van Dijk"])
def test_a_name_begins_a_sentence_as_it_is_written(ben: Client, cast: Cast, name: str) -> None:
    """Also the address of somebody whose name is not known."""
    cast.ben.full_name = name
    cast.ben.save()
    end(requester=Requester(user(cast.ben), NOW), tutor_student_id=cast.ben_cleo.pk)
    assert f"{name or cast.ben.email} stopped teaching Cleo" in read(ben, "/deeds")
