"""What stops an upgrade. Each message is for the person at the keyboard."""

from tandem.kit.errors import TandemError


class UpgradeRefusedError(TandemError):
    """Nothing was changed; the sentence says why and what to do. Exit status 3."""

    code = "upgrade-refused"


class NoRoomError(UpgradeRefusedError):
    """A file could not grow any more; the sentence says which, and why."""


class DifferencesFoundError(TandemError):
    """What arrived is not what was there; nothing was committed. Exit status 1."""

    code = "differences-found"


class UnknownShapeError(UpgradeRefusedError):
    """Tables or columns are not there that an old database has; ``found`` says which, and no more.

    Then, a line each, what to do, and what there is instead.
    """

    def __init__(self, found: str, advice: str, instead: str) -> None:
        super().__init__(f"{found}\n{advice}\n{instead}")
        self.found = found
