"""Finding tutors for all who wait, by clicking: what is looked at is what happens."""

from datetime import date

from django.test import Client

from tandem.lessons.end_relationship import end
from tandem.lessons.time_off import add_time_off
from tandem.people.actions import set_subjects
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.relationships.actions import enrol
from tandem.relationships.models import TutorStudent
from tests.cast import NOW, Cast, at
from tests.web.reading import words
from tests.web.test_time_off import looked_form

PATH = "/students/match"


def test_who_waits_gets_a_tutor_after_a_look(oona: Client, cast: Cast) -> None:
    """Cleo's maths ended: it is offered again; Kim's subject is typed; Una is left out."""
    set_subjects(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.dev.pk,
        subjects=[Taught("Maths", ""), Taught("Latin", "expert")],
    )
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_cleo.pk,
        on=date(2026, 11, 2),
    )
    kim, una = (
        enrol(requester=Requester(cast.owner, NOW), full_name=one).pk for one in ("Kim", "Una")
    )
    before = oona.get(PATH)
    assert "3 students wait for a tutor" in words(before)
    form = looked_form(before)
    assert form[f"subject_{cast.cleo.pk}"] == "Maths"
    del form[f"looks_{una}"]
    typed = {**form, f"subject_{kim}": "latin", f"level_{kim}": "advanced", "do": "look"}
    seen = oona.post(PATH, typed)
    for said in (
        "Give 2 students these tutors",
        "Dev : Teaches Latin up to expert. Takes any number of students; teaches 0 now.",
        "Dev : Teaches Maths; the level has not been stated.",
    ):
        assert said in words(seen), said
    assert TutorStudent.objects.filter(tutor=cast.dev).count() == 0
    after = oona.post(PATH, {**looked_form(seen), "do": "give"}, follow=True)
    assert "They have their tutors now." in words(after)
    assert "Undo it" in words(after)
    made = TutorStudent.objects.filter(tutor=cast.dev).values_list("student", "is_primary")
    assert set(made) == {(cast.cleo.pk, True), (kim, True)}
    assert "1 student waits for a tutor" in words(oona.get(PATH))


def test_another_than_the_best_may_be_chosen_or_nobody(oona: Client, cast: Cast) -> None:
    for tutor in (cast.cara, cast.dev):
        taught = [Taught("Latin", "expert")]
        set_subjects(requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, subjects=taught)
    kim, una = (
        enrol(requester=Requester(cast.owner, NOW), full_name=one).pk for one in ("Kim", "Una")
    )
    latin = {f"subject_{one}": "Latin" for one in (kim, una)}
    seen = oona.post(PATH, {**looked_form(oona.get(PATH)), **latin, "do": "look"})
    best = looked_form(seen)[f"tutor_{kim}"]
    other = cast.cara.pk if best == cast.dev.pk else cast.dev.pk
    chosen = {**looked_form(seen), f"tutor_{kim}": other, f"tutor_{una}": ""}
    # What was looked at is not what is sent: so it is looked at first.
    refused = oona.post(PATH, {**chosen, "do": "give"})
    assert "This is not what was shown before, so nothing is done yet." in words(refused)
    assert "Give 1 student this tutor" in words(refused)
    assert not TutorStudent.objects.filter(student__in=[kim, una]).exists()
    assert looked_form(refused)[f"tutor_{kim}"] == other
    oona.post(PATH, {**looked_form(refused), "do": "give"})
    (row,) = TutorStudent.objects.filter(student__in=[kim, una])
    assert (row.student_id, row.tutor_id) == (kim, other)


def test_what_cannot_be_stands_in_its_line(oona: Client, cast: Cast) -> None:
    kim = enrol(requester=Requester(cast.owner, NOW), full_name="Kim").pk
    form = looked_form(oona.get(PATH))
    seen = oona.post(PATH, {**form, f"subject_{kim}": "Alchemy", "do": "look"})
    assert "There is no subject 'Alchemy'." in words(seen)
    seen = oona.post(PATH, {**form, f"level_{kim}": "expert", "do": "look"})
    assert "A level is a level of a subject: name the subject too." in words(seen)
    seen = oona.post(PATH, {**form, f"subject_{kim}": "Physics", "do": "look"})
    assert "Nobody here teaches Physics." in words(seen)
    assert "Nobody is chosen for anybody, so there is nothing to do." in words(seen)


def test_nobody_waits(oona: Client, ben: Client, cast: Cast) -> None:
    assert "Nobody waits for a tutor." in words(oona.get(PATH))
    assert ben.get(PATH).status_code == 403


def test_who_is_free_when_lessons_are_wanted_is_found(oona: Client, cast: Cast) -> None:
    """Of two who teach it, the one who is not away on the first such day."""
    for tutor in (cast.cara, cast.dev):
        taught = [Taught("Latin", "expert")]
        set_subjects(requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, subjects=taught)
    kim = enrol(requester=Requester(cast.owner, NOW), full_name="Kim").pk
    form = {**looked_form(oona.get(PATH)), f"subject_{kim}": "Latin", "do": "look"}
    best = looked_form(oona.post(PATH, form))[f"tutor_{kim}"]
    other = cast.cara.pk if best == cast.dev.pk else cast.dev.pk
    add_time_off(
        requester=Requester(None, NOW),
        tutor_id=best,
        starts_at=at(5, 0),
        ends_at=at(6, 0),
        reason="",
    )
    thursday = {f"weekday_{kim}": "3", f"from_{kim}": "16:00", f"until_{kim}": "17:00"}
    seen = oona.post(PATH, {**form, **thursday})
    assert looked_form(seen)[f"tutor_{kim}"] == other
    assert looked_form(seen)[f"weekday_{kim}"] == "3"
    later = oona.post(PATH, {**form, **thursday, "on": "2026-11-06"})
    assert looked_form(later)[f"tutor_{kim}"] == best
    oona.post(PATH, {**looked_form(seen), "do": "give"})
    assert TutorStudent.objects.get(student=kim).tutor_id == other


def test_hours_that_are_none_are_refused_in_their_line(oona: Client, cast: Cast) -> None:
    """Half of them, and an end before the beginning."""
    kim = enrol(requester=Requester(cast.owner, NOW), full_name="Kim").pk
    form = {**looked_form(oona.get(PATH)), "do": "look"}
    for typed, sentence in (
        ({"weekday": "3"}, "Say the day and both times, or none of them."),
        ({"from": "16:00", "until": "17:00"}, "Say the day and both times, or none of them."),
        (
            {"weekday": "3", "from": "16:00", "until": "16:00"},
            "The end is not after it begins.",
        ),
        ({"weekday": "9", "from": "16:00", "until": "17:00"}, "Choose one that is shown."),
        ({"weekday": "3", "from": "soon", "until": "17:00"}, "That is no time of day."),
    ):
        seen = oona.post(
            PATH, {**form, **{f"{part}_{kim}": value for part, value in typed.items()}}
        )
        assert seen.status_code == 422, typed
        assert sentence in words(seen), typed
