"""What the holder of an account is told by mail when a key to it changes.

Whoever takes an account over changes just these, so its holder has to hear of it. A mail goes out
once what it tells of is committed. One that cannot be sent undoes nothing: it leaves a warning.
"""

import logging
from functools import partial
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from tandem.kit.language import gettext_lazy, speaking
from tandem.people.models import Account

LOG = logging.getLogger(__name__)
SUBJECTS = {
    "password_changed": gettext_lazy("Your password for Tandem was changed"),
    "token_made": gettext_lazy("A token was made for your account on Tandem"),
    "calendar_made": gettext_lazy("A calendar address was made for your account on Tandem"),
    "address_asked": gettext_lazy("A new sign-in address was asked for on Tandem"),
    "address_changed": gettext_lazy("Your sign-in address for Tandem was changed"),
    "role_changed": gettext_lazy("Your role on Tandem was changed"),
    "second_factor_added": gettext_lazy("An authenticator app was added to your account on Tandem"),
    "second_factor_removed": gettext_lazy("Your authenticator app was removed from Tandem"),
    "passkey_added": gettext_lazy("A passkey was added to your account on Tandem"),
    "passkey_removed": gettext_lazy("A passkey was removed from your account on Tandem"),
    "second_factor_reset": gettext_lazy("Your second factor for Tandem was reset"),
    "recovery_codes_made": gettext_lazy("New recovery codes were made for your account on Tandem"),
    "recovery_code_used": gettext_lazy("A recovery code of yours was used on Tandem"),
    "account_closed": gettext_lazy("Your account on Tandem was closed"),
    "account_reopened": gettext_lazy("Your account on Tandem is open again"),
}
"""Each notice, by the name of its template, and its subject."""


def tell(account: Account, notice: str, *, to: str = "", **facts: Any) -> None:
    """Mail a notice to ``account``'s address (or ``to``) once this transaction is committed."""
    context = {**facts, "account": account, "site": settings.BASE_URL}
    with speaking(account.language):
        text = render_to_string(f"letters/told/{notice}.txt", context)
        subject = str(SUBJECTS[notice])
    send = partial(_send, subject, text, to or account.email)
    transaction.on_commit(send, robust=True)


def _send(subject: str, text: str, to: str) -> None:
    try:
        send_mail(subject, text, None, [to])
    except (OSError, SMTPException) as error:
        LOG.warning("notice_not_sent", extra={"kind": type(error).__name__})
