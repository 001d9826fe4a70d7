"""How Django's connections ask."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_no_query_of_a_page_starts_workers() -> None:
    """Starting them takes longer than the query."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_parallel_workers_per_gather")
        assert cursor.fetchone() == ("0",)
