"""The people whom every test is about, made by the actions that a real business would use.

Oona owns the business. Ben teaches Ana physics and Cleo maths; Cara teaches Ana maths; Dev works
here too but has never taught Ana. Ana's primary tutor is Ben.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tandem.lessons.actions import schedule
from tandem.lessons.models import Session
from tandem.people.actions import create_tutor
from tandem.people.models import Account, Student, Tutor
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol
from tandem.relationships.models import TutorStudent

TERM = date(2026, 9, 1)
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""A Monday morning. Tests say what time it is; none asks the clock."""
DECEMBER = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
"""When all that was planned in the month of the cast can be recorded."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Cast:
    """Everybody, with the relationships in which they begin."""

    owner: Account
    ben: Tutor
    cara: Tutor
    dev: Tutor
    ana: Student
    cleo: Student
    ben_ana: TutorStudent
    cara_ana: TutorStudent
    ben_cleo: TutorStudent


def gather() -> Cast:
    """Make the cast."""
    owner = an_account("oona@tandem.example", is_owner=True)
    ben, cara, dev = (a_tutor(owner, name) for name in ("Ben", "Cara", "Dev"))
    ana = enrol(
        requester=Requester(owner, NOW),
        full_name="Ana Ruiz",
        year="10",
        parent_email="ruiz@home.example",
        tutors=[Pairing(ben.pk, "Physics", TERM), Pairing(cara.pk, "Maths", TERM)],
    )
    cleo = enrol(
        requester=Requester(owner, NOW),
        full_name="Cleo Hart",
        tutors=[Pairing(ben.pk, "Maths", TERM)],
    )
    return Cast(
        owner=owner,
        ben=ben,
        cara=cara,
        dev=dev,
        ana=ana,
        cleo=cleo,
        ben_ana=link(ben, ana),
        cara_ana=link(cara, ana),
        ben_cleo=link(ben, cleo),
    )


def an_account(email: str, *, is_owner: bool = False) -> Account:
    """Return somebody who can sign in."""
    account = Account(
        email=email, full_name=email.split("@", maxsplit=1)[0].title(), is_owner=is_owner
    )
    account.set_unusable_password()
    account.save()
    return account


def a_tutor(owner: Account, name: str, *, time_zone: str = "") -> Tutor:
    """Return a tutor with an account of their own."""
    email = f"{name.lower()}@tandem.example"
    tutor = create_tutor(
        requester=Requester(owner, NOW), full_name=name, email=email, time_zone=time_zone
    )
    tutor.user = an_account(email)
    tutor.save(update_fields=["user"])
    return tutor


def user(tutor: Tutor) -> Account:
    """Return the account of a tutor."""
    assert tutor.user is not None
    return tutor.user


def link(tutor: Tutor, student: Student) -> TutorStudent:
    """Return the one open relationship of a tutor with a student."""
    return TutorStudent.objects.get(tutor=tutor, student=student, ended_on=None)


def third(cast: Cast, name: str = "Finn Moss") -> TutorStudent:
    """Return the relationship of Ben with a further student."""
    pairing = Pairing(cast.ben.pk, "Maths", TERM)
    student = enrol(requester=Requester(cast.owner, NOW), full_name=name, tutors=[pairing])
    return link(cast.ben, student)


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, year: int = 2026) -> datetime:
    """Return a moment, in UTC; a day of November 2026 unless said otherwise."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def booked(
    relationship: TutorStudent, starts_at: datetime, ends_at: datetime | None = None
) -> Session:
    """Return a session that the system planned: an hour, unless said otherwise."""
    return schedule(
        requester=Requester(None, NOW),
        tutor_student_id=relationship.pk,
        starts_at=starts_at,
        ends_at=ends_at or starts_at + HOUR,
    )
