"""Put the cast into the database that DATABASE_URL names, and print what it takes to be them.

Run as a process of its own: the database is another one than the tests' Django is set up for.
"""

import json
import sys

from tandem.cli.environment import set_up

PASSWORD = "a long enough secret"
OWNER, TUTOR = "oona@tandem.example", "ben@tandem.example"


def main() -> None:
    """Make everybody, a token each for those who call, and print ids and tokens as JSON."""
    set_up()
    from tandem.kit.time import utc_now  # noqa: PLC0415 - models load once Django is set up
    from tandem.people.tokens import create_token  # noqa: PLC0415 - as above
    from tests.cast import an_account, gather, user  # noqa: PLC0415 - as above

    cast = gather()
    for account in (cast.owner, user(cast.ben)):
        account.set_password(PASSWORD)
        account.save()
    tokens = {
        name: create_token(account=account, now=utc_now())[1]
        for name, account in {
            "owner": cast.owner,
            **{one.full_name.lower(): user(one) for one in (cast.ben, cast.cara, cast.dev)},
            "guest": an_account("guest@tandem.example"),
        }.items()
    }
    names = ("owner", "ben", "cara", "ana", "cleo", "ben_ana", "cara_ana", "ben_cleo")
    ids = {name: str(getattr(cast, name).pk) for name in names}
    parent_link = cast.ana.parent_link_token
    json.dump({"tokens": tokens, "ids": ids, "parent_link": parent_link}, sys.stdout)


if __name__ == "__main__":
    main()
