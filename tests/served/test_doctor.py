"""`tandem doctor` on a started installation: all well, then one thing broken at a time."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tandem.people.link_keys import SETTING
from tandem.upgrade.backups.held_files import hold
from tests.cli.forked import forked
from tests.cli.running import free_port
from tests.served.certificates import a_certificate
from tests.served.conftest import Start
from tests.served.mail_server import mail_server
from tests.served.site import Site
from tests.served.test_health import becomes_ready
from tests.served.way import way_to
from tests.upgrade.old_databases import database

WORKERS, POOL = 1, 2
LOCK = "SELECT FROM people_student WHERE id = %s FOR UPDATE"


@dataclass(frozen=True)
class Installation:
    """A site with the environment that its doctor is given."""

    site: Site
    environment: Mapping[str, str]

    @property
    def home(self) -> Path:
        return Path(self.environment["TANDEM_HOME"])

    def doctor(self, **changed: str) -> tuple[int, dict[str, dict[str, str]]]:
        """Return the exit status and what was found, by name."""
        done = forked("doctor", "--json", **{**self.environment, **changed})
        assert not done.stderr, done.stderr
        said = json.loads(done.stdout)
        assert said["ok"] == (done.returncode == 0)
        return done.returncode, {one["name"]: one for one in said["findings"]}

    def expect_only(
        self, name: str, sentence: str, remedy: str, looks: int = 1, /, **changed: str
    ) -> None:
        """Expect exit 1, this finding with its remedy, and nothing else to mend.

        In one of so many looks, where it is there most of the time.
        """
        for _ in range(looks):
            status, found = self.doctor(**changed)
            if status == 1:
                break
        assert status == 1
        assert [one for one in found if not found[one]["ok"]] == [name]
        assert sentence in found[name]["sentence"]
        assert remedy in found[name]["remedy"]


@pytest.fixture(scope="module")
def installation(start: Start) -> Iterator[Installation]:
    """All is well: a worker, a backup, a mail server, an address that leads here."""
    sizes = {"TANDEM_WORKERS": str(WORKERS), "TANDEM_POOL_SIZE": str(POOL)}
    with start(worker=True, **sizes, TANDEM_THREADS="4") as site, mail_server() as email_url:
        becomes_ready(site)
        environment = {
            **sizes,
            "DATABASE_URL": site.database,
            "TANDEM_HOME": str(site.output.with_name("home")),
            "TANDEM_BASE_URL": site.address,
            "EMAIL_URL": email_url,
        }
        done = forked("database", "backup", **environment)
        assert done.returncode == 0, done.stderr
        yield Installation(site, environment)


def test_all_is_well(installation: Installation) -> None:
    """Exit 0, and a line for each thing that was looked at."""
    status, found = installation.doctor()
    assert status == 0, found
    assert set(found) == {
        "settings", "secret", "base-url", "ways", "second-factor", "packages", "database", "server",
        "migrations", "worker", "weekly-lessons", "pool", "parents-links", "apps", "left-behind",
        "backups", "disk", "mail",
    }  # fmt: skip
    done = forked("doctor", **installation.environment)
    assert len(done.stdout.splitlines()) == len(found)
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())
    assert [line.split()[1] for line in done.stdout.splitlines()] == [*found]


def test_weekly_lessons_that_cannot_be_planned(installation: Installation) -> None:
    """Which they are, and where to see why; gone once they could be."""
    note = "UPDATE serving_heartbeat SET not_planned = %s::jsonb"
    installation.site.query(note, '["a-series"]')
    try:
        installation.expect_only(
            "weekly-lessons", "series could not be planned ahead", "series not planned on"
        )
        _status, found = installation.doctor()
        assert found["weekly-lessons"]["sentence"].startswith("1 series")
        assert "a-series" in found["weekly-lessons"]["sentence"]
        assert "could not plan all" in found["worker"]["sentence"]
    finally:
        installation.site.query(note, "[]")


def test_a_setting_that_means_nothing(installation: Installation) -> None:
    """Nothing else can be looked at then."""
    status, found = installation.doctor(TANDEM_THREADS="some")
    assert status == 1
    assert "TANDEM_THREADS has to be a whole number" in found["settings"]["sentence"]


def test_https_without_a_named_proxy(installation: Installation) -> None:
    """The address itself does not answer by https here, which is a finding of its own."""
    status, found = installation.doctor(TANDEM_BASE_URL=f"https://{installation.site.host}")
    assert status == 1
    assert "TANDEM_TRUSTED_PROXIES names none" in found["settings"]["sentence"]
    assert "TANDEM_TRUSTED_PROXIES=127.0.0.1" in found["settings"]["remedy"]


def test_a_secret_that_others_may_read(installation: Installation) -> None:
    """And one that is too short."""
    file = installation.home / "secret-key"
    file.chmod(0o644)
    try:
        installation.expect_only("secret", "Others on this machine may read", "chmod 600")
    finally:
        file.chmod(0o600)
    installation.expect_only(
        "secret", "short enough", "Leave TANDEM_SECRET_KEY out", TANDEM_SECRET_KEY="short"
    )


def test_apps_that_were_sealed_with_a_key_that_is_lost(installation: Installation) -> None:
    """Their holders cannot sign in, and whoever runs Tandem hears of it before they do."""
    site = installation.site
    site.query(
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) "
        "VALUES (%s, 'totp', '{\"secret\": \"sealed elsewhere\"}', now())",
        site.id("owner"),
    )
    try:
        installation.expect_only(
            "apps", "None of the secret keys opens 1", "Give the old key back in TANDEM_SECRET_KEYS"
        )
    finally:
        site.query("DELETE FROM mfa_authenticator")


def test_a_key_of_parents_links_that_others_may_read(installation: Installation) -> None:
    """And one that is too short, and one that is not the one that they were sealed with."""
    file = installation.home / "parent-links.key"
    file.write_text("", encoding="utf-8")
    file.chmod(0o644)
    key = os.environ[SETTING]
    try:
        status, found = installation.doctor(**{SETTING: ""})
        assert status == 1
        assert "with which parents' links are sealed" in found["parents-links"]["sentence"]
        assert "chmod 600" in found["parents-links"]["remedy"]
    finally:
        file.unlink()
    short = {SETTING: f"short {key}"}
    installation.expect_only("parents-links", "short enough", "tandem links rekey", **short)
    other = {SETTING: "another-key-than-the-one-that-sealed-them"}
    installation.expect_only("parents-links", "key that is not here", "--unreadable", **other)
    installation.expect_only("parents-links", "open nothing", "parent-links.key", **{SETTING: ""})


def test_an_address_that_leads_elsewhere(installation: Installation) -> None:
    """To nobody, to no web address at all, or to something that is not Tandem."""
    nobody = f"http://127.0.0.1:{free_port()}"
    for url, why in ((nobody, "refused"), ("ftp://127.0.0.1", "neither http")):
        installation.expect_only("base-url", why, "TANDEM_BASE_URL", TANDEM_BASE_URL=url)
        _, found = installation.doctor(TANDEM_BASE_URL=url)
        assert f"{url}, the address in every mail, does not lead" in found["base-url"]["sentence"]
    elsewhere = f"{installation.site.address}/api"
    installation.expect_only("base-url", "Not Found", "TANDEM_BASE_URL", TANDEM_BASE_URL=elsewhere)


def test_a_database_that_is_away(installation: Installation) -> None:
    """What needs it is not looked at."""
    status, found = installation.doctor(DATABASE_URL="postgresql://127.0.0.1:1/x")
    assert status == 1
    assert "does not answer" in found["database"]["sentence"]
    assert "DATABASE_URL" in found["database"]["remedy"]
    assert "worker" not in found


def test_a_database_that_says_nothing(installation: Installation) -> None:
    """It takes the connection, and that is all; what the address says of waiting is heeded."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        url = f"postgresql://127.0.0.1:{port}/x?connect_timeout=2"
        status, found = installation.doctor(DATABASE_URL=url)
    assert status == 1
    assert "does not answer" in found["database"]["sentence"]


