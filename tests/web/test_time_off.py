"""Time off by clicking: every lesson in it is looked at and decided about before it is saved."""

from typing import Any

from django.test import Client

from tandem.lessons.actions import schedule_group
from tandem.lessons.models import Deed, Session, TimeOff
from tandem.people.actions import set_subjects
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tests.cast import NOW, Cast, at, booked
from tests.web.reading import read, words
from tests.web.sending import Forms, fields, send, sent

CLOSED = {"name": "Storm", "first_day": "2026-11-17"}
TYPED = {"first_day": "2026-11-17", "reason": "Flu"}


def looked_form(answer: Any) -> dict[str, str]:
    """Return what the form that asks what would happen would send as it stands."""
    forms = Forms()
    forms.feed(answer.content.decode())
    return forms.found[0]


def looked(client: Client, path: str, before: Any, **typed: str) -> Any:
    """Fill in the form on a page that has come, and ask what would happen then."""
    return client.post(path, {**looked_form(before), **typed, "only_looks": "yes"})


def path_of(cast: Cast) -> str:
    return f"/tutors/{cast.ben.pk}/time-off"


def test_lessons_are_decided_about_one_by_one(oona: Client, cast: Cast) -> None:
    """One covered, one cancelled, one moved, one kept: in one confirmation, with one undo."""
    covered, off, moved = (booked(cast.ben_ana, at(17, hour)) for hour in (9, 11, 13))
    kept = booked(cast.ben_cleo, at(17, 15))
    path = path_of(cast)
    typed: dict[str, Any] = {**TYPED, "sessions": "keep", "cancel_reason": "Doctor"}
    first = words(oona.get(path, typed))
    assert "4 lessons stay planned" in first
    assert "Cara covers" in first
    assert "Cara : Teaches this student already." in first
    assert "Move to Wed 18 Nov 2026, 13:00" in first
    choices = {
        f"do_{covered.pk}": f"cover {cast.cara.pk}",
        f"do_{off.pk}": "cancel",
        f"do_{moved.pk}": f"move {at(18, 13).isoformat()}",
        f"do_{kept.pk}": "keep",
    }
    seen = oona.get(path, {**typed, **choices})
    for said in (
        "1 will be covered Cara takes Ana Ruiz on Tue 17 Nov 2026, 09:00",
        "1 lesson will be cancelled",
        "from Tue 17 Nov 2026, 13:00 to Wed 18 Nov 2026, 13:00",
        "1 lesson stays planned",
    ):
        assert said in words(seen), said
    assert not TimeOff.objects.exists()
    after = words(sent(oona, path, fields(seen)))
    said = (
        "The time off is saved. Ben will be away: Tue 17 Nov 2026, all day. Lessons were "
        "cancelled, covered and moved. Undo it"
    )
    assert said in after
    assert [one.status for one in Session.objects.order_by("starts_at")] == [
        "scheduled",
        "cancelled",
        "scheduled",
        "scheduled",
    ]
    assert "Cancelled, because the tutor was away: “Doctor”" in read(oona, f"/sessions/{off.pk}")
    said = "Ben will be away: Tue 17 Nov 2026, all day. Lessons were cancelled, covered and moved."
    assert said in read(oona, "/deeds")
    assert "It is undone." in words(send(oona, f"/deeds/{Deed.objects.get().pk}/undo"))
    rows = Session.objects.order_by("starts_at").values_list("status", "tutor", "starts_at")
    assert [*rows] == [("scheduled", cast.ben.pk, at(17, hour)) for hour in (9, 11, 13, 15)]
    assert not TimeOff.objects.exists()


def test_the_reasons_below_a_choice_are_of_who_is_chosen(oona: Client, cast: Cast) -> None:
    """What speaks for the others is a click away, the best of them first."""
    set_subjects(
        requester=Requester(cast.owner, NOW), tutor_id=cast.dev.pk, subjects=[Taught("Physics")]
    )
    lesson = booked(cast.ben_ana, at(17, 9))
    typed = {**TYPED, "sessions": "keep"}
    for chosen, below, others in (
        ("keep", "Cara : Teaches", "Dev : Has nothing"),
        (f"cover {cast.dev.pk}", "Dev : Has nothing", "Cara : Teaches"),
    ):
        seen = words(oona.get(path_of(cast), {**typed, f"do_{lesson.pk}": chosen}))
        said, more = seen.split("The next best")
        assert below in said
        assert others not in said
        assert others in more


