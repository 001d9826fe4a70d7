"""A child with a relationship of each kind, told in words that are found wherever they show.

Ana is taught by Ben (her primary tutor), by Cara and by a tutor without a name. Fay was asked to,
Pia will from December on, Finn did until October, Greta stands in for one lesson of Ben's, and Dev
has nothing to do with her.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from tandem.kit.weekly import Weekly
from tandem.lessons.actions import cancel
from tandem.lessons.availability import set_availability
from tandem.lessons.cancelling_rules import Cancelling
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.imports.bring_in import bring_in
from tandem.lessons.models import Closure, Session
from tandem.lessons.policies import change_policy
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.time_off import add_time_off
from tandem.people.actions import create_student, set_subjects
from tandem.people.calendar_feeds import create_feed
from tandem.people.guardians import create_guardian
from tandem.people.models import Account, Guardian, Parent, ParentLink, RecordRead, Student, Tutor
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tandem.people.tokens import create_token
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish
from tandem.relationships.actions import pair
from tandem.relationships.models import TutorStudent
from tandem.relationships.requests import request
from tests.api.client import Caller
from tests.cast import NOW, TERM, Cast, a_tutor, an_account, at, booked, user

NAMELESS, BOSS = "unnamed@sign-in.example", "boss@sign-in.example"
"""Whom the business knows by the sign-in address alone: a tutor, and an owner."""
ROLES = {
    "owner": "",
    "owner/read": "",
    "primary": "ben",
    "primary/read": "ben",
    "co-tutor": "cara",
    "asked": "fay",
    "planned": "pia",
    "former": "finn",
    "cover": "greta",
    "other": "dev",
    "parent": "",
}
"""Who may look, by what they are to Ana -> which tutor of the world that is."""


@dataclass(frozen=True)
class World:
    """Who and what is looked at: ids, by name; and who may look, by what they are to Ana."""

    ids: Mapping[str, str]
    tutors: Mapping[str, Tutor]
    callers: Mapping[str, Caller]


def build(cast: Cast) -> World:
    """Make the relationships, and a word of its own for each thing that could be told."""
    tutors = _tutors(cast)
    links = _links(cast, tutors)
    sessions = _sessions(cast, links, tutors)
    _say(cast, tutors, links, sessions)
    series = NewSeries(
        cast.ben_ana.pk,
        "FREQ=WEEKLY;COUNT=2",
        date(2027, 5, 3),
        time(16),
        60,
        texts={
            "title": "title-of-series",
            "location": "place-of-series",
            "meeting_link": "https://meet.example/series",
        },
        together=(cast.ben_cleo.pk,),
    )
    made = plan_series(requester=Requester(cast.owner, NOW), wanted=series)
    bring_in(requester=Requester(cast.owner, NOW), of="students", content=b"Name\nGus Lane\n")
    guardian, of_other = _guardians(cast)
    ids = {
        "wish": _wish(cast),
        "guardian": guardian.pk,
        "guardian_token": guardian.link_token or "",
        "guardian_of_other": of_other.pk,
        "student": cast.ana.pk,
        "parent": Parent.objects.get().pk,
        "token": cast.ana.parent_link_token or "",
        "account": user(cast.ben).pk,
        "series": made.series.pk,
        "deed": made.deed,
        "closure": Closure.objects.get().pk,
        "feed_of_ben": create_feed(account=user(cast.ben), now=NOW, kind="tutor")[0].pk,
        "token_of_ben": create_token(account=user(cast.ben), now=NOW, name="of-ben", expires_in=90)[
            0
        ].pk,
        **{f"link_{name}": one.pk for name, one in links.items()},
        **{f"session_{name}": one.pk for name, one in sessions.items()},
        **{f"tutor_{name}": one.pk for name, one in tutors.items()},
    }
    return World(ids, tutors, _callers(cast, tutors))


def _tutors(cast: Cast) -> dict[str, Tutor]:
    names = ("Fay", "Pia", "Finn", "Greta", "Unnamed")
    made = {name.lower(): a_tutor(cast.owner, name) for name in names}
    Tutor.objects.filter(pk=made["unnamed"].pk).update(full_name="", email=NAMELESS)
    found = {"ben": cast.ben, "cara": cast.cara, "dev": cast.dev, **made}
    for name, one in found.items():
        Tutor.objects.filter(pk=one.pk).update(
            phone=f"phone-of-{name}", capacity=9, auth_subject=f"user-of-{name}"
        )
    return found


def _links(cast: Cast, tutors: Mapping[str, Tutor]) -> dict[str, TutorStudent]:
    ana: dict[str, Any] = {"requester": Requester(None, NOW), "student_id": cast.ana.pk}
    links = {
        "ben": cast.ben_ana,
        "cara": cast.cara_ana,
        "fay": request(tutor_id=tutors["fay"].pk, subject="Art", notes="asking-words", **ana),
        "pia": pair(tutor_id=tutors["pia"].pk, subject="Art", started_on=date(2026, 12, 1), **ana),
        "finn": pair(tutor_id=tutors["finn"].pk, subject="Latin", started_on=TERM, **ana),
        "unnamed": pair(tutor_id=tutors["unnamed"].pk, subject="Greek", started_on=TERM, **ana),
    }
    booked(links["finn"], at(5, 9, month=10))
    boss = an_account(BOSS, is_owner=True)
    Account.objects.filter(pk=boss.pk).update(full_name="")
    end(
        requester=Requester(boss, NOW),
        tutor_student_id=links["finn"].pk,
        on=date(2026, 10, 12),
        reason="reason-of-finns-end",
    )
    return links


def _sessions(
    cast: Cast, links: Mapping[str, TutorStudent], tutors: Mapping[str, Tutor]
) -> dict[str, Session]:
    sessions = {
        "ben": booked(links["ben"], at(1, 9, month=10)),
        "cara": booked(links["cara"], at(1, 12, month=10)),
        "finn": Session.objects.get(tutor=tutors["finn"]),
        "covered": booked(links["ben"], at(17, 16)),
        "ahead": booked(links["ben"], at(24, 16)),
        "today": booked(links["ben"], at(2, 16)),
        "held": booked(links["ben"], at(1, 14)),
        "off": booked(links["ben"], at(25, 16)),
    }
    cover(
        requester=Requester(cast.owner, NOW),
        session_id=sessions["covered"].pk,
        tutor_id=tutors["greta"].pk,
    )
    add_time_off(
        requester=Requester(None, NOW),
        tutor_id=cast.ben.pk,
        starts_at=at(3, 0),
        ends_at=at(4, 0),
        reason="reason-of-bens-absence",
    )
    return sessions


def _say(
    cast: Cast,
    tutors: Mapping[str, Tutor],
    links: Mapping[str, TutorStudent],
    sessions: Mapping[str, Session],
) -> None:
    Student.objects.filter(pk=cast.ana.pk).update(
        phone="phone-of-ana",
        email="ana@child.example",
        parent_email="parents@home.example",
        time_zone="Asia/Tokyo",
    )
    Parent.objects.create(
        student=cast.ana,
        auth_subject="user-of-parent",
        email="account@parent.example",
        phone="phone-of-parent",
        full_name="Parent-of-Ana",
    )
    for name, link in links.items():
        if name != "fay":
            TutorStudent.objects.filter(pk=link.pk).update(notes=f"note-on-{name}")
    TutorStudent.objects.filter(tutor=tutors["greta"]).update(notes="note-on-greta")
    for name, one in sessions.items():
        Session.objects.filter(pk=one.pk).update(
            title=f"title-of-{name}",
            notes=f"notes-of-{name}",
            homework=f"homework-of-{name}",
            location=f"place-of-{name}",
            meeting_link=f"https://meet.example/{name}",
            group=f"group-of-{name}",
            progress=4 if one.starts_at < NOW else None,
            status="completed" if one.starts_at < NOW else "scheduled",
        )
    change_policy(requester=Requester(cast.owner, NOW), changes={"free_until_hours": 24})
    cancel(
        requester=Requester(cast.owner, NOW),
        session_id=sessions["off"].pk,
        cancelling=Cancelling("family", "reason-of-off"),
    )
    set_subjects(
        requester=Requester(cast.owner, NOW),
        tutor_id=cast.ben.pk,
        subjects=[Taught("Physics", "expert")],
    )
    Tutor.objects.filter(pk=cast.ben.pk).update(time_zone="Asia/Tokyo")
    set_availability(
        requester=Requester(None, NOW), tutor_id=cast.ben.pk, spans=[Weekly(0, time(9), time(22))]
    )
    Closure.objects.create(name="Winter", starts_on=date(2027, 12, 20), ends_on=date(2027, 12, 27))
    ParentLink.objects.create(
        student=cast.ana, last_day=date(2027, 7, 31), opened_on=date(2026, 10, 30)
    )
    RecordRead.objects.create(
        student=cast.ana, account=user(tutors["dev"]), day=date(2026, 10, 30), at=NOW
    )


def _wish(cast: Cast) -> str:
    """What Ana would like to learn, at hours that stand nowhere else."""
    wanted = Wanted("Geology", "advanced", [Weekly(5, time(5, 43), time(6, 43))])
    return create_wish(
        requester=Requester(cast.owner, NOW), student_id=cast.ana.pk, wanted=wanted
    ).pk


def _guardians(cast: Cast) -> tuple[Guardian, Guardian]:
    """Ana's and her brother's, whom nobody teaches yet; and the brother's alone."""
    brother = create_student(requester=Requester(cast.owner, NOW), full_name="Brother-of-Ana")
    said = {
        "full_name": "Guardian-of-Ana",
        "email": "guardian@home.example",
        "phone": "phone-of-guardian",
        "language": "de",
    }
    wanted = [([cast.ana.pk, brother.pk], said), ([brother.pk], {"full_name": "Uncle"})]
    of_ana, of_other = (
        create_guardian(requester=Requester(cast.owner, NOW), student_ids=of, fields=fields)
        for of, fields in wanted
    )
    Guardian.objects.filter(pk=of_ana.pk).update(
        link_opened_on=date(2026, 10, 30), email_refused_at=NOW
    )
    return of_ana, of_other


def _callers(cast: Cast, tutors: Mapping[str, Tutor]) -> dict[str, Caller]:
    def caller(role: str, tutor: str) -> Caller:
        account = user(tutors[tutor]) if tutor else cast.owner
        return Caller(None if role == "parent" else account, read_only="/read" in role)

    return {role: caller(role, tutor) for role, tutor in ROLES.items()}


def fields_of(value: Any, own: str, path: str = "") -> Iterator[str]:
    """Yield the path of each value that tells something.

    Items of a list that have a tutor are told apart: those of the tutor ``own``, and others'.
    """
    if isinstance(value, dict):
        for name, one in value.items():
            yield from fields_of(one, own, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for one in value:
            yield from fields_of(one, own, f"{path}[{_whose(one, own)}]")
    elif value is not None and value != "":
        yield path


def _whose(item: Any, own: str) -> str:
    """A student's ``tutorId`` is the primary tutor's: the student is nobody's own."""
    if not isinstance(item, dict) or "tutorId" not in item or "tutorStudents" in item:
        return ""
    return "own" if item["tutorId"] == own else "another's"