def test_a_database_without_tables(installation: Installation) -> None:
    """Tandem has not been started on it yet."""
    with database() as url:
        status, found = installation.doctor(DATABASE_URL=url)
    assert status == 1
    assert "none of Tandem's tables yet" in found["migrations"]["sentence"]
    assert "Start `tandem serve`" in found["migrations"]["remedy"]
    assert found["database"]["ok"]


def test_a_server_that_is_too_old(installation: Installation) -> None:
    """It says so itself; here another number is put into what it says."""
    ((version,),) = installation.site.query("SHOW server_version")
    old = f"14{version[2:]}"
    with way_to(installation.site.database, (version.encode(), old.encode())) as way:
        installation.expect_only("server", f"{old} is too old", "or newer", DATABASE_URL=way.url)


def test_a_missing_migration(installation: Installation) -> None:
    """It is named."""
    query = installation.site.query
    query("UPDATE django_migrations SET name = 'x_' || name WHERE app = 'serving'")
    try:
        installation.expect_only("migrations", "serving 0001_heartbeat", "start it again")
    finally:
        query("UPDATE django_migrations SET name = substr(name, 3) WHERE app = 'serving'")


def test_a_worker_that_is_not_heard_of(installation: Installation) -> None:
    """Its last beat is long ago."""
    trigger = "CREATE RULE deaf AS ON {} TO serving_heartbeat DO INSTEAD NOTHING"
    installation.site.query(
        "UPDATE serving_heartbeat SET beat_at = now() - interval '1 hour';"
        + trigger.format("UPDATE")
    )
    try:
        installation.expect_only("worker", "not been heard of since", "tandem worker")
    finally:
        installation.site.query("DROP RULE deaf ON serving_heartbeat")
    becomes_ready(installation.site)


