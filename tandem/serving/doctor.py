"""What ``tandem doctor`` looks at beyond what a request depends on."""

import json
import os
import smtplib
import ssl
import stat
import time as clock
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from tandem.kit import embedded
from tandem.kit.secret_keys import FILE, kept_secret_key
from tandem.people.second_factor import unreadable
from tandem.serving import checks
from tandem.serving.advice import packages, second_factor
from tandem.serving.backups import newest
from tandem.serving.certificate import certificate
from tandem.serving.finding import Finding
from tandem.serving.left_behind_check import leftovers
from tandem.serving.link_key_check import parents_links
from tandem.serving.room import room
from tandem.serving.ways import ways
from tandem.upgrade.backups.encryption import SUFFIX, recipient_of
from tandem.upgrade.errors import UpgradeRefusedError

SECONDS = 10
SHORTEST_SECRET = 32
NEW_KEY = (
    "with the one of now in TANDEM_SECRET_KEYS_BEFORE until `tandem user reseal-second-factors` "
    "has run: or every authenticator app has to be set up anew."
)
OLDEST_SERVER = 15
OTHERS = stat.S_IRWXG | stat.S_IRWXO
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s AND state <> 'idle'
"""

ROLE = """
SELECT rolname, rolsuper, EXISTS (SELECT FROM pg_class
  WHERE oid = to_regclass('people_tutor') AND pg_has_role(current_user, relowner, 'USAGE'))
FROM pg_roles WHERE rolname = current_user
"""


def findings() -> list[Finding]:
    """Return what every check finds; what needs the database is left out where there is none."""
    return [
        addresses(),
        secret(),
        base_url(),
        ways(),
        *certificate(),
        second_factor(),
        packages(),
        *checks.answers(
            server,
            checks.migrations,
            checks.worker,
            checks.weekly_lessons,
            pool,
            parents_links,
            apps,
            leftovers,
        ),
        backups(),
        room(),
        mail(),
    ]


def addresses() -> Finding:
    """Look whether limits count the right address."""
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        return Finding(
            "settings",
            ok=False,
            sentence="People come by https, so by a proxy, but TANDEM_TRUSTED_PROXIES names none: "
            "one visitor's mistakes count against everybody.",
            remedy="Name the proxy's address, such as TANDEM_TRUSTED_PROXIES=127.0.0.1.",
        )
    return Finding("settings", ok=True, sentence="The settings agree with each other.")


def secret() -> Finding:
    """Look whether the key that signs sessions is long, and nobody else's to read."""
    home = embedded.default_home()
    given, file = os.environ.get("TANDEM_SECRET_KEY"), home / FILE
    if not given and file.exists() and file.stat().st_mode & OTHERS:
        return Finding(
            "secret",
            ok=False,
            sentence=f"Others on this machine may read {file}, with which sessions are signed.",
            remedy=f"chmod 600 {file}; if somebody did read it, write another into it, {NEW_KEY}",
        )
    if len(kept_secret_key(home)) < SHORTEST_SECRET:
        return Finding(
            "secret",
            ok=False,
            sentence="The key that signs sessions is missing or short enough to guess.",
            remedy="Leave TANDEM_SECRET_KEY out, and `tandem serve` makes a good one, " + NEW_KEY,
        )
    return Finding("secret", ok=True, sentence="The key that signs sessions is kept.")


def apps() -> Finding:
    """Look whether the secret keys open what authenticator apps and recovery codes are kept as."""
    if not kept_secret_key(embedded.default_home()):  # which is said already
        return Finding("apps", ok=True, sentence="No authenticator app was looked at.")
    if lost := unreadable():
        return Finding(
            "apps",
            ok=False,
            sentence=f"None of the secret keys opens {lost} authenticator apps or sets of recovery "
            "codes: nobody signs in with them.",
            remedy="Give the old key back in TANDEM_SECRET_KEYS_BEFORE and run `tandem user "
            "reseal-second-factors`, or `tandem user reset-second-factor` for those accounts.",
        )
    return Finding("apps", ok=True, sentence="Every authenticator app can be asked for a code.")


def base_url() -> Finding:
    """Look whether the address in people's mails leads to Tandem."""
    url = settings.BASE_URL
    if not url:
        return Finding("base-url", ok=True, sentence="Tandem answers to this machine alone.")
    if said := _not_ours(url):
        return Finding(
            "base-url",
            ok=False,
            sentence=f"{url}, the address in every mail, does not lead here: {said}.",
            remedy="Mend TANDEM_BASE_URL, or the proxy and the name that lead to Tandem.",
        )
    return Finding("base-url", ok=True, sentence=f"{url} leads here.")


def _not_ours(url: str) -> str:
    """Return why an address is not Tandem's; nothing when it is."""
    if urlsplit(url).scheme not in {"http", "https"}:
        return "it begins with neither http:// nor https://"
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=SECONDS) as answer:  # noqa: S310 - see above
            said = json.loads(answer.read(1000))
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return str(reason) or type(error).__name__
    return "" if said == {"status": "alive"} else "something else answers"


