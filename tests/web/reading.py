"""A page as somebody reads it: its words, without the markup."""

import html
import re
from typing import Any

from django.test import Client

TAGS = re.compile(r"<[^>]*>")
SPACE = re.compile(r"\s+")


def words(response: Any) -> str:
    """Return the text of a page, each run of space as one."""
    return SPACE.sub(" ", html.unescape(TAGS.sub(" ", response.content.decode()))).strip()


def read(client: Client, path: str, **query: str) -> str:
    """Return the text of the page at ``path``, which has to be there."""
    response = client.get(path, query)
    assert response.status_code == 200, response.status_code
    return words(response)
