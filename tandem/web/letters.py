"""The letters that pages send. Each goes out while its form is being carried out."""

from smtplib import SMTPException

from allauth.account.forms import ResetPasswordForm
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string

from tandem.kit.errors import ConflictError
from tandem.people.models import Student
from tandem.web.templatetags.tandem import first_name

NOT_SENT = "The e-mail could not be sent. Nothing was changed; try again in a few minutes."


def send_parent_link(student: Student, link: str) -> None:
    """Send the address of the parent's page to the parents' address."""
    if not student.parent_email or not link:
        raise ConflictError(
            "no_address", "There is no e-mail address of the parents to send it to."
        )
    name = first_name(student, "your child")
    body = render_to_string("letters/parent_link.txt", {"name": name, "link": link})
    try:
        send_mail(f"How {name} is getting on", body, None, [student.parent_email])
    except (OSError, SMTPException) as error:
        raise ConflictError("not_sent", NOT_SENT) from error


def send_invitation(request: HttpRequest, email: str) -> None:
    """Send a link with which the holder of an account chooses a password."""
    form = ResetPasswordForm({"email": email})
    try:
        if form.is_valid():
            form.save(request)
    except (OSError, SMTPException) as error:
        raise ConflictError("not_sent", NOT_SENT) from error
