"""Words of an address that libpq does not know."""

from typing import Any
from urllib.parse import quote

import pytest

from tandem.kit.database_url import parse_database_url, without_passwords
from tandem.settings import database_of

ADDRESS = "postgresql://ben@db.example:6432/tandem"


@pytest.mark.parametrize(
    ("words", "threshold"),
    [("", 5), ("?schema=public", 5), ("?pgbouncer=false", 5), ("?pgbouncer=true", None)],
)
def test_nothing_is_prepared_through_pgbouncer(words: str, threshold: int | None) -> None:
    """Prisma's word says so: there a prepared statement may be gone by the next transaction."""
    options: Any = database_of(ADDRESS + words)["OPTIONS"]
    assert options["prepare_threshold"] == threshold
    assert parse_database_url(ADDRESS + words).through_pgbouncer is (threshold is None)
    assert "pgbouncer" not in parse_database_url(ADDRESS + words).conninfo


SENTENCES = (
    "The database refused: a role that has no right to pass. Nothing was changed.",
    "Run `tandem upgrade backfill`, which makes up for that, then verify; see /var/lib/tandem/x.",
    "password authentication failed for the server's user",
)


@pytest.mark.parametrize("word", ["a", "as", "pass", "tandem", "backfill", "server", "password"])
def test_a_password_that_is_a_word_takes_none_from_a_sentence(word: str) -> None:
    """Whoever read what is missing would know it. Where an address stands, it is left out."""
    address = f"postgresql://me:{word}@127.0.0.1/old"
    for sentence in SENTENCES:
        assert without_passwords(sentence, [address]) == sentence
    for told in (
        f"{address}: No such file",
        f'invalid port number: "{word}"',
        f"missing '=' after '{word}' in it",
        f"host=127.0.0.1 user=me password={word} dbname=old",
        f"could not translate host name »{word}« to address",
        f"me:{word}@127.0.0.1",
    ):
        said = without_passwords(told, [address])
        left = said.replace("password=…", "…")
        assert (word in left.split(), f":{word}@" in left, f'"{word}"' in left) == (False,) * 3
        assert said.count("…") == 1, said


@pytest.mark.parametrize("secret", ["gu3", "S3cret", "gu3s5ing", "a-b", "ä1x", "x" * 13])
def test_what_is_no_plain_word_is_left_out_anywhere(secret: str) -> None:
    """Also in the middle of a word, when it is long; in what is cut and in what is encoded."""
    url = f"postgresql://me:{quote(secret)}@127.0.0.1/old"
    for address in (url, f"host=x password={secret} port=1"):
        for told in (f"what {secret} is", f"({secret})", f'"{secret}', f"={secret}.", f":{secret}"):
            assert secret not in without_passwords(told, [address])
    assert "gu3s5ing" not in without_passwords("agu3s5ingb", ["postgresql://me:gu3s5ing@x"])
    assert without_passwords("agu3b", ["postgresql://me:gu3@x"]) == "agu3b"