def test_pools_that_are_full(installation: Installation) -> None:
    """Everybody waits for one row, gives up, and comes again; between, nobody is busy."""
    site, over = installation.site, threading.Event()
    path = f"/api/students/{site.id('ana')}"

    def insist() -> set[int]:
        answers = set()
        while not over.is_set():
            answers.add(site.ask("PATCH", path, {"year": "9"}).status)
        return answers

    with psycopg.connect(site.database) as holder, ThreadPoolExecutor(POOL) as people:
        holder.execute(LOCK, [site.id("ana")])
        waiting = [people.submit(insist) for _ in range(POOL)]
        until = time.monotonic() + 10
        while site.query("SELECT count(*) FROM pg_locks WHERE NOT granted") == [(0,)]:
            assert time.monotonic() < until
        try:
            installation.expect_only("pool", f"All {POOL} connections", "TANDEM_POOL_SIZE", 20)
        finally:
            over.set()
            holder.rollback()
    assert set().union(*(one.result() for one in waiting)) <= {200, 409}


def test_more_connections_than_the_server_takes(installation: Installation) -> None:
    """It would refuse people on a busy day."""
    installation.expect_only("pool", "the server takes", "max_connections", TANDEM_WORKERS="5000")


def test_a_backup_that_is_old_or_none(installation: Installation, tmp_path: Path) -> None:
    """Also one that was not finished: its checksum is missing."""
    (file,) = (installation.home / "backups").glob("*.dump")
    with changed_time(file, hours=30):
        installation.expect_only("backups", "30 hours old", "tandem database backup")
    tmp_path.chmod(0o700)
    (tmp_path / "tandem-20270101T000000Z.dump").touch()
    empty = {"TANDEM_BACKUP_FOLDER": str(tmp_path)}
    installation.expect_only("backups", "no backup yet", "tandem database backup", **empty)


@contextmanager
def changed_time(file: Path, *, hours: int) -> Iterator[None]:
    before = file.stat().st_mtime
    os.utime(file, (before - hours * 3600,) * 2)
    yield
    os.utime(file, (before, before))


def test_backups_that_others_may_read(installation: Installation) -> None:
    """Everybody's data lies there."""
    folder = installation.home / "backups"
    folder.chmod(0o750)
    try:
        installation.expect_only("backups", "Others on this machine may look into", "chmod 700")
    finally:
        folder.chmod(0o700)


