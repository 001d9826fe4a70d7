"""Secrets that the machine keeps: systemd hands each over as a file that nobody else can read.

``LoadCredentialEncrypted=`` keeps them encrypted with a key of the machine's (its TPM's, where it
has one), see https://systemd.io/CREDENTIALS. A file that is named as a setting is that setting.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

FOLDER = "CREDENTIALS_DIRECTORY"
SECRET_SETTINGS = (
    "DATABASE_URL",
    "TANDEM_OWNER_URL",
    "TANDEM_SECRET_KEY",
    "TANDEM_SECRET_KEYS_BEFORE",
    "TANDEM_PARENT_LINK_KEY",
    "EMAIL_URL",
)


def take_credentials() -> None:
    """Put the secrets that the machine hands over into the environment, where they are missing.

    What the environment says already stays. ImproperlyConfigured where a file is not text.
    """
    folder = os.environ.get(FOLDER, "")
    for name in SECRET_SETTINGS if folder else ():
        file = Path(folder) / name
        if not os.environ.get(name) and file.is_file():
            os.environ[name] = _text(file)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(
            f"{file} is not text, so it cannot be the setting {file.name}."
        ) from error
