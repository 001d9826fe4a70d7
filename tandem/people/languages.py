"""The language in which somebody who signs in reads their pages and their mail."""

from django.db import transaction

from tandem.kit.errors import invalid
from tandem.kit.language import CODES
from tandem.kit.language import gettext as _
from tandem.kit.transactions import say_who_acts
from tandem.people.models import Account
from tandem.people.requester import Requester


@transaction.atomic
def choose_language(*, requester: Requester, language: str) -> None:
    """Choose one's own language: en, de, or '' for what one's browser asks.

    InvalidError for another one.
    """
    if language and language not in CODES:
        raise invalid("language", _("Choose one of these."))
    say_who_acts(requester.who)
    Account.objects.filter(pk=requester.account.pk).update(language=language)
    requester.account.language = language
