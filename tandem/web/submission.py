"""Carrying out forms: once, on what was seen, all or nothing, and with nothing typed lost."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from tandem.kit.errors import NotFoundError, TandemError
from tandem.kit.language import gettext_lazy
from tandem.kit.transactions import one_transaction
from tandem.lessons.models import Deed
from tandem.web.changed_meanwhile import Changing, changed_meanwhile
from tandem.web.dashboard_cache import note_change
from tandem.web.deed_lines import deed_sentences
from tandem.web.errors import STATUS
from tandem.web.forms.sheet import KEY, SEEN, SHOWN, ActionForm, account_of_key, new_key
from tandem.web.forms.typed import (
    altered,
    chosen_otherwise,
    chosen_words,
    mark_of_sent,
    marks_of_shown,
    typed_texts,
)
from tandem.web.methods import require_http_methods
from tandem.web.models import SentForm
from tandem.web.reader import KEPT_FORM, PageRequest, View, led_to, signed_in, wants_fragment

S = TypeVar("S", bound=ActionForm)
T = TypeVar("T")
P = ParamSpec("P")
UNKEYED = gettext_lazy(
    "This form came without its key, so nothing was done. Look through it and send it again."
)
BACK = gettext_lazy(
    "This was not saved before you showed that it is you. Here is what you wrote: send it again."
)


class StaleError(TandemError):
    """The row was changed after its writer had seen it."""

    code = "conflict"

    def __init__(self, seen: str, sentence: str) -> None:
        self.seen = seen
        super().__init__(sentence)


def form_page(view: View[P]) -> View[P]:
    """Make a page of a form: read by GET, sent by POST, and what was sent before is not done again.

    It leads to where it led, even where what it was about is gone since.
    """

    @wraps(view)
    def run(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST" and (sent := _sent_before(request)):
            return _as_before(request, sent)
        return view(request, *args, **kwargs)

    return require_http_methods(["GET", "HEAD", "POST"])(signed_in(run))


def bind_form(
    request: PageRequest,
    form_class: type[S],
    *,
    initial: Mapping[str, Any] | None = None,
    row: Changing | None = None,
    **options: Any,
) -> S:
    """Return the form as it was sent, as it was kept over a new sign-in, or fresh.

    ``row`` is what the form changes: what is sent is carried out only on what was seen of it.
    """
    carried = {
        KEY: new_key(request.reader.viewer.account),
        SEEN: row.updated_at.isoformat() if row else "",
    }
    values = {**(initial or {}), **carried}
    if request.method == "POST":
        return form_class(request.POST, initial=values, **options)
    if kept := _kept(request):
        form = form_class(kept, initial=values, **options)
        if wants_fragment(request):  # else it would be said beside what is done next
            form.came_back = str(BACK)
        else:
            messages.info(request, BACK)
        return form
    form = form_class(initial=values, **options)
    form.initial[SHOWN] = marks_of_shown(form)
    return form


def submit(
    request: PageRequest,
    form: ActionForm,
    act: Callable[[dict[str, Any]], T],
    *,
    to: Callable[[T], str],
    success_message: str | Callable[[T], str],
    seen: Callable[[], Changing] | None = None,
    deed: Callable[[T], str] | None = None,
) -> HttpResponse | None:
    """Do what a form asks and lead on; None where there is nothing to do or it is refused.

    ``seen`` returns the row that the form showed, held still (``lessons.seen``) until ``act`` is
    done: where somebody changed it since, nothing is. ``deed`` returns the id of the deed that was
    done, to be undone by a button beside ``success_message``, a sentence or what returns one; or
    the address of the form that moves a session back; or, after a ``!``, one to which a button is
    sent; or ''.
    """
    if request.method != "POST" or form.only_looks or not form.is_valid():
        return None

    @one_transaction({})
    def run() -> tuple[str, str, str]:
        """Return what is said if it was done now, where it leads, and what could be undone."""
        sent = _claimed(request, form)
        if sent.led_to:
            return "", sent.led_to, ""
        if seen:
            _check_seen(request, form, seen())
        result = act(form.given())
        sent.led_to = to(result)
        sent.save(update_fields=["led_to"])
        told = success_message(result) if callable(success_message) else str(success_message)
        undoable = deed(result) if deed else ""
        return _with_names(request, told, undoable), sent.led_to, undoable

    try:
        told, address, undoable = run()
    except NotFoundError:
        raise
    except TandemError as refusal:
        _refuse(request, form, refusal)
        return None
    if told:
        note_change(request)
        messages.success(request, told, extra_tags=undoable)
    return led_to(request, address)


def _with_names(request: PageRequest, told: str, undoable: str) -> str:
    """Return what is said with whom a wide deed was about, which its sentence names."""
    if not told or not undoable or undoable.startswith(("/", "!")):
        return told
    viewer = request.reader.viewer
    rows = list(Deed.objects.filter(pk=undoable).prefetch_related("parts"))
    return " ".join([told, *deed_sentences(viewer, rows)])


def _refuse(request: PageRequest, form: ActionForm, refusal: TandemError) -> None:
    """Show a refusal on the form, and let it be sent again."""
    form.refuse(refusal, STATUS.get(refusal.code, 400))
    if isinstance(refusal, StaleError):
        form.beside(refusal.seen)
    if isinstance(refusal, UnkeyedError):
        form.carry(KEY, new_key(request.reader.viewer.account))


def page(
    request: PageRequest, template: str, form: ActionForm, context: Mapping[str, Any]
) -> HttpResponse:
    """Return the page on which a form stands, with the status of its refusal if it has one."""
    refused = request.method == "POST" and form.is_bound and bool(form.errors)
    status = form.status if refused else 200
    return render(request, template, {**context, "form": form}, status=status)


def _sent_before(request: PageRequest) -> SentForm | None:
    """Return the form that is sent as it was before; None where its key is nobody's or new."""
    account, key = request.reader.viewer.account, request.POST.get(KEY, "")
    if account is None or account_of_key(key) != account.pk:
        return None
    return SentForm.objects.filter(key=key, account=account).exclude(led_to="").first()


