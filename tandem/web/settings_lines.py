"""Every setting in a sentence, with where it is changed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from tandem.insights.settings_facts import SettingsFacts, settings_facts
from tandem.lessons.closures import visible_closures
from tandem.lessons.notices import notice_settings
from tandem.lessons.policies import visible_policy
from tandem.people.models import Account, Guardian
from tandem.people.queries import Viewer
from tandem.people.second_factor import factors_of
from tandem.web.cancel_words import policy_sentence
from tandem.web.reader import Requester
from tandem.web.templatetags.tandem import zone_name

A_DAY = timedelta(days=1)
CONSOLE = "tandem.kit.console_mail.EmailBackend"
MUST = {
    "nobody": "Nobody has to have a second factor.",
    "owners": "Owners have to have a second factor.",
    "everybody": "Everybody has to have a second factor.",
}


class Setting(NamedTuple):
    """A setting: its name, how it is now, and where it is changed, or by which variable."""

    name: str
    now: str
    verb: str = ""
    url: str = ""
    variable: str = ""


class Section(NamedTuple):
    """Settings that belong together."""

    title: str
    settings: list[Setting]


def sections_for(reader: Requester, account: Account) -> list[Section]:
    """Return what somebody may change, and what they may only read."""
    viewer = reader.viewer
    facts = settings_facts(viewer, reader.now)
    found = [Section("The business", list(_of_business(viewer)))]
    if viewer.is_owner:
        found.append(Section("Who may sign in", [_accounts(facts)]))
    if viewer.tutor_id:
        found.append(Section("Your teaching", list(_of_teaching(viewer.tutor_id, reader.zone))))
    found.append(Section("Your account", list(_of_account(account, facts))))
    if viewer.is_owner:
        found.append(Section("Set where Tandem is run", list(_of_site())))
    return found


def _of_business(viewer: Viewer) -> Iterator[Setting]:
    verb = "Change" if viewer.is_owner else "Read"
    policy = policy_sentence(visible_policy(viewer).terms)
    yield Setting("Cancelling", policy, verb, reverse("cancellation_policy"))
    yield Setting("Closed days", _closed(viewer), verb, reverse("closures"))
    if viewer.is_owner:
        yield Setting("Letters to families and tutors", _notices(), verb, reverse("notices"))


def _closed(viewer: Viewer) -> str:
    ahead = list(visible_closures(viewer).filter(ends_on__gt=viewer.day))
    if not ahead:
        return "No closed days are ahead."
    first, last = ahead[0], ahead[0].ends_on - A_DAY
    days = f"{first.starts_on:%a %-d %b %Y}"
    if last != first.starts_on:
        days = f"{days} to {last:%a %-d %b %Y}"
    more = f" {len(ahead) - 1} more after that." if len(ahead) > 1 else ""
    return f"Next is {first.name}, {days}.{more}"


def _notices() -> str:
    now = notice_settings()
    if not now.is_on:
        return "Nobody is told anything by e-mail."
    told = [str(label).lower() for kind, label in Guardian.Notice.choices if kind in now.kinds]
    if not told:
        return "Letters are on, but of no kind."
    return f"Families are told by e-mail, as each chose: {', '.join(told)}."


def _accounts(facts: SettingsFacts) -> Setting:
    owners = f"{facts.owners} owner{'s' * (facts.owners != 1)}"
    others = f"{facts.others} {'others' if facts.others != 1 else 'other'}"
    return Setting("Accounts", f"{owners} and {others} can sign in.", "Look", reverse("accounts"))


def _of_teaching(tutor_id: str, zone: str) -> Iterator[Setting]:
    here = [tutor_id]
    yield Setting(
        "Your record",
        f"Your times are in {zone_name(zone)}.",
        "Change",
        reverse("edit_tutor", args=here),
    )
    subjects, week = reverse("tutor_subjects", args=here), reverse("tutor_week", args=here)
    yield Setting("Subjects", "What you teach, and up to which level.", "Change", subjects)
    yield Setting("Week", "When you are free every week.", "Change", week)
    letters = "When others change something in your diary, you are told by e-mail."
    yield Setting("Letters to you", letters, "Choose", reverse("own_notices"))


def _of_account(account: Account, facts: SettingsFacts) -> Iterator[Setting]:
    yield Setting(
        "Address", f"You sign in as {account.email}.", "Change", reverse("change_address")
    )
    is_set = account.has_usable_password()
    password = "A password is set." if is_set else "You sign in by code; no password is set."
    yield Setting("Password", password, "Change", reverse("account_change_password"))
    yield from _factors(account)
    own = reverse("account")
    yield Setting("Devices", "You can sign out elsewhere.", "Look", f"{own}#devices")
    calendars = _number(facts.calendars, "calendar program reads", "calendar programs read")
    yield Setting("Calendars", f"{calendars} sessions for you.", "Look", f"{own}#calendars")
    tokens = _number(facts.tokens, "token lets", "tokens let")
    yield Setting("Tokens", f"{tokens} a program work for you.", "Look", f"{own}#tokens")


def _factors(account: Account) -> Iterator[Setting]:
    """Return how else one signs in; a passkey comes second as well as an app does."""
    kinds = list(factors_of(account).values_list("type", flat=True))
    passkeys, has_app = kinds.count("webauthn"), "totp" in kinds
    there = f"{_number(passkeys, 'passkey signs', 'passkeys sign')} you in without a password."
    own = reverse("account")
    yield Setting("Passkeys", there, "Look" if passkeys else "Add one", f"{own}#signing-in")
    if kinds:
        second = "An authenticator app comes second." if has_app else "A passkey comes second."
        yield Setting("Second factor", second, "Recovery codes", reverse("mfa_view_recovery_codes"))
    else:
        yield Setting("Second factor", "There is none.", "Add one", reverse("mfa_activate_totp"))


def _number(number: int, one: str, several: str) -> str:
    return f"{number or 'No'} {one if number == 1 else several}"


def _of_site() -> Iterator[Setting]:
    zone = f"The business keeps {zone_name(settings.TIME_ZONE)}."
    yield Setting("Time zone", zone, variable="TANDEM_TIME_ZONE")
    address = settings.BASE_URL or "this machine alone, by no address of its own"
    yield Setting("Address", f"Tandem is at {address}.", variable="TANDEM_BASE_URL")
    sender = f"Letters come from {settings.DEFAULT_FROM_EMAIL}."
    no_server = "No mail server is named: letters reach nobody."
    has_server = settings.EMAIL_BACKEND != CONSOLE
    yield Setting("Mail", sender if has_server else no_server, variable="EMAIL_URL")
    must = MUST[settings.REQUIRE_SECOND_FACTOR]
    yield Setting("Second factor", must, variable="TANDEM_REQUIRE_SECOND_FACTOR")
    idle = settings.SESSION_IDLE
    hours = round(idle / timedelta(hours=1))
    length = f"{idle.days} days" if idle.days > 1 else f"{hours} hours"
    out = f"Who does nothing for {length} is signed out."
    yield Setting("Signing out", out, variable="TANDEM_SESSION_IDLE_MINUTES")
