"""A role that is no superuser: the owner can do all of the upgrade, others are told why not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.upgrade.errors import UpgradeRefusedError
from tests.upgrade.live.steering import Live, command
from tests.upgrade.old_databases import (
    address_of,
    as_role,
    change,
    database,
    session,
    student,
    tutor,
    write_postgres,
)

ROLES = ("tandem_keeper", "tandem_visitor")


@pytest.fixture
def owned(server: str) -> Iterator[str]:
    """The address of a database whose owner may make databases and is no superuser."""
    every = address_of("postgres")
    with database() as url:
        name = url.partition("?")[0].rpartition("/")[2]
        for role in ROLES:
            change(every, f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN")
        change(
            every,
            "ALTER ROLE tandem_keeper CREATEDB CREATEROLE;"
            f" ALTER DATABASE {name} OWNER TO tandem_keeper",
        )
        yield url
        change(
            url, f"DROP OWNED BY {', '.join(ROLES)} CASCADE; ALTER DATABASE {name} OWNER TO tandem"
        )
        change(every, f"DROP ROLE {', '.join(ROLES)}")


def test_the_owner_alone_can_do_it_all(owned: str, tmp_path: Path) -> None:
    """Whoever may not is refused before anything is made; the owner comes to the end."""
    live = Live(as_role(owned, "tandem_keeper"))
    write_postgres(live.url, [tutor("t1"), student("ana", "t1"), session("one", "ana")])
    change(
        live.url,
        "GRANT ALL ON SCHEMA public TO tandem_visitor;"
        " GRANT SELECT ON ALL TABLES IN SCHEMA public TO tandem_visitor",
    )
    status, said, _ = command(as_role(owned, "tandem_visitor"), "check")
    assert (status, said["goOn"]) == (1, False)
    assert any("does not own the table Student" in reason for reason in said["blockers"])
    status, _, told = command(as_role(owned, "tandem_visitor"), "expand")
    assert status == 3
    assert "use the role tandem_keeper" in told
    assert "may not make a schema in this database" in told
    assert live.rows("SELECT FROM pg_tables WHERE tablename ~ '^(people|django)_'") == []
    status, _, told = command(live.url, "expand")
    assert status == 0, told
    live.backfill()
    change(live.url, """UPDATE "Session" SET notes = 'of the owner'""")
    change(owned, 'GRANT SELECT, UPDATE ON "Session" TO tandem_visitor')
    change(as_role(owned, "tandem_visitor"), """UPDATE "Session" SET homework = 'of another'""")
    assert live.one("SELECT notes, homework FROM lessons_session") == {
        "notes": "of the owner",
        "homework": "of another",
    }
    live.in_step()
    live.switch()
    change(live.url, """UPDATE people_student SET year = '13'""")
    live.in_step()
    change(
        owned,
        'CREATE TABLE "Stray" (id int); ALTER TABLE "Stray" OWNER TO tandem_visitor;'
        ' GRANT SELECT ON "Stray" TO tandem_keeper',
    )
    with pytest.raises(
        UpgradeRefusedError, match=r"cannot be put away .permission denied for table Stray"
    ):
        live.contract(tmp_path)
    assert live.one("SELECT phase FROM upgrade_gradualupgrade") == {"phase": "switched"}
    change(owned, 'ALTER TABLE "Stray" OWNER TO tandem_keeper')
    for lost, what in (("NOCREATEDB", "databases"), ("NOCREATEROLE", "roles")):
        change(owned, f"ALTER ROLE tandem_keeper {lost}")
        with pytest.raises(UpgradeRefusedError, match=f"may not make {what}.*TANDEM_SCRATCH_URL"):
            live.contract(tmp_path)
        notes = command(live.url, "check")[1]["notes"]
        assert any(f"may not make {what}" in note for note in notes)
        change(owned, f"ALTER ROLE tandem_keeper {lost.removeprefix('NO')}")
    assert live.one("SELECT phase FROM upgrade_gradualupgrade") == {"phase": "switched"}
    assert set(live.contract(tmp_path).tables) == {
        "Tutor", "Student", "Session", "Subscription", "Stray",
    }  # fmt: skip
