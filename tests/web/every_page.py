"""Every page there is, by who reads it, for a site with something on each."""

from datetime import date, time, timedelta

from tandem.kit.weekly import Weekly
from tandem.lessons.models import Closure, Deed, Session, TimeOff
from tandem.lessons.series import NewSeries, plan_series
from tandem.lessons.series_exceptions import stop_series
from tandem.people.calendar_feeds import create_family_feed, create_feed
from tandem.people.guardians import create_guardian
from tandem.people.models import Account, AddressChange, Guardian, ParentLink, Student
from tandem.people.requester import Requester
from tandem.people.tokens import create_token, hash_of
from tandem.people.wish_rules import Wanted
from tandem.people.wishes import create_wish
from tandem.upgrade.models import UnlinkedLegacyRow
from tests.cast import NOW, Cast, at, third, user
from tests.web.passkey import kept

NOWHERE = "/nowhere"
"""An address at which there is nothing."""


def pages_of(cast: Cast) -> dict[Account | None, list[str]]:
    """Return every page there is, by who reads it."""
    ana, ben, link = cast.ana.pk, cast.ben.pk, cast.ben_ana.pk
    ahead, faulty = (
        Session.objects.filter(tutor=ben, legacy_fault=fault).order_by("-starts_at")[0].pk
        for fault in ("", "overlap")
    )
    unlinked = UnlinkedLegacyRow.objects.get().pk
    to_dev = f"to_tutor_id={cast.dev.pk}&on=2026-11-02&future_sessions=move"
    off = TimeOff.objects.get().pk
    by_dev = f"look=1&cover_{Session.objects.get(starts_at=at(9, 16)).pk}={cast.dev.pk}"
    somebody, secret = user(cast.ben), "secret"
    Student.objects.create(full_name="Una", kept_link="4711")
    ParentLink.objects.create(student=cast.ana, to_send=True, last_day=date(2199, 1, 7))
    token, _ = create_token(account=cast.owner, now=NOW, name="Report" * 20, expires_in=90)
    feed, _ = create_feed(account=cast.owner, now=NOW, kind="owner")
    create_family_feed(token=cast.ana.parent_link_token or "", now=NOW)
    create_token(account=somebody, now=NOW - timedelta(days=2), name="Old", expires_in=1)
    for account in (somebody, cast.owner):
        AddressChange.objects.create(
            account=account,
            email=f"new-{account.email}",
            secret_hash=hash_of(secret if account == somebody else ""),
            asked_by=cast.owner,
            asked_at=NOW,
        )
    passkey = kept(cast.owner, "A telephone with a long name, in the drawer beside the door").pk
    of_both = a_guardian(cast)
    wanted = Wanted("Latin", "advanced", [Weekly(4, time(16), time(17, 30))])
    wish = create_wish(requester=Requester(cast.owner, NOW), student_id=ana, wanted=wanted).pk
    coming = Session.objects.filter(student=ana, status="scheduled", starts_at__gt=NOW)
    theirs = list(coming.order_by("starts_at").values_list("pk", flat=True)[:1])
    strangers = [
        f"/family/{of_both.link_token}",
        f"/family/{of_both.link_token}/{ana}",
        *(f"/accounts/{page}/" for page in ENTRANCES),
        NOWHERE,
        f"/parent/{cast.ana.parent_link_token}/calendar",
        *(f"/parent/{cast.ana.parent_link_token}/sessions/{pk}/cancel" for pk in (*theirs, "no")),
        f"/family/{of_both.link_token}/{ana}/sessions/{theirs[0]}/cancel",
        *(f"/parent/{token}" for token in (cast.ana.parent_link_token, "nothing")),
    ]
    owners = [
        "/accounts/logout/",
        "/",
        *(
            "/students",
            "/students?q=nobody",
            "/find?q=b",
            "/settings/business",
            "/students/new",
            "/students/match",
            "/students/import",
            "/tutors/import",
            f"/students/{ana}",
            f"/students/{ana}?as_of=2026-11-09",
        ),
        *(f"/students/{ana}/{page}" for page in STUDENT_PAGES),
        *(f"/wishes/{wish}/{page}" for page in ("edit", "remove")),
        f"/guardians/{of_both.pk}",
        *(f"/guardians/{of_both.pk}/{page}" for page in GUARDIAN_PAGES),
        f"/guardians/{of_both.pk}/remove?student={ana}",
        f"/guardians/{of_both.pk}/take-back/{ana}",
        f"/relationships/{link}",
        *(f"/relationships/{link}/{page}" for page in RELATIONSHIP_PAGES),
        f"/relationships/{link}/end?on=2026-11-02",
        f"/relationships/{link}/transfer?{to_dev}",
        *(
            "/sessions",
            "/calendar",
            "/calendar/plan",
            "/calendar?view=day",
            "/calendar?view=month",
            f"/sessions/{ahead}",
        ),
        *(f"/sessions/{ahead}/{verb}" for verb in ("complete", "edit", "move", "cancel")),
        *("/tutors", "/tutors/new", f"/tutors/{ben}"),
        *(f"/tutors/{ben}/{page}" for page in ("edit", "subjects", "invite", "erase", "take-back")),
        f"/tutors/{ben}/transfer?{to_dev}",
        *(f"/tutors/{ben}/leave{query}" for query in ("", "?on=2026-11-16&future_sessions=move")),
        *(f"/tutors/{ben}/{page}" for page in ("week", "time-off", f"time-off/{off}/remove")),
        *(f"/tutors/{ben}/time-off/{off}/cover{query}" for query in ("", f"?{by_dev}")),
        *(f"/tutors/{ben}/time-off/{off}/back{query}" for query in ("", "?back_on=2026-11-02")),
        *(f"/sessions/{ahead}/group", f"/sessions/{ahead}/cover", "/calendar?date=2026-11-09"),
        *(f"/sessions/{ahead}/swap", f"/attention/unlinked/{unlinked}/leave"),
        *("/account/devices/end", "/account/devices/nothing/end"),
        *("/account", "/account/tokens/new", "/account/address", "/account/address/withdraw"),
        *(f"/account/calendars/new/{kind}" for kind in ("tutor", "owner")),
        *("/account/second-factor/add", "/account/second-factor/passkeys/add"),
        *("/account/second-factor/codes", "/account/second-factor/codes/new"),
        *(f"/account/second-factor/passkeys/{passkey}/{page}" for page in ("name", "remove")),
        f"/account/calendars/{feed.pk}/end",
        *(f"/account/tokens/{token.pk}/revoke", "/accounts", "/accounts/password/set/"),
        *(f"/accounts/{somebody.pk}/{page}" for page in ("close", "reopen", "address")),
        *("/account/address/nothing", f"/account/address/{secret}"),
        "/upgrade",
        *("/attention", "/attention?kind=sessions", "/attention?kind=unlinked"),
        "/attention?kind=plans",
        "/notices/changes/en",
        f"/attention/students/{Student.objects.get(legacy_fault='dangling_tutor').pk}",
        f"/attention/relationships/{cast.ben_cleo.pk}",
        *(f"/attention/sessions/{faulty}", f"/attention/unlinked/{unlinked}?q=ana"),
        f"/attention/unlinked/of/{ana}",
        *("/attention?kind=links", "/attention/links", "/attention/links/new"),
        *(f"/attention/links/{page}" for page in ("mail", "told")),
    ]
    return {
        None: strangers,
        somebody: ["/account/letters", "/settings"],
        cast.owner: owners + later_pages_of(cast),
    }