def test_another_choice_for_all_leaves_what_was_chosen_for_one(oona: Client, cast: Cast) -> None:
    """What was only filled in from it follows; so it is over wider days, and for closed days."""
    one, two = booked(cast.ben_ana, at(17, 9)), booked(cast.ben_ana, at(17, 11))
    for path, typed in ((path_of(cast), TYPED), ("/closures/new", CLOSED)):
        seen = oona.get(path, {**typed, "sessions": "cancel"})
        assert "2 lessons will be cancelled" in words(seen)
        anew = looked(oona, path, seen, sessions="keep")
        assert "2 lessons stay planned" in words(anew)
        chosen = looked(oona, path, anew, **{f"do_{two.pk}": "cancel"})
        assert "1 lesson will be cancelled" in words(chosen)
        moved = looked(oona, path, chosen, sessions="move")
        assert "1 lesson will be cancelled" in words(moved)
        assert "to Wed 18 Nov 2026, 09:00" in words(moved)
        wider = looked(oona, path, moved, last_day="2026-11-18")
        assert "1 lesson will be cancelled" in words(wider)
        assert "to Thu 19 Nov 2026, 09:00" in words(wider)
        mine = {f"do_{one.pk}": f"move {at(20, 9).isoformat()}"}
        again = looked(oona, path, wider, **mine)
        widest = looked(oona, path, again, last_day="2026-11-20", sessions="cancel")
        assert "the tutor is away then" in words(widest) or "is closed then" in words(widest)
        assert looked_form(widest)[f"do_{one.pk}"] == mine[f"do_{one.pk}"]
    form = fields(looked(oona, path_of(cast), oona.get(path_of(cast), TYPED), sessions="move"))
    sent(oona, path_of(cast), form)
    assert [*Session.objects.order_by("starts_at").values_list("starts_at", flat=True)] == [
        at(18, 9),
        at(18, 11),
    ]


def test_what_will_happen_is_asked_for_in_no_address(oona: Client, cast: Cast) -> None:
    """A look is sent as a form, as reasons name children and illnesses; it changes nothing."""
    session = booked(cast.ben_ana, at(17, 9))
    typed = {**TYPED, "sessions": "cancel", "cancel_reason": "Ana has measles"}
    seen = looked(oona, path_of(cast), oona.get(path_of(cast)), **typed)
    assert "1 lesson will be cancelled" in words(seen)
    assert seen.request["QUERY_STRING"] == ""
    assert b'method="get"' not in seen.content.split(b"<main")[1]
    assert not TimeOff.objects.exists()
    sent(oona, path_of(cast), fields(seen))
    session.refresh_from_db()
    assert session.status == "cancelled"


def test_a_group_is_one_line_and_one_choice(oona: Client, cast: Cast) -> None:
    """With its children's names; it moves whole, and so it is undone."""
    for path, typed in ((path_of(cast), TYPED), ("/closures/new", CLOSED)):
        ana, cleo = schedule_group(
            requester=Requester(None, NOW),
            tutor_student_ids=[cast.ben_ana.pk, cast.ben_cleo.pk],
            starts_at=at(17, 9),
            ends_at=at(17, 10),
        )
        names = "Ana Ruiz and Cleo Hart with Ben"
        kept = words(oona.get(path, {**typed, "sessions": "keep"}))
        assert f"1 lesson stays planned Tue 17 Nov 2026, 09:00 to 10:00: {names}" in kept
        assert "1 lesson will be cancelled" in words(
            oona.get(path, {**typed, "sessions": "cancel"})
        )
        seen = oona.get(path, {**typed, "sessions": "move"})
        assert "1 will be moved Ana Ruiz and Cleo Hart" in words(seen)
        assert len([name for name in looked_form(seen) if name.startswith("do_")]) == 1
        sent(oona, path, fields(seen))
        starts = Session.objects.filter(pk__in=[ana.pk, cleo.pk])
        assert {*starts.values_list("starts_at", "group")} == {(at(18, 9), ana.group)}
        send(oona, f"/deeds/{Deed.objects.get(undone_at=None).pk}/undo")
        assert {*starts.values_list("starts_at", flat=True)} == {at(17, 9)}
        starts.delete()


def test_what_has_begun_stays_and_a_second_time_off_is_refused(oona: Client, cast: Cast) -> None:
    """In words, on the page."""
    begun, ahead = booked(cast.ben_ana, at(2, 8, 30)), booked(cast.ben_ana, at(2, 16))
    path, typed = path_of(cast), {"first_day": "2026-11-02", "sessions": "cancel"}
    seen = oona.get(path, typed)
    assert "1 lesson will be cancelled" in words(seen)
    other = fields(oona.get(path, typed))
    sent(oona, path, fields(seen))
    begun.refresh_from_db()
    ahead.refresh_from_db()
    assert (begun.status, ahead.status) == ("scheduled", "cancelled")
    again = sent(oona, path, other)
    assert again.status_code == 409
    assert "Ben is away already in these hours: Mon 2 Nov 2026, all day" in words(again)
    assert "2 Nov 2026, all day" in read(oona, f"/tutors/{cast.ben.pk}")
    assert TimeOff.objects.count() == 1


