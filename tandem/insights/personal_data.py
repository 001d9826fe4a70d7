"""Which column says what about whom, and how long it is kept. A test holds it against the tables.

Whoever adds a column classes it here: an export then tells it to whom it is about, or does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tandem.kit.language import gettext_noop


class Told(StrEnum):
    """Whose export tells a column."""

    STUDENT = "student"
    TUTOR = "tutor"
    BOTH = "both"
    """Of the person whom the row is about, or of each of the two."""
    KEY = "key"
    """A key, or what a key is checked against: no export holds it."""
    NOBODY = "nobody"
    """It says nothing about anybody, or only how a row is kept."""

    def is_for(self, about: str) -> bool:
        """Tell whether the export of a ``student`` or ``tutor`` holds it."""
        return self in {Told.BOTH, Told(about)}


class Kept(StrEnum):
    """How long rows are kept."""

    PERSON = "until the person is erased"
    STUDENTS = "until removed, or until the last of their students is erased"
    WITHOUT_VALUES = "as long as Tandem is used; without what it says once the person is erased"
    NAMELESS = "until the student is erased; without the name once the tutor is"
    ACCOUNT = "until the account is closed or the person is erased"
    SIGNED_IN = "until signing out, or the sign-in's end"
    USED = "until used, replaced or too old"
    MONTH = "a month, or until the guardian or the tutor is removed"
    YEAR = "a year, or until the student is erased"
    DAY = "24 hours"
    MINUTES = "some minutes"
    BUSINESS = "as long as Tandem is used"


@dataclass(frozen=True)
class TableClass:
    """A table: what its rows are called in an export, how long they are kept, whose they are.

    ``student`` and ``tutor`` are SQL conditions by which the rows about the person ``%(id)s`` are
    found; empty: there are none.
    """

    name: str
    kept: Kept
    student: str = ""
    tutor: str = ""
    columns: Mapping[str, Told] = field(default_factory=dict)

    def condition(self, about: str) -> str:
        """Return the SQL condition for a ``student`` or ``tutor``; empty: no rows are theirs."""
        return self.student if about == "student" else self.tutor


def _each(told: Told, names: str) -> dict[str, Told]:
    return dict.fromkeys(names.split(), told)


ITS_ID, ITS_STUDENT, ITS_TUTOR = "id = %(id)s", "student_id = %(id)s", "tutor_id = %(id)s"
ACCOUNT_OF = "(SELECT user_id FROM people_tutor WHERE id = %(id)s)"
OF_ACCOUNT, USER = f"account_id = {ACCOUNT_OF}", f"user_id = {ACCOUNT_OF}"
OF_PAIRING = "{} IN (SELECT id FROM relationships_tutorstudent WHERE {})"
OF_DEED = "id IN (SELECT deed_id FROM lessons_deedpart WHERE {})"
DEED_OF_TUTOR = OF_PAIRING.format("tutor_student_id", ITS_TUTOR)
OF_PAIRING_OR_REMOVED = """relationship_id IN (
  SELECT id FROM relationships_tutorstudent WHERE {}
  UNION ALL SELECT relationship_id FROM relationships_relationshipevent
  WHERE what = 'removed' AND details->>'{}' = %(id)s)"""
MADE = "created_at updated_at"

TABLES: Mapping[str, TableClass] = {
    "people_student": TableClass(
        gettext_noop("student"),
        Kept.PERSON,
        student=ITS_ID,
        columns={
            **_each(Told.STUDENT, f"id full_name year active email phone parent_email {MADE}"),
            **_each(Told.STUDENT, "time_zone auth_subject"),
            **_each(Told.KEY, "parent_link_token"),
            **_each(Told.NOBODY, "legacy_fault"),
        },
    ),
    "people_parent": TableClass(
        gettext_noop("parents"),
        Kept.PERSON,
        student=ITS_STUDENT,
        columns=_each(Told.STUDENT, f"id student_id auth_subject email phone full_name {MADE}"),
    ),
    "people_guardian": TableClass(
        gettext_noop("guardians"),
        Kept.STUDENTS,
        student="id IN (SELECT guardian_id FROM people_guardianstudent WHERE student_id = %(id)s)",
        columns={
            **_each(Told.STUDENT, f"id full_name email phone language notices {MADE}"),
            **_each(Told.STUDENT, "link_opened_on email_refused_at"),
            **_each(Told.KEY, "link_token"),
        },
    ),
    "people_guardianstudent": TableClass(
        gettext_noop("guardians of the student"),
        Kept.PERSON,
        student=ITS_STUDENT,
        columns=_each(Told.STUDENT, "id guardian_id student_id"),
    ),
    "people_learningwish": TableClass(
        gettext_noop("what the student would like to learn"),
        Kept.PERSON,
        student=ITS_STUDENT,
        columns=_each(Told.STUDENT, f"id student_id subject_id level hours {MADE}"),
    ),
    "lessons_notice": TableClass(
        gettext_noop("letters to guardians and tutors"),
        Kept.MONTH,
        student="guardian_id IN"
        " (SELECT guardian_id FROM people_guardianstudent WHERE student_id = %(id)s)",
        tutor=ITS_TUTOR,
        columns={
            **_each(
                Told.BOTH,
                "id kind deed about made_at tries next_try_at handed_over_at sent_at failure",
            ),
            **_each(Told.STUDENT, "guardian_id"),
            **_each(Told.TUTOR, "tutor_id"),
        },
    ),
    "lessons_tutornotices": TableClass(
        gettext_noop("what the tutor is told by letters"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=_each(Told.TUTOR, "tutor_id kinds"),
    ),
    "people_businessface": TableClass(
        "the name and the logo of the business",
        Kept.BUSINESS,
        columns=_each(Told.NOBODY, "id name logo updated_at updated_by_id"),
    ),
    "lessons_noticesettings": TableClass(
        "whether families are told",
        Kept.BUSINESS,
        columns=_each(Told.NOBODY, "id is_on kinds updated_at updated_by_id"),
    ),
    "lessons_lettertext": TableClass(
        "what letters say in the business's own words",
        Kept.BUSINESS,
        columns=_each(
            Told.NOBODY, "id kind language subject intro closing updated_at updated_by_id"
        ),
    ),
    "people_parentlink": TableClass(
        gettext_noop("parents' link"),
        Kept.PERSON,
        student=ITS_STUDENT,
        columns=_each(Told.STUDENT, "student_id last_day opened_on to_send"),
    ),
    "people_suspectlink": TableClass(
        "parents' link to be judged",
        Kept.USED,
        columns=_each(Told.NOBODY, "student_id noted_at"),
    ),
    "people_tutor": TableClass(
        gettext_noop("tutor"),
        Kept.NAMELESS,
        tutor=ITS_ID,
        columns={
            **_each(Told.TUTOR, f"id full_name email phone user_id auth_subject {MADE}"),
            **_each(Told.TUTOR, "stripe_customer_id capacity time_zone active"),
            **_each(Told.NOBODY, "legacy_fault"),
        },
    ),
    "people_tutorsubject": TableClass(
        gettext_noop("subjects"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=_each(Told.TUTOR, "id tutor_id subject_id level"),
    ),
    "people_subscription": TableClass(
        gettext_noop("subscriptions"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=_each(
            Told.TUTOR,
            f"id tutor_id status stripe_customer_id stripe_sub_id current_period_end {MADE}",
        ),
    ),
    "people_account": TableClass(
        gettext_noop("account"),
        Kept.ACCOUNT,
        tutor=f"id = {ACCOUNT_OF}",
        columns={
            **_each(
                Told.TUTOR, "id email full_name language is_owner is_active last_login created_at"
            ),
            **_each(Told.KEY, "password"),
        },
    ),
    "account_emailaddress": TableClass(
        gettext_noop("sign-in addresses"),
        Kept.ACCOUNT,
        tutor=USER,
        columns=_each(Told.TUTOR, "id user_id email verified primary"),
    ),
    "account_emailconfirmation": TableClass(
        "confirmations of sign-in addresses",
        Kept.USED,
        columns={
            **_each(Told.NOBODY, "id created sent email_address_id"),
            **_each(Told.KEY, "key"),
        },
    ),
    "mfa_authenticator": TableClass(
        gettext_noop("second steps of signing in"),
        Kept.ACCOUNT,
        tutor=USER,
        columns={
            **_each(Told.TUTOR, "id user_id type created_at last_used_at"),
            **_each(Told.KEY, "data"),
        },
    ),
    "people_apitoken": TableClass(
        gettext_noop("API tokens"),
        Kept.PERSON,
        tutor=OF_ACCOUNT,
        columns={
            **_each(Told.TUTOR, "id account_id name read_only created_at last_used_at"),
            **_each(Told.TUTOR, "expires_at revoked_at"),
            **_each(Told.KEY, "token_hash"),
        },
    ),
    "people_calendarfeed": TableClass(
        gettext_noop("calendar addresses"),
        Kept.PERSON,
        student=ITS_STUDENT,
        tutor=OF_ACCOUNT,
        columns={
            **_each(Told.BOTH, "id kind created_at last_read_at ended_at"),
            **_each(Told.STUDENT, "student_id"),
            **_each(Told.TUTOR, "account_id token_id"),
            **_each(Told.KEY, "secret_hash link_hash"),
        },
    ),
    "people_signedindevice": TableClass(
        gettext_noop("signed-in devices"),
        Kept.SIGNED_IN,
        tutor=OF_ACCOUNT,
        columns={
            **_each(Told.TUTOR, "id account_id browser address signed_in_at last_used_at"),
            **_each(Told.KEY, "session_id"),
        },
    ),
    "people_addresschange": TableClass(
        gettext_noop("sign-in address to be confirmed"),
        Kept.USED,
        tutor=OF_ACCOUNT,
        columns={
            **_each(Told.TUTOR, "account_id email asked_by_id asked_at"),
            **_each(Told.KEY, "secret_hash"),
        },
    ),
    "people_change": TableClass(
        gettext_noop("changes"),
        Kept.WITHOUT_VALUES,
        student="(about = 'student' AND about_id = %(id)s OR about = 'guardian' AND about_id IN"
        " (SELECT guardian_id FROM people_guardianstudent WHERE student_id = %(id)s))",
        tutor="(about = 'tutor' AND about_id = %(id)s"
        f" OR about = 'account' AND about_id = {ACCOUNT_OF})",
        columns={
            **_each(Told.BOTH, "id what about about_id table_name row_id columns values at"),
            **_each(Told.BOTH, "actor_id"),
        },
    ),
    "people_recordread": TableClass(
        gettext_noop("reads of the record"),
        Kept.YEAR,
        student=ITS_STUDENT,
        columns=_each(Told.STUDENT, "id student_id account_id day at"),
    ),
    "django_session": TableClass(
        "sign-ins",
        Kept.SIGNED_IN,
        columns=_each(Told.KEY, "session_key session_data expire_date"),
    ),
    "relationships_tutorstudent": TableClass(
        gettext_noop("relationships"),
        Kept.NAMELESS,
        student=ITS_STUDENT,
        tutor=ITS_TUTOR,
        columns={
            **_each(Told.BOTH, f"id tutor_id student_id subject_id started_on ended_on {MADE}"),
            **_each(Told.BOTH, "status is_primary kind transferred_from_id"),
            **_each(Told.STUDENT, "notes end_reason"),
            **_each(Told.NOBODY, "legacy_fault"),
        },
    ),
    "relationships_primaryperiod": TableClass(
        gettext_noop("primary tutors by days"),
        Kept.NAMELESS,
        student=ITS_STUDENT,
        tutor=OF_PAIRING.format("tutor_student_id", ITS_TUTOR),
        columns=_each(Told.BOTH, "id student_id tutor_student_id starts_on ends_on"),
    ),
    "relationships_relationshipevent": TableClass(
        gettext_noop("history"),
        Kept.NAMELESS,
        student=OF_PAIRING_OR_REMOVED.format(ITS_STUDENT, "student"),
        tutor=OF_PAIRING_OR_REMOVED.format(ITS_TUTOR, "tutor"),
        columns={
            **_each(Told.BOTH, "id relationship_id what on_date actor_id at"),
            **_each(Told.STUDENT, "details"),
        },
    ),
    "lessons_session": TableClass(
        gettext_noop("sessions"),
        Kept.NAMELESS,
        student=ITS_STUDENT,
        tutor=ITS_TUTOR,
        columns={
            **_each(Told.BOTH, f"id tutor_student_id tutor_id student_id starts_at ends_at {MADE}"),
            **_each(Told.BOTH, "status location meeting_link group_id series_id series_date"),
            **_each(Told.STUDENT, "title notes homework progress"),
            **_each(Told.NOBODY, "legacy_fault"),
        },
    ),
    "lessons_sessionevent": TableClass(
        gettext_noop("history of sessions"),
        Kept.NAMELESS,
        student=ITS_STUDENT,
        tutor="session_id IN (SELECT id FROM lessons_session WHERE tutor_id = %(id)s)",
        columns={
            **_each(Told.BOTH, "id session_id student_id what actor_id at"),
            **_each(Told.STUDENT, "details"),
        },
    ),
    "lessons_deed": TableClass(
        gettext_noop("wide changes"),
        Kept.BUSINESS,
        student=OF_DEED.format(ITS_STUDENT),
        tutor=f"({OF_DEED.format(DEED_OF_TUTOR)} OR details->>'tutor' = %(id)s)",
        columns={
            **_each(Told.BOTH, "id kind actor_id at about undone_at undone_by_id"),
            **_each(Told.TUTOR, "details"),
        },
    ),
    "lessons_deedpart": TableClass(
        gettext_noop("parts of wide changes"),
        Kept.PERSON,
        student=ITS_STUDENT,
        tutor=DEED_OF_TUTOR,
        columns={
            **_each(Told.BOTH, "id deed_id student_id tutor_student_id"),
            **_each(Told.STUDENT, "details"),
        },
    ),
    "lessons_closure": TableClass(
        "days on which the business is closed",
        Kept.BUSINESS,
        columns=_each(Told.NOBODY, "id name starts_on ends_on"),
    ),
    "lessons_cancellationpolicy": TableClass(
        "the policy of cancelling",
        Kept.BUSINESS,
        columns=_each(
            Told.NOBODY,
            "id free_until_hours late reason_required families_cancel updated_at updated_by_id",
        ),
    ),
    "lessons_sessionseries": TableClass(
        gettext_noop("series of sessions"),
        Kept.NAMELESS,
        student=OF_PAIRING.format("tutor_student_id", ITS_STUDENT),
        tutor=OF_PAIRING.format("tutor_student_id", ITS_TUTOR),
        columns={
            **_each(
                Told.BOTH, f"id tutor_student_id group_id rule first_date wall_time minutes {MADE}"
            ),
            **_each(Told.BOTH, "time_zone location meeting_link"),
            **_each(Told.BOTH, "starts_on ends_on planned_until"),
            **_each(Told.STUDENT, "title"),
        },
    ),
    "lessons_availability": TableClass(
        gettext_noop("availability"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=_each(Told.TUTOR, "id tutor_id weekday starts ends"),
    ),
    "lessons_timeoff": TableClass(
        gettext_noop("time off"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=_each(Told.TUTOR, "id tutor_id starts_at ends_at reason"),
    ),
    "upgrade_unlinkedlegacyrow": TableClass(
        gettext_noop("rows of the older application without a place"),
        Kept.PERSON,
        student="(row->>'studentId' = %(id)s OR source_table = 'Student' AND source_id = %(id)s)",
        tutor="(source_table = 'Subscription' AND row->>'tutorId' = %(id)s"
        " OR source_table = 'Tutor' AND source_id = %(id)s)",
        columns={
            **_each(Told.BOTH, "id source_table source_id row reason created_at decided_at"),
            **_each(Told.NOBODY, "decided_by_id"),
        },
    ),
    "api_keptanswer": TableClass(
        "answers kept in case a request comes again",
        Kept.DAY,
        columns=_each(
            Told.NOBODY,
            "id account_id key request_hash status headers body was_owner taught created_at",
        ),
    ),
    "web_sentform": TableClass(
        "forms that were sent",
        Kept.DAY,
        columns=_each(Told.NOBODY, "key account_id led_to sent_at texts"),
    ),
    "people_requestcount": TableClass(
        "counts of requests",
        Kept.MINUTES,
        columns=_each(Told.NOBODY, "who window_start count"),
    ),
    "serving_cache": TableClass(
        "what all processes share for a while, such as codes to sign in",
        Kept.MINUTES,
        columns=_each(Told.KEY, "cache_key value expires"),
    ),
    "people_subject": TableClass(
        "every subject", Kept.BUSINESS, columns=_each(Told.NOBODY, "id name")
    ),
    "people_businesszone": TableClass(
        "the business's time zone", Kept.BUSINESS, columns=_each(Told.NOBODY, "id name")
    ),
    "serving_heartbeat": TableClass(
        "the worker's sign of life",
        Kept.BUSINESS,
        columns=_each(Told.NOBODY, "name beat_at not_planned"),
    ),
    "upgrade_replacement": TableClass(
        "what a replacement did",
        Kept.BUSINESS,
        columns=_each(Told.NOBODY, "id source backup backup_sha256 mapping counts finished_at"),
    ),
    "upgrade_gradualupgrade": TableClass(
        "how far a gradual upgrade is",
        Kept.BUSINESS,
        columns=_each(
            Told.NOBODY,
            "id phase old_schema names zone is_return cursor brought seconds begun_at phase_since"
            " verified_at differing rolled_back_at backup",
        ),
    ),
    "upgrade_gonefromoldside": TableClass(
        "ids of rows that the older application deleted",
        Kept.BUSINESS,
        columns=_each(Told.NOBODY, "id source_table source_id at"),
    ),
    "upgrade_unshownrow": TableClass(
        "ids of rows that the older application has not seen",
        Kept.BUSINESS,
        columns=_each(Told.NOBODY, "id table_name row_id"),
    ),
    **{
        name: TableClass("Django's own", Kept.BUSINESS, columns=_each(Told.NOBODY, columns))
        for name, columns in {
            "auth_permission": "id name content_type_id codename",
            "auth_group": "id name",
            "auth_group_permissions": "id group_id permission_id",
            "django_content_type": "id app_label model",
            "django_migrations": "id app name applied",
        }.items()
    },
}
"""Every table of Tandem's, with each of its columns."""
