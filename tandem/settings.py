"""Django's settings, read from the environment (see docs/reference/settings.md)."""

import os
import secrets
from datetime import timedelta
from email.utils import formataddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

from tandem.kit import logs
from tandem.kit.database_url import parse_database_url
from tandem.kit.embedded import default_home
from tandem.kit.secret_keys import kept_secret_key, secret_keys_before
from tandem.serving.certificate import own_certificate
from tandem.serving.environment import (
    is_on,
    line,
    mail_server,
    networks,
    one_of,
    picture,
    time_zone,
    web_address,
    whole_number,
    words,
)

HERE = Path(__file__).parent

DEBUG = False
LOGGING_CONFIG = None  # tandem.kit.logs sets it up, for the processes that serve
SERVED = bool(os.environ.get("TANDEM_POOL"))
"""Whether this process answers requests: `tandem serve` says so before it is set up."""
if SERVED:
    logs.configure()
# `tandem serve` always has one; a command that signs nothing gets one that dies with it.
SECRET_KEY_OF_THIS_PROCESS = secrets.token_urlsafe(48)
SECRET_KEY = kept_secret_key(default_home()) or SECRET_KEY_OF_THIS_PROCESS
# Secret keys of before still open what they signed and sealed, until they are left out.
SECRET_KEY_FALLBACKS = secret_keys_before(default_home())

# `tandem doctor` says of any that is wrong what is wrong with it.
BASE_URL = web_address("TANDEM_BASE_URL", strict=SERVED)
HTTPS = BASE_URL.startswith("https://")
# Without these Tandem speaks plainly, to a proxy on its own machine.
TLS_CERTIFICATE, TLS_KEY = own_certificate()
HSTS_SUBDOMAINS = is_on("TANDEM_HSTS_SUBDOMAINS", default=True)
"""Whether browsers that came by https never ask a name below this one by plain http either."""
# Names are given by who runs Tandem, never by who asks, and wherever it listens. Without any, it
# answers to this machine.
ALLOWED_HOSTS = [*filter(None, [urlsplit(BASE_URL).hostname]), *words("TANDEM_ALLOWED_HOSTS")] or [
    "localhost",
    "127.0.0.1",
    "[::1]",
]
TRUSTED_PROXIES = networks("TANDEM_TRUSTED_PROXIES")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []

# How often somebody may ask; counted in the database, for all workers (tandem.people.limits).
API_REQUESTS_PER_MINUTE = whole_number("TANDEM_REQUESTS_PER_MINUTE", 1200)
PAGES_PER_MINUTE = whole_number("TANDEM_PAGES_PER_MINUTE", 1200)
API_WRONG_TOKENS_PER_MINUTE = whole_number("TANDEM_WRONG_TOKENS_PER_MINUTE", 30)
PARENT_READS_PER_MINUTE = whole_number("TANDEM_PARENT_READS_PER_MINUTE", 120)
CALENDAR_READS_PER_TEN_MINUTES = whole_number("TANDEM_CALENDAR_READS_PER_TEN_MINUTES", 60)
WRONG_PARENT_LINKS_PER_TEN_MINUTES = whole_number("TANDEM_WRONG_LINKS_PER_TEN_MINUTES", 10)

