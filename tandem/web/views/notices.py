"""Notices to families and tutors: on or off, each text beforehand, what waits and what failed."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tandem.kit.errors import NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons.diary_letters import choose_kinds, kinds_told
from tandem.lessons.letter_texts import PARTS, lock_text, own_text, own_texts, write_text
from tandem.lessons.letter_words import LANGUAGES
from tandem.lessons.letters import example
from tandem.lessons.notices import change_notices, notice_settings
from tandem.lessons.outbox import Notice
from tandem.lessons.sending import REFUSED, failed_notices, waiting_notices
from tandem.people.rules import check_has_diary, check_owner
from tandem.web.forms.notices import LetterTextSheet, NoticesSheet, OwnNoticesSheet
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act, last_change, settings_trail
from tandem.web.views.own_account import own_trail

MOST_FAILED = 20
WHEN = {
    Notice.Kind.CHANGES: gettext_lazy("When lessons are planned, moved, cancelled or covered"),
    Notice.Kind.REMINDER: gettext_lazy("From four in the afternoon, on the day before"),
    Notice.Kind.SUMMARY: gettext_lazy("On Sundays from four in the afternoon"),
    Notice.Kind.DIARY: gettext_lazy("To tutors, when others change something in their diary"),
}
WHY = {REFUSED: gettext_lazy("the mail server refuses the address, or it is none")}
CONSOLE = "tandem.kit.console_mail.EmailBackend"


@form_page
def notices(request: PageRequest) -> HttpResponse:
    """Owners read and switch them."""
    check_owner(is_owner=request.reader.viewer.is_owner, doing=_("switch notices"))
    now, own = notice_settings(), own_texts()
    form = bind_form(request, NoticesSheet, initial={"is_on": now.is_on, "kinds": now.kinds})
    done = submit(
        request,
        form,
        lambda given: change_notices(requester=request.reader, **given),
        to=lambda _row: reverse("notices"),
        success_message=_("Saved. What is done from now on is told like this."),
    )
    return done or act(
        request,
        form,
        heading=_("What are families told by e-mail?"),
        button=_("Save"),
        trail=settings_trail(),
        intro=last_change(now),
        template="notices.html",
        is_on=now.is_on,
        waiting=waiting_notices().count(),
        failed=[
            (one, WHY.get(one.failure, _("the mail server took it in none of many tries")))
            for one in failed_notices()[:MOST_FAILED]
        ],
        texts=[
            (
                kind,
                when,
                [(one, example(kind, one, own.get((kind, one.language)))) for one in LANGUAGES],
            )
            for kind, when in WHEN.items()
        ],
        no_server=CONSOLE == settings.EMAIL_BACKEND,
    )


@form_page
def letter_text(request: PageRequest, kind: str, language: str) -> HttpResponse:
    """An owner writes what letters of a kind say, and sees one as it goes out."""
    check_owner(is_owner=request.reader.viewer.is_owner, doing=_("write what letters say"))
    words = next((one for one in LANGUAGES if one.language == language), None)
    if words is None or kind not in WHEN:
        raise NotFoundError("letter", f"{kind} {language}")
    own = own_text(kind, language)
    initial = {name: getattr(own, name) for name in PARTS}
    form = bind_form(request, LetterTextSheet, initial=initial, row=own)
    done = submit(
        request,
        form,
        lambda given: write_text(requester=request.reader, kind=kind, language=language, **given),
        to=lambda _row: reverse("letter_text", args=[kind, language]),
        success_message=_("Saved. The letter below is how it goes out now."),
        seen=lambda: lock_text(kind, language),
    )
    return done or act(
        request,
        form,
        heading=_("What do these letters say?"),
        button=_("Save"),
        trail=[*settings_trail(), (reverse("notices"), _("Notices"))],
        intro=[
            f"{WHEN[Notice.Kind(kind)]}. {words.name}.",
            _(
                "What is left empty is said in Tandem’s own words. {names} stands for the names of "
                "those whom the letter is about."
            ),
            *last_change(own),
        ],
        template="letter_text.html",
        letter=example(kind, words, own),
        words=words,
    )


@form_page
def own_notices(request: PageRequest) -> HttpResponse:
    """A tutor chooses what they are told of their own diary."""
    if request.method != "POST" and request.reader.viewer.tutor_id is None:
        return render(request, "accounts/no_diary.html")
    tutor_id = check_has_diary(request.reader.viewer.tutor_id)
    form = bind_form(request, OwnNoticesSheet, initial={"kinds": kinds_told(tutor_id)})
    done = submit(
        request,
        form,
        lambda given: choose_kinds(requester=request.reader, **given),
        to=lambda _row: reverse("account"),
        success_message=_("Saved."),
    )
    off = _("Notices are off for everybody at the moment: an owner switches them on.")
    return done or act(
        request,
        form,
        heading=_("What are you told about your diary?"),
        button=_("Save"),
        trail=own_trail(),
        intro=[] if notice_settings().is_on else [off],
    )