def server() -> Finding:
    """Look whether the server is new enough."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = str(cursor.fetchone()[0])
    if int(version.split(".", maxsplit=1)[0]) < OLDEST_SERVER:
        return Finding(
            "server",
            ok=False,
            sentence=f"PostgreSQL {version} is too old.",
            remedy=f"Use PostgreSQL {OLDEST_SERVER} or newer.",
        )
    return Finding("server", ok=True, sentence=f"PostgreSQL {version}, {_as_whom()}.")


def _as_whom() -> str:
    """Say which rights the application works with; more than it needs is no fault, but is told."""
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        role, is_super, owns = cursor.fetchone()
    if is_super:
        return f"where the application is {role}, a superuser (see TANDEM_OWNER_URL)"
    if owns:
        return f"where the application is {role}, who owns the tables (see TANDEM_OWNER_URL)"
    return f"where the application is {role}, who reads and writes rows and no more"


def pool() -> Finding:
    """Look whether requests can have a connection."""
    most = settings.WORKERS * settings.POOL["max_size"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        allowed = int(cursor.fetchone()[0])
        cursor.execute(BUSY, [settings.WEB_CONNECTIONS])
        busy = int(cursor.fetchone()[0])
    if 2 * most >= allowed:  # as many again answer without a thread
        return Finding(
            "pool",
            ok=False,
            sentence=f"The workers may open {2 * most} connections; the server takes {allowed}.",
            remedy="Lower TANDEM_WORKERS or TANDEM_POOL_SIZE, or raise max_connections.",
        )
    if busy >= most:
        return Finding(
            "pool",
            ok=False,
            sentence=f"All {most} connections of the workers are busy, so people wait.",
            remedy="See in pg_stat_activity what they wait for; TANDEM_POOL_SIZE and "
            "TANDEM_THREADS allow more.",
        )
    return Finding("pool", ok=True, sentence=f"{busy} of {most} connections are busy.")


def backups() -> Finding:
    """Look whether there is a backup of late, for nobody else's eyes."""
    folder, last = settings.BACKUP_FOLDER, newest(settings.BACKUP_FOLDER)
    if folder.exists() and folder.stat().st_mode & OTHERS:
        return Finding(
            "backups",
            ok=False,
            sentence=f"Others on this machine may look into {folder}, where everybody's data lies.",
            remedy=f"chmod 700 {folder}",
        )
    hours = _hours_since(last) if last else None
    if hours is None or hours > settings.BACKUP_HOURS:
        found = f"The newest backup is {hours:.0f} hours old" if hours else "There is no backup yet"
        return Finding(
            "backups",
            ok=False,
            sentence=f"{found}, in {folder}.",
            remedy="Run `tandem database backup`, and see why the timer did not "
            "(systemctl status tandem-backup.timer).",
        )
    return _readable_by(last, f"The newest backup is {hours:.0f} hours old")


def _readable_by(last: Path | None, found: str) -> Finding:
    """Look for whom backups are encrypted. That they are not is said, and is no fault."""
    try:
        if settings.BACKUP_RECIPIENT:
            recipient_of(settings.BACKUP_RECIPIENT)
    except UpgradeRefusedError as error:
        return Finding(
            "backups",
            ok=False,
            sentence=str(error),
            remedy="Set TANDEM_BACKUP_RECIPIENT to what `tandem database key FILE` prints.",
        )
    if last and last.suffix == SUFFIX:
        return Finding("backups", ok=True, sentence=f"{found}, and encrypted.")
    advice = "not encrypted: whoever has the file reads it (see TANDEM_BACKUP_RECIPIENT)"
    return Finding("backups", ok=True, sentence=f"{found}, and {advice}.")


def _hours_since(file: Path) -> float:
    return (clock.time() - file.stat().st_mtime) / 3600


def mail() -> Finding:
    """Look whether the mail server takes what Tandem would send."""
    if not os.environ.get("EMAIL_URL"):
        return Finding(
            "mail",
            ok=False,
            sentence="No mail is sent: invitations, codes and notices go to the console.",
            remedy="Set EMAIL_URL, such as smtp+tls://user:password@mail.example.org:587.",
        )
    try:
        _greet_mail_server()
    except (OSError, smtplib.SMTPException) as error:
        return Finding(
            "mail",
            ok=False,
            sentence=f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} cannot be used: "
            f"{type(error).__name__}.",
            remedy="Look at EMAIL_URL, at the mail server's certificate, and at the way there.",
        )
    return Finding("mail", ok=True, sentence="The mail server answers.")


def _greet_mail_server() -> None:
    """Do all but send a mail: connect, encrypt, sign in."""
    context, where = ssl.create_default_context(), (settings.EMAIL_HOST, settings.EMAIL_PORT)
    connected = (
        smtplib.SMTP_SSL(*where, timeout=SECONDS, context=context)
        if settings.EMAIL_USE_SSL
        else smtplib.SMTP(*where, timeout=SECONDS)
    )
    with closing(connected) as server:
        if settings.EMAIL_USE_TLS:
            server.starttls(context=context)
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        server.noop()
