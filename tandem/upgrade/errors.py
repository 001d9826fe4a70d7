"""What stops an upgrade. Each message is for the person at the keyboard."""

from tandem.kit.errors import TandemError


class UpgradeRefusedError(TandemError):
    """Nothing was changed; the sentence says why and what to do. Exit status 3."""

    code = "upgrade-refused"


class DifferencesFoundError(TandemError):
    """What arrived is not what was there; nothing was committed. Exit status 1."""

    code = "differences-found"


class UnknownShapeError(UpgradeRefusedError):
    """Tables or columns are not there that an old database has; ``found`` says which, and no more."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(f"{found} {advice}")
        self.found = found
