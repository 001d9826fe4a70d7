"""The account that something is made for: held, so that it is not closed or erased meanwhile."""

from tandem.kit.errors import NotFoundError
from tandem.people.models import Account


def hold_open_account(account: Account) -> None:
    """Lock an account until the transaction ends; NotFoundError once it is closed or erased.

    Who closes or erases it waits, and then sees what was made.
    """
    rows = Account.objects.select_for_update(no_key=True).filter(pk=account.pk)
    if not rows.values_list("is_active", flat=True).first():
        raise NotFoundError("account", account.pk)
