"""Making accounts and keys at the command line."""

from datetime import date, timedelta

import psycopg
import pytest

from tandem.kit.time import business_day, utc_now
from tests.cli.forked import forked
from tests.cli.running import tandem

pytestmark = pytest.mark.xdist_group("accounts")
"""One process makes the owner and the database for all."""
PASSWORD = "a long enough secret"


@pytest.fixture(scope="module")
def owner(business: str) -> str:
    """The address of somebody who can sign in; the tests make nobody else."""
    made = tandem(
        *("user", "create", "--email", "oona@example.org", "--owner", "--password-stdin"),
        given=PASSWORD + "\n",
        DATABASE_URL=business,
    )
    assert made.returncode == 0, made.stderr
    return "oona@example.org"


def test_an_owner_and_a_key(owner: str, business: str) -> None:
    """The key is the only line on standard output, and the database has only its hash."""
    made = tandem("token", "create", "--email", owner.upper(), "--read-only", DATABASE_URL=business)
    assert made.returncode == 0, made.stderr
    (key,) = made.stdout.splitlines()
    with psycopg.connect(business) as connection:
        row = connection.execute("SELECT token_hash, read_only FROM people_apitoken").fetchone()
        secret = connection.execute("SELECT password FROM people_account").fetchone()
    assert row is not None
    assert row[1] is True
    assert key not in row[0]
    assert secret is not None
    assert secret[0].startswith("argon2")


@pytest.mark.parametrize(
    ("arguments", "given", "status", "words"),
    [
        (["--email", "OONA@example.org", "--owner"], PASSWORD, 3, "already"),
        (["--email", "new@example.org", "--owner"], "short", 2, "too short"),
        (["--email", "no address", "--owner"], PASSWORD, 2, "not an e-mail address"),
        (["--email", "new@example.org", "--tutor", "nobody"], PASSWORD, 3, "no tutor 'nobody'"),
        (["--email", "new@example.org"], PASSWORD, 2, "--owner or --tutor"),
    ],
)
def test_refusals(
    arguments: list[str], given: str, status: int, words: str, owner: str, business: str
) -> None:
    """What is wrong is said in one sentence, and no account is made."""
    done = forked(
        *("user", "create", "--password-stdin", *arguments),
        given=given + "\n",
        DATABASE_URL=business,
    )
    assert done.returncode == status
    assert words in done.stderr
    assert done.stderr.count("This password") == (given == "short")
    with psycopg.connect(business) as connection:
        assert connection.execute("SELECT count(*) FROM people_account").fetchone() == (1,)


def test_without_a_terminal_the_flag_is_named(business: str) -> None:
    """Nothing is asked, nothing is read, no account is made."""
    arguments = ("user", "create", "--email", "new@example.org", "--owner")
    done = forked(*arguments, given=PASSWORD + "\n", DATABASE_URL=business)
    assert done.returncode == 2
    assert "--password-stdin" in done.stderr
    assert "Traceback" not in done.stderr
    with psycopg.connect(business) as connection:
        found = connection.execute("SELECT FROM people_account WHERE email LIKE 'new@%'")
        assert found.fetchall() == []


def test_no_key_for_nobody(business: str) -> None:
    """An unknown address gets a sentence and nothing on standard output."""
    done = forked("token", "create", "--email", "who@example.org", DATABASE_URL=business)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "who@example.org" in done.stderr


def test_a_second_factor_is_reset(owner: str, business: str) -> None:
    """Of somebody who lost it; who has none is left alone, and nobody is no one."""
    reset = ("user", "reset-second-factor")
    assert "has no second factor" in forked(*reset, owner, DATABASE_URL=business).stdout
    with psycopg.connect(business) as connection:
        connection.execute(
            "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
            " SELECT id, 'totp', '{}', now() FROM people_account WHERE email = %s",
            [owner],
        )
    done = forked(*reset, owner.upper(), DATABASE_URL=business)
    assert (done.returncode, "without a second factor" in done.stdout) == (0, True)
    with psycopg.connect(business) as connection:
        assert connection.execute("SELECT count(*) FROM mfa_authenticator").fetchone() == (0,)
    assert forked(*reset, "who@example.org", DATABASE_URL=business).returncode == 3


