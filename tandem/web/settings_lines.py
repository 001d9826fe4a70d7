"""Every setting in a sentence, with where it is changed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from tandem.insights.settings_facts import SettingsFacts, settings_facts
from tandem.kit.dates import day_words
from tandem.kit.language import ENGLISH, NAMES, gettext_lazy, ngettext, spoken
from tandem.kit.language import gettext as _
from tandem.lessons.closures import closures_ahead
from tandem.lessons.notices import notice_settings
from tandem.lessons.policies import visible_policy
from tandem.people.business import business_logo, business_name
from tandem.people.models import Account, Guardian
from tandem.people.queries import Viewer
from tandem.people.second_factor import kinds_of_factors
from tandem.web.cancel_words import policy_sentence
from tandem.web.durations import hours_words
from tandem.web.letters import has_mail_server
from tandem.web.reader import PageRequester
from tandem.web.templatetags.tandem import zone_name

A_DAY = timedelta(days=1)
MUST = {
    "nobody": gettext_lazy("Nobody has to have a second factor."),
    "owners": gettext_lazy("Owners have to have a second factor."),
    "everybody": gettext_lazy("Everybody has to have a second factor."),
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


def sections_for(reader: PageRequester, account: Account) -> list[Section]:
    """Return what somebody may change, and what they may only read."""
    viewer = reader.viewer
    facts = settings_facts(viewer, reader.now)
    found = [Section(_("The business"), list(_of_business(viewer)))]
    if viewer.is_owner:
        found.append(Section(_("Who may sign in"), [_accounts(facts)]))
    if viewer.tutor_id:
        found.append(Section(_("Your teaching"), list(_of_teaching(viewer.tutor_id, reader.zone))))
    found.append(Section(_("Your account"), list(_of_account(account, facts))))
    if viewer.is_owner:
        found.append(Section(_("Set where Tandem is run"), list(_of_site())))
    return found


def _of_business(viewer: Viewer) -> Iterator[Setting]:
    if viewer.is_owner:
        logo = _("It has a logo.") if business_logo() else _("It has no logo.")
        named = _("It is called {name}.").format(name=business_name())
        yield Setting(_("Name"), f"{named} {logo}", _("Change"), reverse("business_face"))
    verb = _("Change") if viewer.is_owner else _("Read")
    policy = policy_sentence(visible_policy(viewer).terms)
    yield Setting(_("Cancelling"), policy, verb, reverse("cancellation_policy"))
    yield Setting(_("Closed days"), _closed(viewer), verb, reverse("closures"))
    if viewer.is_owner:
        yield Setting(_("Letters to families and tutors"), _notices(), verb, reverse("notices"))


def _closed(viewer: Viewer) -> str:
    ahead = list(closures_ahead(viewer))
    if not ahead:
        return _("No closed days are ahead.")
    first, last = ahead[0], ahead[0].ends_on - A_DAY
    days = day_words(first.starts_on)
    if last != first.starts_on:
        days = _("{begins} to {ends}").format(begins=days, ends=day_words(last))
    text = _("Next is {name}, {days}.").format(name=first.name, days=days)
    if len(ahead) > 1:
        text += " " + _("{number} more after that.").format(number=len(ahead) - 1)
    return text


def _notices() -> str:
    now = notice_settings()
    if not now.is_on:
        return _("Nobody is told anything by e-mail.")
    told = [told_words(label) for kind, label in Guardian.Notice.choices if kind in now.kinds]
    if not told:
        return _("Letters are on, but of no kind.")
    return _("Families are told by e-mail, as each chose: {told}.").format(told=", ".join(told))


def told_words(label: str) -> str:
    """Return the name of a kind of letter as it stands in a sentence; German nouns stay large."""
    return label.lower() if spoken() == ENGLISH else str(label)


def _accounts(facts: SettingsFacts) -> Setting:
    owners = ngettext("{number} owner", "{number} owners", facts.owners)
    others = ngettext("{number} other", "{number} others", facts.others)
    alone = ngettext(
        "{number} owner can sign in, and nobody else.",
        "{number} owners can sign in, and nobody else.",
        facts.owners,
    )
    told = _("{owners} and {others} can sign in.") if facts.others else alone
    return Setting(
        _("Accounts"),
        told.format(
            number=facts.owners,
            owners=owners.format(number=facts.owners),
            others=others.format(number=facts.others),
        ),
        _("Look"),
        reverse("accounts"),
    )


def _of_teaching(tutor_id: str, zone: str) -> Iterator[Setting]:
    here = [tutor_id]
    yield Setting(
        _("Your record"),
        _("Your times are in {zone}.").format(zone=zone_name(zone)),
        _("Change"),
        reverse("edit_tutor", args=here),
    )
    subjects, week = reverse("tutor_subjects", args=here), reverse("tutor_week", args=here)
    yield Setting(_("Subjects"), _("What you teach, and up to which level."), _("Change"), subjects)
    yield Setting(_("Week"), _("When you are free every week."), _("Change"), week)
    letters = _("When others change something in your diary, you are told by e-mail.")
    yield Setting(_("Letters to you"), letters, _("Choose"), reverse("own_notices"))


def _of_account(account: Account, facts: SettingsFacts) -> Iterator[Setting]:
    yield Setting(
        _("Address"),
        _("You sign in as {email}.").format(email=account.email),
        _("Change"),
        reverse("change_address"),
    )
    is_set = account.has_usable_password()
    password = _("A password is set.") if is_set else _("You sign in by code; no password is set.")
    yield Setting(_("Password"), password, _("Change"), reverse("account_change_password"))
    yield Setting(_("Language"), _language(account), _("Change"), reverse("own_language"))
    yield from _factors(account)
    own = reverse("account")
    yield Setting(_("Devices"), _("You can sign out elsewhere."), _("Look"), f"{own}#devices")
    calendars = _counted(
        facts.calendars,
        _("No calendar programs read sessions for you."),
        ngettext(
            "{number} calendar program reads sessions for you.",
            "{number} calendar programs read sessions for you.",
            facts.calendars,
        ),
    )
    yield Setting(
        _("Calendars"),
        calendars,
        _("Look"),
        f"{own}#calendars",
    )
    tokens = _counted(
        facts.tokens,
        _("No tokens let a program work for you."),
        ngettext(
            "{number} token lets a program work for you.",
            "{number} tokens let a program work for you.",
            facts.tokens,
        ),
    )
    yield Setting(
        _("Tokens"),
        tokens,
        _("Look"),
        f"{own}#tokens",
    )


def _language(account: Account) -> str:
    if not account.language:
        return _("Your pages speak the language that your browser asks for.")
    return _("Your pages speak {language}.").format(language=NAMES[account.language])


def _factors(account: Account) -> Iterator[Setting]:
    """Return how else one signs in; a passkey comes second as well as an app does."""
    kinds = kinds_of_factors(account)
    passkeys, has_app = kinds.count("webauthn"), "totp" in kinds
    there = _counted(
        passkeys,
        _("No passkeys sign you in without a password."),
        ngettext(
            "{number} passkey signs you in without a password.",
            "{number} passkeys sign you in without a password.",
            passkeys,
        ),
    )
    own = reverse("account")
    yield Setting(
        _("Passkeys"), there, _("Look") if passkeys else _("Add one"), f"{own}#signing-in"
    )
    if kinds:
        second = (
            _("An authenticator app comes second.") if has_app else _("A passkey comes second.")
        )
        yield Setting(
            _("Second factor"), second, _("Recovery codes"), reverse("mfa_view_recovery_codes")
        )
    else:
        yield Setting(
            _("Second factor"), _("There is none."), _("Add one"), reverse("mfa_activate_totp")
        )


def _counted(number: int, none: str, some: str) -> str:
    return some.format(number=number) if number else none


def _of_site() -> Iterator[Setting]:
    zone = _("The business keeps {zone}.").format(zone=zone_name(settings.TIME_ZONE))
    yield Setting(_("Time zone"), zone, variable="TANDEM_TIME_ZONE")
    address = settings.BASE_URL or _("this machine alone, by no address of its own")
    yield Setting(
        _("Address"),
        _("Tandem is at {address}.").format(address=address),
        variable="TANDEM_BASE_URL",
    )
    sender = _("Letters come from {default_from_email}.").format(
        default_from_email=settings.DEFAULT_FROM_EMAIL
    )
    no_server = _("No mail server is named: letters reach nobody.")
    yield Setting(_("Mail"), sender if has_mail_server() else no_server, variable="EMAIL_URL")
    must = MUST[settings.REQUIRE_SECOND_FACTOR]
    yield Setting(_("Second factor"), must, variable="TANDEM_REQUIRE_SECOND_FACTOR")
    idle = settings.SESSION_IDLE
    hours = round(idle / timedelta(hours=1))
    length = _("{number} days").format(number=idle.days) if idle.days > 1 else hours_words(hours)
    out = _("Who does nothing for {length} is signed out.").format(length=length)
    yield Setting(_("Signing out"), out, variable="TANDEM_SESSION_IDLE_MINUTES")