def test_a_tutor_is_offered_no_cover(ben: Client, cast: Cast) -> None:
    """But other hours; what was sent all the same is refused beside the lesson."""
    session = booked(cast.ben_ana, at(17, 9))
    path = path_of(cast)
    seen = ben.get(path, {**TYPED, "sessions": "cancel"})
    assert "covers." not in words(seen)
    assert "Move to" in words(seen)
    form = fields(seen)
    wrong = sent(ben, path, form, **{f"do_{session.pk}": f"cover {cast.cara.pk}"})
    assert wrong.status_code == 422
    assert "This cannot be chosen any more." in words(wrong)
    assert "Choose one of these" in words(ben.get(path, {**TYPED, "sessions": ""}))
    assert not TimeOff.objects.exists()
    sent(ben, path, form)
    assert Session.objects.get().status == "cancelled"


def test_a_lesson_that_came_since_is_shown_before_anything_is_done(
    oona: Client, cast: Cast
) -> None:
    """Saved only once it was looked at; without a look nothing is."""
    booked(cast.ben_ana, at(17, 9))
    path = path_of(cast)
    form = fields(oona.get(path, {**TYPED, "sessions": "cancel"}))
    booked(cast.ben_cleo, at(17, 11))
    refused = sent(oona, path, form)
    assert refused.status_code == 409
    assert "Something has changed since you looked" in words(refused)
    assert "2 lessons will be cancelled" in words(refused)
    assert not TimeOff.objects.exists()
    sent(oona, path, fields(refused), plan="")
    assert not TimeOff.objects.exists()
    sent(oona, path, fields(refused))
    assert {*Session.objects.values_list("status", flat=True)} == {"cancelled"}


def test_closed_days_move_and_cancel(oona: Client, cast: Cast) -> None:
    """Each lesson by itself, with the same undo."""
    off, moved = booked(cast.ben_ana, at(17, 9)), booked(cast.cara_ana, at(17, 11))
    typed = {"name": "Storm", "first_day": "2026-11-17", "last_day": "", "sessions": "move"}
    choices = {f"do_{off.pk}": "cancel",
               f"do_{moved.pk}": f"move {at(18, 11).isoformat()}"}  # fmt: skip
    seen = oona.get("/closures/new", {**typed, **choices})
    assert "1 lesson will be cancelled" in words(seen)
    assert "Ana Ruiz with Cara : from Tue 17 Nov 2026, 11:00 to Wed 18 Nov 2026, 11:00" in words(
        seen
    )
    sent(oona, "/closures/new", fields(seen))
    said = "Cancelled, because the business was closed: “Storm”"
    assert said in read(oona, f"/sessions/{off.pk}")
    moved.refresh_from_db()
    assert moved.starts_at == at(18, 11)


def test_what_is_changed_after_the_look_is_not_what_was_looked_at(oona: Client, cast: Cast) -> None:
    """Kept after all, and the button that confirms pressed: it was cancelled as looked at once."""
    session = booked(cast.ben_ana, at(17, 9))
    path = path_of(cast)
    seen = looked(oona, path, oona.get(path), **TYPED, sessions="cancel")
    changed = {**fields(seen), f"do_{session.pk}": "keep"}
    refused = sent(oona, path, changed)
    assert "Something has changed since you looked, so nothing was done." in words(refused)
    assert not TimeOff.objects.exists()
    after = words(sent(oona, path, fields(refused)))
    assert "The time off is saved." in after
    assert Session.objects.get(pk=session.pk).status == "scheduled"