def a_guardian(cast: Cast) -> Guardian:
    """Return the guardian of two students, at an address that takes no mail."""
    made: Guardian = create_guardian(
        requester=Requester(cast.owner, NOW),
        student_ids=[cast.ana.pk, cast.cleo.pk],
        fields={"full_name": "Maria Ruiz", "email": "maria@home.example", "phone": "0123"},
    )
    Guardian.objects.filter(pk=made.pk).update(email_refused_at=NOW)
    return made


def pages_of_a_group(cast: Cast) -> list[str]:
    """Return the pages of weekly lessons of two students, whom a third may join."""
    joins, both = third(cast, "Finn Moss-Featherstonehaugh").pk, (cast.ben_cleo.pk,)
    monday = date(2027, 2, 1)
    wanted = NewSeries(cast.ben_ana.pk, "FREQ=WEEKLY;COUNT=4", monday, time(18), 60, together=both)
    plan = plan_series(requester=Requester(cast.owner, NOW), wanted=wanted)
    series, session = plan.series.pk, plan.sessions[0].pk
    change = "scope=all&weekday=TU&starts=08:00&minutes=60&for_whom=group"
    new = f"first_date={monday}&starts=18:30&minutes=60&every=1&times=3&together={both[0]}"
    return [
        f"/series/{series}",
        f"/series/{series}/change?{change}",
        f"/series/{series}/stop?on=2027-02-08&for_whom=group",
        f"/series/{series}/skip/{monday}",
        *(f"/series/{series}/join{query}" for query in ("", f"?who={joins}&since={monday}")),
        *(f"/sessions/{session}{page}" for page in ("", "/join")),
        f"/relationships/{cast.ben_ana.pk}/series/new?{new}",
    ]


