"""Write ``openapi.json`` anew, for a person to review: ``python -m tests.api.snapshot``."""

import json
import os

import django

from tests.api import test_document


def main() -> None:
    """Write the document as the API makes it now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.settings")
    django.setup()
    from tandem.api.urls import document  # noqa: PLC0415 - needs the settings

    text = json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True)
    test_document.SNAPSHOT.write_text(f"{text}\n")


if __name__ == "__main__":
    main()
