"""Who teaches whom, lessons, and what the rooms keep for themselves."""

from collections.abc import Mapping

from tandem.insights.personal_data.classes import (
    DEED_OF_TUTOR,
    ITS_STUDENT,
    ITS_TUTOR,
    MADE,
    OF_DEED,
    OF_PAIRING,
    OF_PAIRING_OR_REMOVED,
    Kept,
    TableClass,
    Told,
    each,
)
from tandem.kit.language import gettext_noop

OF_LESSONS: Mapping[str, TableClass] = {
    "relationships_tutorstudent": TableClass(
        gettext_noop("relationships"),
        Kept.NAMELESS,
        student=ITS_STUDENT,
        tutor=ITS_TUTOR,
        columns={
            **each(Told.BOTH, f"id tutor_id student_id subject_id started_on ended_on {MADE}"),
            **each(Told.BOTH, "status is_primary kind transferred_from_id"),
            **each(Told.STUDENT, "notes end_reason"),
            **each(Told.NOBODY, "legacy_fault"),
        },
    ),
    "relationships_primaryperiod": TableClass(
        gettext_noop("primary tutors by days"),
        Kept.NAMELESS,
        student=ITS_STUDENT,
        tutor=OF_PAIRING.format("tutor_student_id", ITS_TUTOR),
        columns=each(Told.BOTH, "id student_id tutor_student_id starts_on ends_on"),
    ),
    "relationships_relationshipevent": TableClass(
        gettext_noop("history"),
        Kept.NAMELESS,
        student=OF_PAIRING_OR_REMOVED.format(ITS_STUDENT, "student"),
        tutor=OF_PAIRING_OR_REMOVED.format(ITS_TUTOR, "tutor"),
        columns={
            **each(Told.BOTH, "id relationship_id what on_date actor_id at"),
            **each(Told.STUDENT, "details"),
        },
    ),
    "lessons_session": TableClass(
        gettext_noop("sessions"),
        Kept.NAMELESS,
        student=ITS_STUDENT,
        tutor=ITS_TUTOR,
        columns={
            **each(Told.BOTH, f"id tutor_student_id tutor_id student_id starts_at ends_at {MADE}"),
            **each(Told.BOTH, "status location meeting_link group_id series_id series_date"),
            **each(Told.STUDENT, "title notes homework progress"),
            **each(Told.NOBODY, "legacy_fault"),
        },
    ),
    "lessons_sessionevent": TableClass(
        gettext_noop("history of sessions"),
        Kept.NAMELESS,
        student=ITS_STUDENT,
        tutor="session_id IN (SELECT id FROM lessons_session WHERE tutor_id = %(id)s)",
        columns={
            **each(Told.BOTH, "id session_id student_id what actor_id at"),
            **each(Told.STUDENT, "details"),
        },
    ),
    "lessons_deed": TableClass(
        gettext_noop("wide changes"),
        Kept.BUSINESS,
        student=OF_DEED.format(ITS_STUDENT),
        tutor=f"({OF_DEED.format(DEED_OF_TUTOR)} OR details->>'tutor' = %(id)s)",
        columns={
            **each(Told.BOTH, "id kind actor_id at about undone_at undone_by_id"),
            **each(Told.TUTOR, "details"),
        },
    ),
    "lessons_deedpart": TableClass(
        gettext_noop("parts of wide changes"),
        Kept.PERSON,
        student=ITS_STUDENT,
        tutor=DEED_OF_TUTOR,
        columns={
            **each(Told.BOTH, "id deed_id student_id tutor_student_id"),
            **each(Told.STUDENT, "details"),
        },
    ),
    "lessons_closure": TableClass(
        "days on which the business is closed",
        Kept.BUSINESS,
        columns=each(Told.NOBODY, "id name starts_on ends_on"),
    ),
    "lessons_cancellationpolicy": TableClass(
        "the policy of cancelling",
        Kept.BUSINESS,
        columns=each(
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
            **each(
                Told.BOTH, f"id tutor_student_id group_id rule first_date wall_time minutes {MADE}"
            ),
            **each(Told.BOTH, "time_zone location meeting_link"),
            **each(Told.BOTH, "starts_on ends_on planned_until"),
            **each(Told.STUDENT, "title"),
        },
    ),
    "lessons_availability": TableClass(
        gettext_noop("availability"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=each(Told.TUTOR, "id tutor_id weekday starts ends"),
    ),
    "lessons_timeoff": TableClass(
        gettext_noop("time off"),
        Kept.PERSON,
        tutor=ITS_TUTOR,
        columns=each(Told.TUTOR, "id tutor_id starts_at ends_at reason"),
    ),
    "upgrade_unlinkedlegacyrow": TableClass(
        gettext_noop("rows of the older application without a place"),
        Kept.PERSON,
        student="(row->>'studentId' = %(id)s OR source_table = 'Student' AND source_id = %(id)s)",
        tutor="(source_table = 'Subscription' AND row->>'tutorId' = %(id)s"
        " OR source_table = 'Tutor' AND source_id = %(id)s)",
        columns={
            **each(Told.BOTH, "id source_table source_id row reason created_at decided_at"),
            **each(Told.NOBODY, "decided_by_id"),
        },
    ),
    "api_keptanswer": TableClass(
        "answers kept in case a request comes again",
        Kept.DAY,
        columns=each(
            Told.NOBODY,
            "id account_id key request_hash status headers body was_owner taught created_at",
        ),
    ),
    "web_sentform": TableClass(
        "forms that were sent",
        Kept.DAY,
        columns=each(Told.NOBODY, "key account_id led_to sent_at texts"),
    ),
    "people_requestcount": TableClass(
        "counts of requests",
        Kept.MINUTES,
        columns=each(Told.NOBODY, "who window_start count"),
    ),
    "serving_cache": TableClass(
        "what all processes share for a while, such as codes to sign in",
        Kept.MINUTES,
        columns=each(Told.KEY, "cache_key value expires"),
    ),
    "people_subject": TableClass(
        "every subject", Kept.BUSINESS, columns=each(Told.NOBODY, "id name")
    ),
    "people_businesszone": TableClass(
        "the business's time zone", Kept.BUSINESS, columns=each(Told.NOBODY, "id name")
    ),
    "serving_heartbeat": TableClass(
        "the worker's sign of life",
        Kept.BUSINESS,
        columns=each(Told.NOBODY, "name beat_at not_planned"),
    ),
    "upgrade_replacement": TableClass(
        "what a replacement did",
        Kept.BUSINESS,
        columns=each(Told.NOBODY, "id source backup backup_sha256 mapping counts finished_at"),
    ),
    "upgrade_gradualupgrade": TableClass(
        "how far a gradual upgrade is",
        Kept.BUSINESS,
        columns=each(
            Told.NOBODY,
            "id phase old_schema names zone is_return cursor brought seconds begun_at phase_since"
            " verified_at differing rolled_back_at backup",
        ),
    ),
    "upgrade_gonefromoldside": TableClass(
        "ids of rows that the older application deleted",
        Kept.BUSINESS,
        columns=each(Told.NOBODY, "id source_table source_id at"),
    ),
    "upgrade_unshownrow": TableClass(
        "ids of rows that the older application has not seen",
        Kept.BUSINESS,
        columns=each(Told.NOBODY, "id table_name row_id"),
    ),
    **{
        name: TableClass("Django's own", Kept.BUSINESS, columns=each(Told.NOBODY, columns))
        for name, columns in {
            "auth_permission": "id name content_type_id codename",
            "auth_group": "id name",
            "auth_group_permissions": "id group_id permission_id",
            "django_content_type": "id app_label model",
            "django_migrations": "id app name applied",
        }.items()
    },
}