def later_pages_of(cast: Cast) -> list[str]:
    """Return the pages of what goes over many lessons, days and people, for an owner."""
    ana, link = cast.ana.pk, cast.ben_ana.pk
    wanted = NewSeries(link, "FREQ=WEEKLY;COUNT=4", date(2026, 11, 17), time(7), 60)
    series = plan_series(requester=Requester(cast.owner, NOW), wanted=wanted).series.pk
    stop_series(requester=Requester(cast.owner, NOW), series_id=series, on=date(2026, 12, 8))
    days = {"starts_on": date(2026, 12, 21), "ends_on": date(2027, 1, 4)}
    closure = Closure.objects.create(name="Christmas", **days).pk
    new = "first_date=2026-10-20&starts=06:00&minutes=60&every=1&times=3"
    change = "scope=all&since=2026-11-17&weekday=TU&starts=08:00&minutes=60"
    close = "name=Easter&first_day=2026-11-09&last_day=2026-11-10&sessions=cancel"
    return [
        *pages_of_a_group(cast),
        *(f"/relationships/{link}/series/new{query}" for query in ("", f"?{new}")),
        f"/series/{series}",
        *(f"/series/{series}/change{query}" for query in ("", f"?{change}")),
        *(f"/series/{series}/stop{query}" for query in ("", "?on=2026-11-24")),
        f"/series/{series}/skip/2026-11-24",
        f"/series/{series}/restore/2026-12-01",
        "/deeds",
        *(f"/deeds/{deed.pk}/undo" for deed in Deed.objects.all()),
        *("/cancelling", "/notices", "/settings", "/account/letters", "/account/language"),
        *("/students?as_of=2026-11-02&sort=year", "/tutors?sort=-teaching", "/sessions?sort=-when"),
        *("/reports?by=student&tutor=Ben&sort=-minutes", "/sessions?student=a"),
        *(
            f"/tutors/{cast.ben.pk}/time-off?first_day=2026-11-01&last_day=2026-11-30&sessions={do}"
            for do in ("keep", "cancel", "cover", "move")
        ),
        *("/closures", f"/closures/{closure}", f"/closures/{closure}/open"),
        *(f"/closures/new{query}" for query in ("", f"?{close}", f"?{close}&last_day=2026-11-01")),
        *("/reports", "/reports?by=subject", "/reports?first_day=1800-01-01"),
        "/reports/outcomes?first_day=2026-10-01&last_day=2026-11-30&by=student",
        *(f"/students/{ana}/{page}" for page in ("changes", "reads", "export")),
        *(f"/tutors/{cast.ben.pk}/{page}" for page in ("changes", "export")),
        f"/accounts/{user(cast.ben).pk}/changes",
    ]


ENTRANCES = (
    *("login", "login/code", "password/reset", "password/reset/done", "password/reset/key/x-y"),
    *("password/reset/key/done", "signup", "inactive"),
)
STUDENT_PAGES = (
    "sessions",
    "edit",
    "pair",
    "ask",
    "link",
    "mail",
    "erase",
    "guardians/new",
    "take-back",
    "wishes/new",
)
GUARDIAN_PAGES = ("edit", "remove", "link", "unlink", "mail")
RELATIONSHIP_PAGES = (
    *("subject", "pause", "resume", "primary", "notes", "accept", "decline"),
    *("sessions/new", "end", "transfer", "undo", "reopen", "take-back"),
)
