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

from tandem.people.models import Account

LOG = logging.getLogger(__name__)
SUBJECTS = {
    "password_changed": "Your password for Tandem was changed",
    "token_made": "A token was made for your account on Tandem",
    "calendar_made": "A calendar address was made for your account on Tandem",
    "address_asked": "A new sign-in address was asked for on Tandem",
    "address_changed": "Your sign-in address for Tandem was changed",
    "role_changed": "Your role on Tandem was changed",
    "second_factor_added": "An authenticator app was added to your account on Tandem",
    "second_factor_removed": "Your authenticator app was removed from Tandem",
    "passkey_added": "A passkey was added to your account on Tandem",
    "passkey_removed": "A passkey was removed from your account on Tandem",
    "second_factor_reset": "Your second factor for Tandem was reset",
    "recovery_codes_made": "New recovery codes were made for your account on Tandem",
    "recovery_code_used": "A recovery code of yours was used on Tandem",
    "account_closed": "Your account on Tandem was closed",
    "account_reopened": "Your account on Tandem is open again",
}
"""Each notice, by the name of its template, and its subject."""


def tell(account: Account, notice: str, *, to: str = "", **facts: Any) -> None:
    """Mail a notice to ``account``'s address (or ``to``) once this transaction is committed."""
    context = {**facts, "account": account, "site": settings.BASE_URL}
    text = render_to_string(f"letters/told/{notice}.txt", context)
    send = partial(_send, SUBJECTS[notice], text, to or account.email)
    transaction.on_commit(send, robust=True)


def _send(subject: str, text: str, to: str) -> None:
    try:
        send_mail(subject, text, None, [to])
    except (OSError, SMTPException) as error:
        LOG.warning("notice_not_sent", extra={"kind": type(error).__name__})
