"""The addresses of the pages."""

from django.urls import URLPattern, URLResolver, include, path

from tandem.web import accounts
from tandem.web.views.attention import attention
from tandem.web.views.home import home
from tandem.web.views.parent import parent
from tandem.web.views.students import student, student_sessions, students
from tandem.web.views.tutors import tutor, tutors

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("students", students, name="students"),
    path("students/<str:student_id>", student, name="student"),
    path("students/<str:student_id>/sessions", student_sessions, name="student_sessions"),
    path("tutors", tutors, name="tutors"),
    path("tutors/<str:tutor_id>", tutor, name="tutor"),
    path("attention", attention, name="attention"),
    path("parent/<str:token>", parent, name="parent"),
    path("accounts/", include(accounts.urlpatterns)),
]