def test_a_tutor_who_is_back_early_gets_covered_lessons_back(oona: Client, cast: Cast) -> None:
    """After a look, but for one that stays by a tick; with one undo."""
    one, two = (booked(cast.ben_ana, at(day, 9)) for day in (18, 19))
    typed = {"first_day": "2026-11-17", "last_day": "2026-11-20", "sessions": "cover"}
    seen = oona.get(path_of(cast), typed)
    sent(oona, path_of(cast), fields(seen))
    who = Session.objects.get(pk=one.pk).tutor
    assert who != cast.ben
    off = TimeOff.objects.get()
    path = f"{path_of(cast)}/{off.pk}/back"
    assert path in oona.get(f"/tutors/{cast.ben.pk}").content.decode()
    seen = oona.get(path, {"back_on": "2026-11-18"})
    said = words(seen)
    assert "2 lessons will go back to Ben" in said
    assert "2 relationships will be removed" in said
    assert f"Ana Ruiz with {who} , Wed 18 Nov 2026" in said
    assert f"Leave Ana Ruiz on Thu 19 Nov 2026, 09:00 with {who}" in said
    again = looked(oona, path, seen, **{f"keep_{two.pk}": "on"})
    assert "1 lesson will go back to Ben" in words(again)
    assert "1 lesson stays covered" in words(again)
    assert "1 relationship will be removed" in words(again)
    after = words(sent(oona, path, fields(again)))
    assert "The time off ends early. Ben is back early, and a session went back. Undo it" in after
    assert [row.tutor for row in Session.objects.order_by("starts_at")] == [cast.ben, who]
    assert "Ben is back early, and a session went back." in read(oona, "/deeds")
    deed = Deed.objects.get(kind="absence_ended")
    assert "1 session will be covered again" in read(oona, f"/deeds/{deed.pk}/undo")
    assert "It is undone." in words(send(oona, f"/deeds/{deed.pk}/undo"))
    assert [row.tutor for row in Session.objects.order_by("starts_at")] == [who, who]


def test_a_tutor_ends_their_own_time_off_and_no_day_too_late(ben: Client, cast: Cast) -> None:
    """They are told that an owner gives back; a day at its end or no day is refused in words."""
    off = TimeOff.objects.create(tutor=cast.ben, starts_at=at(17, 0), ends_at=at(20, 0))
    path = f"{path_of(cast)}/{off.pk}/back"
    assert "an owner can give it back" in read(ben, path)
    assert "ends no later than that anyhow" in words(ben.get(path, {"back_on": "2026-11-20"}))
    assert "Say which day." in words(ben.get(path, {"back_on": ""}))
    sent(ben, path, fields(ben.get(path, {"back_on": "2026-11-18", "back_at": "12:00"})))
    assert TimeOff.objects.get().ends_at == at(18, 12)


def test_a_slip_of_the_year_is_told_beside_the_last_day(oona: Client, cast: Cast) -> None:
    """Neither a look nor the deed takes 15 years; a year is taken."""
    path = path_of(cast)
    typed = {**TYPED, "sessions": "keep"}
    long = oona.get(path, {**typed, "last_day": "2041-11-17"})
    assert "Time off lasts at most 366 days." in words(long)
    assert "What will happen" not in words(long)
    sent(oona, path, fields(oona.get(path, {**typed, "last_day": "2027-11-17"})))
    assert (TimeOff.objects.get().ends_at - TimeOff.objects.get().starts_at).days == 366


def test_two_absences_of_one_tutor_are_told_apart_where_they_are_undone(
    oona: Client, cast: Cast
) -> None:
    """Each with its days and what became of its lessons; what nothing became of says no more."""
    booked(cast.ben_ana, at(17, 9))
    for first_day, until, sessions in (
        ("2026-11-17", "2026-11-18", "cancel"),
        ("2026-11-24", "", "keep"),
    ):
        typed = {"first_day": first_day, "last_day": until, "sessions": sessions}
        sent(oona, path_of(cast), fields(oona.get(path_of(cast), typed)))
    listed = read(oona, "/deeds")
    days = "Tue 17 Nov 2026 to Wed 18 Nov 2026, all day"
    assert f"Ben will be away: {days}. Lessons were cancelled. By" in listed
    assert "Ben will be away: Tue 24 Nov 2026, all day. By" in listed


def test_who_is_away_is_named_where_that_is_not_who_holds_the_lesson(
    oona: Client, cast: Cast
) -> None:
    """Cara covers, and Ben is away by another absence: it would read as if Cara were."""
    lesson = booked(cast.ben_ana, at(17, 9))
    for first_day, do in (("2026-11-17", f"cover {cast.cara.pk}"), ("2026-11-16", "keep")):
        typed = {"first_day": first_day, "last_day": "2026-11-17", "sessions": "keep"}
        answer = oona.get(path_of(cast), {**typed, f"do_{lesson.pk}": do})
        sent(oona, path_of(cast), fields(answer))
    assert Session.objects.get().tutor == cast.cara
    first = Deed.objects.order_by("at", "id")[0]
    seen = read(oona, f"/deeds/{first.pk}/undo")
    assert "Ana Ruiz with Cara, Tue 17 Nov 2026, 09:00: Ben is away then." in seen
