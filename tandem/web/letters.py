"""The letters that pages send. Each goes out while its form is being carried out."""

from collections.abc import Sequence
from datetime import date
from smtplib import SMTPException

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from tandem.kit.errors import ConflictError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy, speaking
from tandem.lessons.letter_words import words_for
from tandem.lessons.letters import names_of
from tandem.people.models import Account, AddressChange, Guardian, Student
from tandem.people.rules import is_address
from tandem.web.templatetags.tandem import first_name

NO_ADDRESS = gettext_lazy(
    "{to!r} is not one e-mail address, so nothing can be sent there. Correct it, and try again."
)
NOT_SENT = gettext_lazy(
    "The e-mail could not be sent. Nothing was changed; try again in a few minutes."
)
CONSOLE = "tandem.kit.console_mail.EmailBackend"


def has_mail_server() -> bool:
    """Return whether letters reach anybody: without a server they stand in Tandem's log alone."""
    return bool(settings.EMAIL_BACKEND != CONSOLE)


def told_of_letter(sentence: str) -> str:
    """Return ``sentence``, that a letter is on its way; or that it is not, without a server."""
    if has_mail_server():
        return sentence
    return _(
        "No mail server is named (EMAIL_URL), so the letter reached nobody: it stands in Tandem’s "
        "log."
    )


def send_parent_link(student: Student, link: str, *, last_day: date | None = None) -> None:
    """Send the address of the parent's page to the parents' address, with its last day if any."""
    if not student.parent_email or not link:
        raise ConflictError(
            "no_address", _("There is no e-mail address of the parents to send it to.")
        )
    name = first_name(student, _("your child"))
    body = render_to_string(
        "letters/parent_link.txt", {"name": name, "link": link, "last_day": last_day}
    )
    _send(_("How {name} is getting on").format(name=name), body, student.parent_email)


def send_guardian_link(guardian: Guardian, children: Sequence[Student], link: str) -> None:
    """Send a guardian the address of their own page, in their language."""
    if not guardian.email or not link:
        raise ConflictError("no_address", _("There is no e-mail address, or no link, to send."))
    words = words_for(guardian.language)
    names = words.listed(names_of(children, words))
    several = len(children) > 1
    subject = words.link_subject_of_several if several else words.link_subject
    text = words.link_text_of_several if several else words.link_text
    body = f"{text.format(names=names)}\n\n{link}\n\n{words.link_keep_it}"
    _send(subject.format(names=names), body, guardian.email)


def send_invitation(request: HttpRequest, account: Account) -> None:
    """Send a link with which the holder of an account chooses a password."""
    names = {
        "uidb36": user_pk_to_url_str(account),
        "key": default_token_generator.make_token(account),
    }
    link = whole_address(request, reverse("account_reset_password_from_key", kwargs=names))
    with speaking(account.language):
        body = render_to_string("letters/invitation.txt", {"account": account, "link": link})
        subject = _("You are invited to Tandem")
    _send(subject, body, account.email)


def send_address_link(request: HttpRequest, change: AddressChange, secret: str) -> None:
    """Send the link that confirms a sign-in address, to that address."""
    link = whole_address(request, reverse("confirm_address", args=[secret]))
    facts = {"account": change.account, "email": change.email, "link": link}
    with speaking(change.account.language):
        body = render_to_string("letters/confirm_address.txt", facts)
        subject = _("Confirm your sign-in address for Tandem")
    _send(subject, body, change.email)


def whole_address(request: HttpRequest, path: str) -> str:
    """Return an address that works outside the site."""
    return f"{settings.BASE_URL}{path}" if settings.BASE_URL else request.build_absolute_uri(path)


def _send(subject: str, body: str, to: str) -> None:
    if not is_address(to):  # of an older application anything can have come over
        raise ConflictError("bad_address", NO_ADDRESS.format(to=to))
    try:
        send_mail(subject, body, None, [to])
    except (OSError, SMTPException) as error:
        raise ConflictError("not_sent", NOT_SENT) from error