def test_what_a_killed_command_left_behind(installation: Installation) -> None:
    """Half a backup holds people's data; one that is being written is nobody's fault."""
    half = installation.home / "backups" / "tandem-20260101T000000Z.dump.partial"
    half.write_text("rows")
    try:
        with hold(half):
            assert installation.doctor()[0] == 0
        installation.expect_only(
            "left-behind", f"Half a backup, of a command that was killed: {half}",
            "Remove what nobody needs: rm FILE, its .sha256, rm -r FOLDER, DROP DATABASE.",
        )  # fmt: skip
    finally:
        half.unlink()


def test_whether_backups_are_encrypted(installation: Installation, tmp_path: Path) -> None:
    """That they are not is advice; a recipient that is none is to be mended."""
    assert "not encrypted" in installation.doctor()[1]["backups"]["sentence"]
    bad = {"TANDEM_BACKUP_RECIPIENT": "age1nobody"}
    installation.expect_only("backups", "is no age recipient", "database key", **bad)
    made = forked("database", "key", str(tmp_path / "key"), **installation.environment)
    tmp_path.chmod(0o700)
    encrypted = {
        **installation.environment,
        "TANDEM_BACKUP_FOLDER": str(tmp_path),
        "TANDEM_BACKUP_RECIPIENT": made.stdout.strip(),
    }
    done = forked("database", "backup", **encrypted)
    assert done.returncode == 0, done.stderr
    status, found = installation.doctor(**encrypted)
    assert (status, found["backups"]["sentence"].endswith(", and encrypted.")) == (0, True)


def test_a_disk_that_is_nearly_full(installation: Installation, tmp_path: Path) -> None:
    """Or quite full, so that no file can be written at all; a folder that is not there will be."""
    much = {"TANDEM_LEAST_FREE_MB": "1000000000"}
    installation.expect_only("disk", "When it is full, nothing can be", "Make room there", **much)
    assert "MB are free where" in installation.doctor(**much)[1]["disk"]["sentence"]
    later = {"TANDEM_BACKUP_FOLDER": str(tmp_path / "not" / "there"), "TANDEM_LEAST_FREE_MB": "0"}
    assert installation.doctor(**later)[1]["disk"]["ok"]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", sys.executable, "-m", "tandem", "doctor"],
        env={**os.environ, **installation.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Nothing can be written to any folder" in done.stdout


def test_mail_that_goes_nowhere(installation: Installation) -> None:
    """No server is named, none answers, or it cannot encrypt."""
    installation.expect_only("mail", "No mail is sent", "EMAIL_URL", EMAIL_URL="")
    nobody = f"smtp://127.0.0.1:{free_port()}"
    installation.expect_only("mail", "ConnectionRefusedError", "EMAIL_URL", EMAIL_URL=nobody)
    plain = installation.environment["EMAIL_URL"].replace("smtp://", "smtp+tls://")
    installation.expect_only("mail", "SMTPNotSupportedError", "certificate", EMAIL_URL=plain)


def test_a_way_that_can_be_read(installation: Installation) -> None:
    """A database or a mail server on another machine, reached as it is; by TLS all is well."""
    database = "postgresql://tandem@database.example/tandem"
    mail = "smtp://mail.example"
    _, found = installation.doctor(DATABASE_URL=database, EMAIL_URL=mail)
    assert "The database is on another machine" in found["ways"]["sentence"]
    assert "Mail goes to another machine as it is" in found["ways"]["sentence"]
    assert "sslmode=verify-full" in found["ways"]["remedy"]
    assert "smtp+tls://" in found["ways"]["remedy"]
    for weak in ("require", "verify-ca"):
        _, found = installation.doctor(DATABASE_URL=f"{database}?sslmode={weak}")
        assert not found["ways"]["ok"]
    by_tls = {
        "DATABASE_URL": f"{database}?sslmode=verify-full",
        "EMAIL_URL": mail.replace("smtp", "smtps"),
    }
    _, found = installation.doctor(**by_tls)
    assert found["ways"]["ok"]
    for here in ("127.0.0.1", "localhost", "[::1]"):
        _, found = installation.doctor(DATABASE_URL=f"postgresql://tandem@{here}:1/tandem")
        assert found["ways"]["ok"], here


def test_a_password_of_the_database_is_told(installation: Installation) -> None:
    """It is no fault; where it is a certificate or the socket that lets Tandem in, none is told."""
    address = "postgresql://tandem{password}@127.0.0.1:1/tandem"
    for password, told in ((":secret", True), ("", False)):
        _, found = installation.doctor(DATABASE_URL=address.format(password=password))
        assert found["ways"]["ok"]
        assert ("knows Tandem by a password" in found["ways"]["sentence"]) is told


def test_a_proxy_on_another_machine_that_is_spoken_to_plainly(
    installation: Installation, tmp_path: Path
) -> None:
    """With a certificate of Tandem's own it is well."""
    far = {"TANDEM_TRUSTED_PROXIES": "203.0.113.7"}
    installation.expect_only(
        "ways", "The proxy is on another machine", "Set TANDEM_TLS_CERTIFICATE", **far
    )
    _, found = installation.doctor(**far, **tls(tmp_path))
    assert found["ways"]["ok"]
    assert found["certificate"]["ok"]


def tls(folder: Path, **days: float) -> dict[str, str]:
    """Return the settings of a certificate of Tandem's own, good for so many days from now."""
    file, key = a_certificate(folder, **days)
    return {"TANDEM_TLS_CERTIFICATE": str(file), "TANDEM_TLS_KEY": str(key)}


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"begins": -9, "ends": -1}, "Tandem's certificate ended on"),
        ({"ends": 13}, "Tandem's certificate ends on"),
        ({"begins": 2}, "Tandem's certificate is not good before"),
    ],
)
def test_a_certificate_that_is_not_good(
    installation: Installation, tmp_path: Path, days: dict[str, float], sentence: str
) -> None:
    """Before its time, after it, and shortly before its end."""
    remedy = "Put a certificate that is good now where TANDEM_TLS_CERTIFICATE is"
    installation.expect_only("certificate", sentence, remedy, **tls(tmp_path, **days))


