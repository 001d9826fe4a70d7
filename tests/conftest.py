"""What every test may ask for."""

import pytest

from tests.cast import Cast, gather


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, as they begin."""
    return gather()
