"""The tables are what the models say."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db
def test_no_model_says_what_no_migration_does() -> None:
    """In any room; else an installation would differ from what was tested."""
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_no_key_has_a_second_index() -> None:
    """Django gives each text key one for the beginnings of texts, which nobody asks ids for.

    A migration that makes such a key drops it again, as ``upgrade.0007`` does.
    """
    rooms = [one.label for one in apps.get_app_configs() if one.name.startswith("tandem.")]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename ~ %s AND indexdef LIKE %s",
            [f"^({'|'.join(rooms)})_", "%_pattern_ops%"],
        )
        assert cursor.fetchall() == []
    assert {"people", "web", "upgrade"} <= set(rooms)