def test_an_account_is_closed_and_reopened(owner: str, business: str) -> None:
    """Its keys open nothing any more; the last owner's is not closed."""
    refused = forked("user", "close", "--email", owner, DATABASE_URL=business)
    assert refused.returncode == 3
    assert "only owner" in refused.stderr
    second = ("user", "create", "--email", "second@example.org", "--owner", "--password-stdin")
    assert forked(*second, given=PASSWORD + "\n", DATABASE_URL=business).returncode == 0
    made = forked("token", "create", "--email", "second@example.org", DATABASE_URL=business)
    assert made.returncode == 0
    listed = forked("token", "list", DATABASE_URL=business).stdout
    assert (
        "second@example.org  command line  reads and writes  used last: never  expires: never"
        in listed
    )
    closed = forked("user", "close", "--email", "second@example.org", DATABASE_URL=business)
    assert "no way in" in closed.stdout
    assert "second@example.org" not in forked("token", "list", DATABASE_URL=business).stdout
    everybody = forked("user", "list", DATABASE_URL=business).stdout
    assert "second@example.org: owner, closed" in everybody
    assert "oona@example.org: owner\n" in everybody
    reopened = forked("user", "reopen", "--email", "second@example.org", DATABASE_URL=business)
    assert "is open again" in reopened.stdout
    with psycopg.connect(business) as connection:
        connection.execute("DELETE FROM people_apitoken")
        connection.execute("DELETE FROM people_account WHERE email = 'second@example.org'")


def test_a_key_that_expires(owner: str, business: str) -> None:
    """The key is still the only line, though a mail tells of it; the list says when it ends."""
    command = ("token", "create", "--email", owner, "--name", "Short", "--expires-in")
    made = tandem(*command, "7", DATABASE_URL=business)
    assert made.returncode == 0, made.stderr
    (key,) = made.stdout.splitlines()
    assert key.startswith("tdm_")
    assert "A token was made for your account" in made.stderr
    assert key not in made.stderr
    (line,) = [
        one
        for one in forked("token", "list", DATABASE_URL=business).stdout.splitlines()
        if "Short" in one
    ]
    day, _, zone = line.rsplit("expires: ", maxsplit=1)[-1].split(maxsplit=2)
    assert date.fromisoformat(day) - business_day(utc_now()) == timedelta(days=7)
    assert zone == "(Europe/London)"
    for wrong in ("0", "3651", "soon"):
        refused = forked(*command, wrong, DATABASE_URL=business)
        assert (refused.returncode, refused.stdout) == (2, "")
    with psycopg.connect(business) as connection:
        connection.execute("UPDATE people_apitoken SET expires_at = now() WHERE name = 'Short'")
    assert "Short" not in forked("token", "list", DATABASE_URL=business).stdout


def test_a_role_and_an_address_change(owner: str, business: str) -> None:
    """The last owner stays one; another's tokens end with the role; the new address signs in."""
    refused = forked("user", "role", "--email", owner, "--no-owner", DATABASE_URL=business)
    assert refused.returncode == 3
    assert "only owner" in refused.stderr
    unsaid = forked("user", "role", "--email", owner, DATABASE_URL=business)
    assert unsaid.returncode == 2
    second = ("user", "create", "--email", "third@example.org", "--owner", "--password-stdin")
    assert forked(*second, given=PASSWORD + "\n", DATABASE_URL=business).returncode == 0
    taken = forked(
        *("user", "address", "--email", "third@example.org", "--to", owner.upper()),
        DATABASE_URL=business,
    )
    assert taken.returncode == 3
    assert "Another account has this address" in taken.stderr
    moved = forked(
        *("user", "address", "--email", "third@example.org", "--to", "fourth@example.org"),
        DATABASE_URL=business,
    )
    assert "fourth@example.org is the address now" in moved.stdout
    forked("token", "create", "--email", "fourth@example.org", DATABASE_URL=business)
    assert "fourth@example.org" in forked("token", "list", DATABASE_URL=business).stdout
    role = ("user", "role", "--email", "fourth@example.org", "--no-owner")
    assert "no owner now" in forked(*role, DATABASE_URL=business).stdout
    assert "fourth@example.org" not in forked("token", "list", DATABASE_URL=business).stdout
    assert "fourth@example.org: no role" in forked("user", "list", DATABASE_URL=business).stdout
    with psycopg.connect(business) as connection:
        connection.execute("DELETE FROM people_apitoken")
        connection.execute("DELETE FROM people_account WHERE email = 'fourth@example.org'")


def test_a_key_is_revoked(owner: str, business: str) -> None:
    """By the id that the list shows; one that is not there is a sentence."""
    forked("token", "create", "--email", owner, "--name", "Reports", DATABASE_URL=business)
    (line,) = [
        one
        for one in forked("token", "list", DATABASE_URL=business).stdout.splitlines()
        if "Reports" in one
    ]
    assert "opens nothing" in forked("token", "revoke", line[:26], DATABASE_URL=business).stdout
    assert "Reports" not in forked("token", "list", DATABASE_URL=business).stdout
    refused = forked("token", "revoke", "nothing", DATABASE_URL=business)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "token" in refused.stderr