# What `tandem serve` is: worker processes, and in each as many requests at once as it has threads.
WORKERS = whole_number("TANDEM_WORKERS", max(2, os.cpu_count() or 1))
THREADS = whole_number("TANDEM_THREADS", 4)
REQUEST_SECONDS = whole_number("TANDEM_REQUEST_SECONDS", 30)
HANG_SECONDS = whole_number("TANDEM_HANG_SECONDS", 30)
# Regular backups: where they lie, how old the newest may be, who can read them, how many are kept.
BACKUP_FOLDER = Path(os.environ.get("TANDEM_BACKUP_FOLDER") or default_home() / "backups")
BACKUP_HOURS = whole_number("TANDEM_BACKUP_HOURS", 26)
BACKUP_RECIPIENT = os.environ.get("TANDEM_BACKUP_RECIPIENT", "")
"""The age recipient that backups of the whole database are encrypted for; none: they are not."""
BACKUPS_KEPT = whole_number("TANDEM_BACKUPS_KEPT", 14)
HEARTBEAT_SECONDS = whole_number("TANDEM_HEARTBEAT_SECONDS", 10)
MAX_BODY_BYTES = whole_number("TANDEM_MAX_BODY_BYTES", 1_000_000)
# What brings a spreadsheet of people; by Django's own limits nothing that came is put into a file.
MAX_BYTES_WITH_SPREADSHEET = max(MAX_BODY_BYTES, 15_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_BYTES_WITH_SPREADSHEET
# What a request may ask of the database in one statement; 0: as long as it takes.
STATEMENT_SECONDS = whole_number("TANDEM_STATEMENT_SECONDS", 15, least=0)
# How little room there may be where Tandem writes before `tandem doctor` says so.
LEAST_FREE_MEGABYTES = whole_number("TANDEM_LEAST_FREE_MB", 500, least=0)
# A thread that waits for another's connection would be a thread too many.
WEB_CONNECTIONS, DIRECT_CONNECTIONS = "tandem web", "tandem direct"
"""What the server knows them as, so that who looks can tell them apart: those of threads, and as
many at most that answer without one (tandem.api.direct)."""
COMMANDS_CONNECTION = "tandem command"
POOL = {
    "min_size": 1,
    "max_size": whole_number("TANDEM_POOL_SIZE", THREADS),
    "timeout": whole_number("TANDEM_POOL_SECONDS", 5),
    # Seconds of trying, at growing distances; then the next request begins anew. Long distances
    # would keep people out after the database is back.
    "reconnect_timeout": 3,
}
# A server that does not answer, or a network that drops what is sent, is noticed: at the beginning
# of a connection, and on one that is idle or waited at. What stands in DATABASE_URL counts more;
# over a socket in a folder only the first says anything.
LOOKED_FOR = {
    "connect_timeout": "5" if SERVED else "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def database_of(url: str, *, served: bool = SERVED) -> dict[str, Any]:
    """Turn a libpq URL (or key=value string) into Django's form; unknown words go to libpq.

    Where requests are ``served``, with a pool: a command has one connection.
    """
    address = parse_database_url(url)
    parts = dict(conninfo_to_dict(address.conninfo))
    name = WEB_CONNECTIONS if served else COMMANDS_CONNECTION
    named = {
        "NAME": parts.pop("dbname", "tandem"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
    }
    return {
        "ENGINE": "tandem.kit.postgresql",
        **named,
        "OPTIONS": {
            **({"application_name": WEB_CONNECTIONS} if served else {}),
            **LOOKED_FOR,
            **parts,
            # PgBouncer keeps nothing of a connection for its client but this; the database asks it
            # who writes.
            **({"application_name": name} if address.through_pgbouncer else {}),
            # For the statements of tandem.kit.named_sql; Django's other cursors prepare nothing.
            "prepare_threshold": None if address.through_pgbouncer else 5,
            **({"pool": dict(POOL)} if served else {}),
        },
        "TEST": {"NAME": f"test_{named['NAME']}"},
    }


DATABASES = {"default": database_of(os.environ.get("DATABASE_URL", "postgresql:///tandem"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "tandem.people",
    "tandem.relationships",
    "tandem.lessons",
    "tandem.upgrade",
    "tandem.api",
    "tandem.web",
    "tandem.serving",
]

MIDDLEWARE = [
    "tandem.serving.requests.RequestLog",
    "tandem.serving.health.Health",
    "tandem.serving.front.Proxies",
    "tandem.web.language.Language",
    "tandem.serving.front.Unread",
    "django.middleware.security.SecurityMiddleware",
    "tandem.api.short_way.ShortWay",
    "tandem.serving.static.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tandem.people.session_account.SessionAccount",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tandem.web.errors.ErrorPages",
]

ROOT_URLCONF = "tandem.urls"
WSGI_APPLICATION = "tandem.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Every template speaks to a reader: none has to load these.
            "builtins": ["django.templatetags.i18n", "tandem.web.templatetags.languages"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_USER_MODEL = "people.Account"
# The address is unique whatever its case, by the constraint account_email_unique.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["tandem.people.accounts.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "tandem.people.passwords.PasswordValidator",
        "OPTIONS": {"min_length": 12, "user_attributes": ("email", "full_name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "tandem.people.accounts.AccountAdapter"
REQUIRE_SECOND_FACTOR = one_of("TANDEM_REQUIRE_SECOND_FACTOR", "nobody", "owners", "everybody")
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
# A passkey signs in alone: it is a thing that one has, and asks for a finger, a face or a PIN.
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_ADAPTER = "tandem.people.second_factor.SecondFactorAdapter"
# A code is right for its own 30 seconds; the forms let each through once.
MFA_TOTP_TOLERANCE = 0
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 10
ACCOUNT_FORMS = {
    "login": "tandem.web.forms.entrance.SignInForm",
    "reauthenticate": "tandem.web.forms.entrance.AgainForm",
    "request_login_code": "tandem.web.forms.entrance.MailMeACodeForm",
    "confirm_login_code": "tandem.web.forms.second_factor.MailCodeForm",
    "reset_password": "tandem.web.forms.entrance.ForgottenForm",
    "reset_password_from_key": "tandem.web.forms.entrance.PasswordByLinkForm",
    "change_password": "tandem.web.forms.entrance.AnotherPasswordForm",
    "set_password": "tandem.web.forms.entrance.FirstPasswordForm",
}
MFA_FORMS = {
    "authenticate": "tandem.web.forms.second_factor.CodeForm",
    "reauthenticate": "tandem.web.forms.second_factor.CodeAgainForm",
    "activate_totp": "tandem.web.forms.second_factor.FirstCodeForm",
    "add_webauthn": "tandem.web.forms.passkeys.NewPasskeyForm",
    "login_webauthn": "tandem.web.forms.passkeys.SignInForm",
    "authenticate_webauthn": "tandem.web.forms.passkeys.SecondStepForm",
    "reauthenticate_webauthn": "tandem.web.forms.passkeys.AgainForm",
}

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [HERE / "locale"]
"""Before Django's own: a text of ours is translated here, whatever others say for it."""
USE_I18N = True
USE_TZ = True
# The zone of the business: where a date has no person's zone to be read in, it is read in this one.
TIME_ZONE = time_zone("TANDEM_TIME_ZONE", "Europe/London")

# What families and tutors know it by: on top of pages, in letters and in calendars.
BUSINESS_NAME = line("TANDEM_BUSINESS_NAME", "Tandem", most=60)
BUSINESS_LOGO = picture("TANDEM_BUSINESS_LOGO")
MFA_TOTP_ISSUER = BUSINESS_NAME

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "web" / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "tandem.serving.static.ViewerFiles",
]
# The files are served from where the package lies; there is no collection step to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tandem.serving.static.HashedNames"},
}

_NONE, _SELF = "'none'", "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [_NONE],
        "script-src": [_SELF],
        "style-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "font-src": [_SELF],
        "connect-src": [_SELF],
        "form-action": [_SELF],
        "frame-ancestors": [_NONE],
        "base-uri": [_NONE],
        "manifest-src": [_SELF],
    },
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "tandem.serving.refusals.csrf_failed"
SESSION_ENGINE = "tandem.people.session_store"
if HTTPS:
    # A browser takes a cookie of such a name only from this very host, by https, for all of it.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
MESSAGE_STORAGE = "tandem.web.message_storage.MessageStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_IDLE = timedelta(minutes=whole_number("TANDEM_SESSION_IDLE_MINUTES", 7 * 24 * 60))
SESSION_MOST = timedelta(days=whole_number("TANDEM_SESSION_MOST_DAYS", 30))
SESSION_COOKIE_AGE = int(SESSION_MOST.total_seconds())
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"

DEFAULT_FROM_EMAIL = os.environ.get("TANDEM_EMAIL_FROM", "") or formataddr(
    (BUSINESS_NAME, "tandem@localhost")
)
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "tandem.kit.console_mail.EmailBackend"
if _mail := mail_server("EMAIL_URL"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "smtp+tls", _mail.scheme == "smtps"

CACHES = {
    # What has to be counted for all workers together, such as sign-ins that failed.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "serving_cache",
    },
    # What each worker may know for itself.
    "worker": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