def _as_before(request: PageRequest, sent: SentForm) -> HttpResponse:
    """Lead to where it led; what was written or chosen otherwise this time is given back."""
    is_same = sent.texts in {"", mark_of_sent(request.POST)}
    if is_same or not (altered(request.POST) or chosen_otherwise(request.POST)):
        return led_to(request, sent.led_to)
    context = {
        "typed": typed_texts(request.POST),
        "chosen": chosen_words(request.POST),
        "address": sent.led_to,
    }
    return render(request, "sent_before.html", context, status=409)


def _claimed(request: PageRequest, form: ActionForm) -> SentForm:
    """Return the row of this form: with an address where it has been carried out before."""
    account, key = request.reader.viewer.account, form.cleaned_data[KEY]
    if account is None or account_of_key(key) != account.pk:
        raise UnkeyedError(UNKEYED)
    texts = mark_of_sent(request.POST)
    mine = SentForm(key=key, account=account, sent_at=request.reader.now, texts=texts)
    # Waits for another that has sent the same form and is not done yet.
    SentForm.objects.bulk_create([mine], ignore_conflicts=True)
    return SentForm.objects.get(pk=key)


class UnkeyedError(TandemError):
    """A form of nobody's making."""


def _check_seen(request: PageRequest, form: ActionForm, row: Changing) -> None:
    now, account = row.updated_at.isoformat(), request.reader.viewer.account
    if form.cleaned_data[SEEN] != now:
        raise StaleError(now, changed_meanwhile(row, account.pk if account else None))


def _kept(request: PageRequest) -> QueryDict | None:
    """Return, once, what its writer sent to this address while signed out."""
    kept = request.session.get(KEPT_FORM)
    account = request.reader.viewer.account
    if not kept or account is None or kept["path"] != request.get_full_path():
        return None
    del request.session[KEPT_FORM]
    if kept["account"] != account.pk:
        return None
    typed = QueryDict(kept["body"], mutable=True)
    typed[KEY] = new_key(account)
    return typed