def test_a_certificates_key_that_others_may_read(
    installation: Installation, tmp_path: Path
) -> None:
    """Its user's group may, as where a program renews it."""
    given = tls(tmp_path)
    key = Path(given["TANDEM_TLS_KEY"])
    key.chmod(0o644)
    sentence = "Everybody on this machine may read"
    installation.expect_only("certificate", sentence, "chmod 640", **given)
    key.chmod(0o640)
    assert installation.doctor(**given)[1]["certificate"]["ok"]


@pytest.mark.parametrize(
    ("asked", "whom"), [("nobody", "owners and tutors"), ("owners", "tutors"), ("everybody", "")]
)
def test_a_password_that_is_enough(installation: Installation, asked: str, whom: str) -> None:
    """Where people come by https: who has to have no second factor is said."""
    _, found = installation.doctor(
        TANDEM_BASE_URL="https://tutoring.example", TANDEM_REQUIRE_SECOND_FACTOR=asked
    )
    one = found["second-factor"]
    assert bool(one["ok"]) is not bool(whom)
    if whom:
        assert f"A password alone lets {whom} in" in one["sentence"]
        assert "Set TANDEM_REQUIRE_SECOND_FACTOR=everybody" in one["remedy"]


def test_the_oldest_backups_go(installation: Installation, tmp_path: Path) -> None:
    """As many as are to be kept remain, each with its checksum."""
    for day in ("01", "02"):
        for end in ("", ".sha256"):
            (tmp_path / f"tandem-202601{day}T000000Z.dump{end}").touch()
    environment = {"TANDEM_BACKUP_FOLDER": str(tmp_path), "TANDEM_BACKUPS_KEPT": "2"}
    done = forked("database", "backup", **{**installation.environment, **environment})
    assert done.returncode == 0, done.stderr
    names = sorted(file.name for file in tmp_path.iterdir())
    assert len(names) == 4
    assert names[:2] == ["tandem-20260102T000000Z.dump", "tandem-20260102T000000Z.dump.sha256"]
