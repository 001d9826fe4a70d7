"""The tables are what the models say."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_model_says_what_no_migration_does() -> None:
    """In any room; else an installation would differ from what was tested."""
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
