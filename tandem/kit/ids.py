"""Ids are text: rows of an older database keep theirs, new rows are lower-case ULIDs."""

import secrets

from ulid import ULID

PARENT_LINK_BYTES = 24  # 192 random bits, above the 128 that a secret link must have


def new_id() -> str:
    """Return a new lower-case ULID: 26 characters that sort by the moment of their making."""
    return str(ULID()).lower()


def new_request_id() -> str:
    """Return 26 random characters for a request; nothing is sorted by it, nor kept under it."""
    return secrets.token_hex(13)


def new_parent_link_token() -> str:
    """Return a URL-safe secret of 192 random bits for a parent link."""
    return secrets.token_urlsafe(PARENT_LINK_BYTES)
