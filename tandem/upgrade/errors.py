"""What stops an upgrade. Each message is for the person at the keyboard."""

from tandem.kit.errors import TandemError


class UpgradeRefusedError(TandemError):
    """Nothing was changed; the sentence says why and what to do. Exit status 3."""

    code = "upgrade-refused"


class DifferencesFoundError(TandemError):
    """What arrived is not what was there; nothing was committed. Exit status 1."""

    code = "differences-found"
