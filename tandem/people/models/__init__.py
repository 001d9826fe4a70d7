"""Tutors, students, what they teach and learn, and the people around them."""

from tandem.people.models.accounts import (
    Account,
    AccountManager,
    AddressChange,
    ApiToken,
    SignedInDevice,
)
from tandem.people.models.business import BusinessFace
from tandem.people.models.feeds import CalendarFeed
from tandem.people.models.guardians import Guardian, GuardianStudent
from tandem.people.models.records import BusinessZone, Change, RecordRead, RequestCount
from tandem.people.models.students import Parent, ParentLink, Student, SuspectLink
from tandem.people.models.tutors import FAULTLESS, Subject, Subscription, Tutor, TutorSubject
from tandem.people.models.wishes import LearningWish

__all__ = [
    "FAULTLESS",
    "Account",
    "AccountManager",
    "AddressChange",
    "ApiToken",
    "BusinessFace",
    "BusinessZone",
    "CalendarFeed",
    "Change",
    "Guardian",
    "GuardianStudent",
    "LearningWish",
    "Parent",
    "ParentLink",
    "RecordRead",
    "RequestCount",
    "SignedInDevice",
    "Student",
    "Subject",
    "Subscription",
    "SuspectLink",
    "Tutor",
    "TutorSubject",
]
