"""The addresses of the pages."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from tandem.web import accounts
from tandem.web.views import (
    attention,
    handing_over,
    home,
    leftovers,
    parent,
    relationships,
    repairs,
    session_forms,
    sessions,
    student_forms,
    students,
    tutor_forms,
    tutor_time,
    tutors,
    upgrade,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("students", students.students, name="students"),
    path("students/new", student_forms.new_student, name="new_student"),
    path("students/<str:student_id>", students.student, name="student"),
    path("students/<str:student_id>/sessions", students.student_sessions, name="student_sessions"),
    path("students/<str:student_id>/edit", student_forms.edit_student, name="edit_student"),
    path("students/<str:student_id>/pair", student_forms.pair_student, name="pair_student"),
    path("students/<str:student_id>/ask", student_forms.ask_for_student, name="ask_for_student"),
    path("students/<str:student_id>/link", student_forms.new_parent_link, name="new_parent_link"),
    path("students/<str:student_id>/mail", student_forms.mail_parent_link, name="mail_parent_link"),
    path("students/<str:student_id>/erase", student_forms.erase_student, name="erase_student"),
    path("relationships/<str:relationship_id>", relationships.relationship, name="relationship"),
    path(
        "relationships/<str:relationship_id>/sessions/new", session_forms.plan, name="new_session"
    ),
    path("relationships/<str:relationship_id>/end", handing_over.end, name="end_relationship"),
    path("relationships/<str:relationship_id>/transfer", handing_over.transfer, name="transfer"),
    path("relationships/<str:relationship_id>/undo", relationships.undo, name="undo_transfer"),
    path(
        "relationships/<str:relationship_id>/<str:verb>",
        relationships.change,
        name="change_relationship",
    ),
    path("sessions", sessions.session_list, name="sessions"),
    path("sessions/week", sessions.week, name="week"),
    path("sessions/<str:session_id>", sessions.session, name="session"),
    path("sessions/<str:session_id>/cover", tutor_time.cover_session, name="cover_session"),
    path("sessions/<str:session_id>/<str:verb>", session_forms.change, name="change_session"),
    path("tutors", tutors.tutors, name="tutors"),
    path("tutors/new", tutor_forms.new_tutor, name="new_tutor"),
    path("tutors/<str:tutor_id>", tutors.tutor, name="tutor"),
    path("tutors/<str:tutor_id>/edit", tutor_forms.edit_tutor, name="edit_tutor"),
    path("tutors/<str:tutor_id>/subjects", tutor_forms.tutor_subjects, name="tutor_subjects"),
    path("tutors/<str:tutor_id>/invite", tutor_forms.invite_tutor, name="invite_tutor"),
    path("tutors/<str:tutor_id>/transfer", tutor_forms.hand_over, name="hand_over"),
    path("tutors/<str:tutor_id>/week", tutor_time.week, name="tutor_week"),
    path("tutors/<str:tutor_id>/time-off", tutor_time.time_off, name="time_off"),
    path(
        "tutors/<str:tutor_id>/time-off/<str:off_id>/remove",
        tutor_time.end_time_off,
        name="end_time_off",
    ),
    path(
        "tutors/<str:tutor_id>/time-off/<str:off_id>/cover",
        tutor_time.cover_absence,
        name="cover_absence",
    ),
    path("tutors/<str:tutor_id>/erase", tutor_forms.erase_tutor, name="erase_tutor"),
    path("upgrade", upgrade.upgrade, name="upgrade"),
    path("attention", attention.attention, name="attention"),
    path("attention/relationships/<str:row_id>", repairs.dates, name="repair_relationship"),
    path("attention/sessions/<str:row_id>", repairs.session, name="repair_session"),
    path("attention/unlinked/<str:row_id>", leftovers.place, name="place"),
    path("attention/unlinked/<str:row_id>/leave", leftovers.decide, name="leave"),
    path("attention/unlinked/of/<str:student_id>", repairs.place_all, name="place_all"),
    re_path(
        r"^attention/(?P<kind>students|tutors)/(?P<row_id>[^/]+)$", repairs.settle, name="settle"
    ),
    path("parent/<str:token>", parent.parent, name="parent"),
    path("parent/<str:token>/", parent.slashed, name="parent_slashed"),
    path("accounts/", include(accounts.urlpatterns)),
]
