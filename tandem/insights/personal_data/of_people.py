"""People, how they are reached, and their accounts."""

from collections.abc import Mapping

from tandem.insights.personal_data.classes import (
    ACCOUNT_OF,
    ITS_ID,
    ITS_STUDENT,
    ITS_TUTOR,
    MADE,
    OF_ACCOUNT,
    USER,
    Kept,
    TableClass,
    Told,
    each,
)
from tandem.kit.language import gettext_noop

OF_PEOPLE: Mapping[str, TableClass] = {
    "people_student": TableClass(
        gettext_noop("student"),
        Kept.PERSON,
        student=ITS_ID,
        columns={
            **each(Told.STUDENT, f"id full_name year active email phone parent_email {MADE}"),
            **each(Told.STUDENT, "time_zone auth_subject"),
            **each(Told.KEY, "parent_link_token"),
            **each(Told.NOBODY, "legacy_fault"),
        },
    ),
    "people_parent": TableClass(
        gettext_noop("parents"),
        Kept.PERSON,
        student=ITS_STUDENT,
        columns=each(Told.STUDENT, f"id student_id auth_subject email phone full_name {MADE}"),
    ),
    "people_guardian": TableClass(
        gettext_noop("guardians"),
        Kept.STUDENTS,
        student="id IN (SELECT guardian_id FROM people_guardianstudent WHERE student_id = %(id)s)",
        columns={
            **each(Told.STUDENT, f"id full_name email phone language notices {MADE}"),
            **each(Told.STUDENT, "link_opened_on email_refused_at"),
            **each(Told.KEY, "link_token"),
        },
    ),
    "people_guardianstudent": TableClass(
        gettext_noop("guardians of the student"),
        Kept.PERSON,
        student=ITS_STUDENT,
        columns=each(Told.STUDENT, "id guardian_id student_id"),
    ),
    "people_learningwish": TableClass(
        gettext_noop("what the student would like to learn"),
        Kept.PERSON,
        student=ITS_STUDENT,
        columns=each(Told.STUDENT, f"id student_id subject_id level hours {MADE}"),
    ),
    "lessons_notice": TableClass(
        gettext_noop("letters to guardians and tutors"),
        Kept.MONTH,
        student="guardian_id IN"
        " (SELECT guardian_id FROM people_guardianstudent WHERE student_id = %(id)s)",
        tutor=ITS_TUTOR,
        columns={
            **each(
                Told.BOTH,
                "id kind deed about made_at tries next_try_at handed_over_at sent_at failure",
            ),
            **each(Told.STUDENT, "guardian_id"),
            **each(Told.TUTOR, "tutor_id"),
        },
    ),
    "lessons_tutornotices": TableClass(
        gettext_noop("what the tutor is told by letters"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=each(Told.TUTOR, "tutor_id kinds"),
    ),
    "people_businessface": TableClass(
        "the name and the logo of the business",
        Kept.BUSINESS,
        columns=each(Told.NOBODY, "id name logo updated_at updated_by_id"),
    ),
    "lessons_noticesettings": TableClass(
        "whether families are told",
        Kept.BUSINESS,
        columns=each(Told.NOBODY, "id is_on kinds updated_at updated_by_id"),
    ),
    "lessons_lettertext": TableClass(
        "what letters say in the business's own words",
        Kept.BUSINESS,
        columns=each(
            Told.NOBODY, "id kind language subject intro closing updated_at updated_by_id"
        ),
    ),
    "people_parentlink": TableClass(
        gettext_noop("parents' link"),
        Kept.PERSON,
        student=ITS_STUDENT,
        columns=each(Told.STUDENT, "student_id last_day opened_on to_send"),
    ),
    "people_suspectlink": TableClass(
        "parents' link to be judged",
        Kept.USED,
        columns=each(Told.NOBODY, "student_id noted_at"),
    ),
    "people_tutor": TableClass(
        gettext_noop("tutor"),
        Kept.NAMELESS,
        tutor=ITS_ID,
        columns={
            **each(Told.TUTOR, f"id full_name email phone user_id auth_subject {MADE}"),
            **each(Told.TUTOR, "stripe_customer_id capacity time_zone active"),
            **each(Told.NOBODY, "legacy_fault"),
        },
    ),
    "people_tutorsubject": TableClass(
        gettext_noop("subjects"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=each(Told.TUTOR, "id tutor_id subject_id level"),
    ),
    "people_subscription": TableClass(
        gettext_noop("subscriptions"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=each(
            Told.TUTOR,
            f"id tutor_id status stripe_customer_id stripe_sub_id current_period_end {MADE}",
        ),
    ),
    "people_account": TableClass(
        gettext_noop("account"),
        Kept.ACCOUNT,
        tutor=f"id = {ACCOUNT_OF}",
        columns={
            **each(
                Told.TUTOR, "id email full_name language is_owner is_active last_login created_at"
            ),
            **each(Told.KEY, "password"),
        },
    ),
    "account_emailaddress": TableClass(
        gettext_noop("sign-in addresses"),
        Kept.ACCOUNT,
        tutor=USER,
        columns=each(Told.TUTOR, "id user_id email verified primary"),
    ),
    "account_emailconfirmation": TableClass(
        "confirmations of sign-in addresses",
        Kept.USED,
        columns={
            **each(Told.NOBODY, "id created sent email_address_id"),
            **each(Told.KEY, "key"),
        },
    ),
    "mfa_authenticator": TableClass(
        gettext_noop("second steps of signing in"),
        Kept.ACCOUNT,
        tutor=USER,
        columns={
            **each(Told.TUTOR, "id user_id type created_at last_used_at"),
            **each(Told.KEY, "data"),
        },
    ),
    "people_apitoken": TableClass(
        gettext_noop("API tokens"),
        Kept.PERSON,
        tutor=OF_ACCOUNT,
        columns={
            **each(Told.TUTOR, "id account_id name read_only created_at last_used_at"),
            **each(Told.TUTOR, "expires_at revoked_at"),
            **each(Told.KEY, "token_hash"),
        },
    ),
    "people_calendarfeed": TableClass(
        gettext_noop("calendar addresses"),
        Kept.PERSON,
        student=ITS_STUDENT,
        tutor=OF_ACCOUNT,
        columns={
            **each(Told.BOTH, "id kind created_at last_read_at ended_at"),
            **each(Told.STUDENT, "student_id"),
            **each(Told.TUTOR, "account_id token_id"),
            **each(Told.KEY, "secret_hash link_hash"),
        },
    ),
    "people_signedindevice": TableClass(
        gettext_noop("signed-in devices"),
        Kept.SIGNED_IN,
        tutor=OF_ACCOUNT,
        columns={
            **each(Told.TUTOR, "id account_id browser address signed_in_at last_used_at"),
            **each(Told.KEY, "session_id"),
        },
    ),
    "people_addresschange": TableClass(
        gettext_noop("sign-in address to be confirmed"),
        Kept.USED,
        tutor=OF_ACCOUNT,
        columns={
            **each(Told.TUTOR, "account_id email asked_by_id asked_at"),
            **each(Told.KEY, "secret_hash"),
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
            **each(Told.BOTH, "id what about about_id table_name row_id columns values at"),
            **each(Told.BOTH, "actor_id"),
        },
    ),
    "people_recordread": TableClass(
        gettext_noop("reads of the record"),
        Kept.YEAR,
        student=ITS_STUDENT,
        columns=each(Told.STUDENT, "id student_id account_id day at"),
    ),
    "django_session": TableClass(
        "sign-ins",
        Kept.SIGNED_IN,
        columns=each(Told.KEY, "session_key session_data expire_date"),
    ),
}
