"""What becomes of lessons in hours that are no longer free: of all at once, and of each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from tandem.insights.offers import Offers, held_together
from tandem.kit.dates import moment_words
from tandem.kit.language import and_list, gettext_lazy
from tandem.kit.language import gettext as _
from tandem.lessons.cancelling_rules import LONGEST_REASON
from tandem.lessons.models import Session
from tandem.lessons.touched import Decision
from tandem.web.forms.reasons import ReasonedChoice, Reasons
from tandem.web.forms.sheet import FIRST_DAY, LAST_DAY, ActionForm, text
from tandem.web.lines import lesson_line

MOST_ASKED = 60
"""So many lessons are asked about one by one; what is said of all holds for the others."""
WORDS = {
    "keep": gettext_lazy("Keep them"),
    "cancel": gettext_lazy("Cancel them"),
    "cover": gettext_lazy("Best substitute for each"),
    "move": gettext_lazy("Each to the next free hour"),
}
BY_WHICH_RULE = gettext_lazy(
    "The next free hour is at the lesson’s own time on the next day that is free, then at another "
    "time in the tutor’s week; an earlier one only after all later ones. Nobody gets less than "
    "24 hours’ notice of it, unless the lesson itself is nearer."
)
NOT_ANY_MORE = gettext_lazy("This cannot be chosen any more. Choose again.")


class DecidingSheet(ActionForm):
    """Lessons that are touched are asked about once it is known which they are.

    A choice is ``keep``, ``cancel``, ``cover`` with a tutor, or ``move`` with a moment.
    """

    sessions = forms.ChoiceField(
        label=gettext_lazy("Lessons in these hours"), help_text=BY_WHICH_RULE
    )
    cancel_reason = text(
        gettext_lazy("Why, of lessons that are cancelled"), required=False, longest=LONGEST_REASON
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)
    touched: Sequence[Session] = ()
    offers: Mapping[str, Offers] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.filled: dict[str, str] = {}
        """What was filled in for each lesson from the choice for all, for the form to carry."""

    def let_decide(self, *allowed: str, first: str) -> None:
        """Offer these for all lessons at once, ``first`` unless another is chosen."""
        self.fields["sessions"].choices = [(one, WORDS[one]) for one in allowed]  # type: ignore[attr-defined]
        self.initial.setdefault("sessions", first)

    def ask_about(self, touched: Sequence[Session], offers: Mapping[str, Offers]) -> None:
        """Ask what becomes of each of these lessons (with their people), and read the answers.

        A group is one lesson. What somebody chose for a lesson stays; what was only filled in from
        the choice for all follows it when it is another.
        """
        self.touched, self.offers = touched, offers
        do = self.data.get("sessions", "keep")
        for lesson in self._asked():
            first = lesson[0]
            name, offered = f"do_{first.pk}", offers.get(first.pk, Offers())
            best, chosen = _best(do, offered), self.data.get(name)
            is_filled_in = chosen is None or chosen == self.data.get(f"filled_{first.pk}")
            if is_filled_in:
                self.carry(name, best)
            self.filled[f"filled_{first.pk}"] = best if is_filled_in else ""
            of_all = self.fields["sessions"]
            covers = offered.covers if "cover" in _allowed(of_all) else ()
            self.fields[name] = ReasonedChoice(
                label=_lesson(lesson),
                choices=list(_choices(of_all, offered, self.data[name])),
                reasons=[
                    Reasons(f"cover {one.facts.id}", one.facts.name, one.reasons) for one in covers
                ],
                error_messages={"invalid_choice": NOT_ANY_MORE},
            )
        self.full_clean()

    def decisions(self) -> list[Decision]:
        """Return what was chosen for each lesson; where one is refused, its field says why."""
        typed, found = self.cleaned_data, []
        asked = {one.pk: lesson[0].pk for lesson in self._asked() for one in lesson}
        self.places = {}
        for number, one in enumerate(self.touched):
            name = f"do_{asked.get(one.pk, one.pk)}"
            self.places[f"decisions.{number}"] = name
            best = _best(typed["sessions"], self.offers.get(one.pk, Offers()))
            found.append(_decision(one, typed.get(name) or best, typed["cancel_reason"]))
        return found

    def _asked(self) -> list[list[Session]]:
        return held_together(self.touched)[:MOST_ASKED]


def _best(do: str, offers: Offers) -> str:
    """Return what a choice for all means for one lesson; without an offer it is kept."""
    if do == "cover":
        return f"cover {offers.cover}" if offers.cover else "keep"
    if do == "move":
        return f"move {offers.move.starts_at.isoformat()}" if offers.move else "keep"
    return "cancel" if do == "cancel" else "keep"


def _choices(of_all: forms.Field, offers: Offers, chosen: str) -> Iterator[tuple[str, str]]:
    """Yield what can be chosen, with what was chosen before and is no offer any more."""
    allowed = _allowed(of_all)
    yield "keep", _("Keep it")
    yield "cancel", _("Cancel it")
    for one in offers.covers if "cover" in allowed else ():
        yield f"cover {one.facts.id}", _("{name} covers").format(name=one.facts.name)
    if "move" not in allowed:
        return
    moves = {
        one.starts_at: _("Move to {starts_at}").format(starts_at=_moment(one.starts_at))
        for one in offers.hours
    }
    if (before := _moment_of(chosen)) and before not in moves:
        moves[before] = _("Move to {before} (chosen before)").format(before=_moment(before))
    for starts_at, label in moves.items():
        yield f"move {starts_at.isoformat()}", label


def _allowed(of_all: forms.Field) -> set[str]:
    return {value for value, _label in of_all.choices}  # type: ignore[attr-defined]


def _moment_of(choice: str) -> datetime | None:
    """Return to when a choice moves a lesson; None for another one, or a moment that is none."""
    do, _, rest = choice.partition(" ")
    if do != "move":
        return None
    try:
        moment = datetime.fromisoformat(rest)
    except ValueError:
        return None
    is_near = FIRST_DAY < moment.date() < LAST_DAY
    return moment if is_near and moment.utcoffset() is not None else None


def _decision(session: Session, choice: str, reason: str) -> Decision:
    do, _, rest = choice.partition(" ")
    if do == "cover":
        return Decision(session.pk, "cover", tutor_id=rest)
    if do == "move":
        starts_at = datetime.fromisoformat(rest)
        ends_at = starts_at + (session.ends_at - session.starts_at)
        return Decision(session.pk, "move", starts_at=starts_at, ends_at=ends_at)
    if do == "cancel":
        return Decision(session.pk, "cancel", reason=reason)
    return Decision(session.pk, "keep")


def _lesson(lesson: Sequence[Session]) -> str:
    first = lesson[0]
    subject = first.tutor_student.subject
    about = f", {subject}" if subject else ""
    names = and_list([one.student.full_name or _("this student") for one in lesson])
    return lesson_line(_moment(first.starts_at), names, str(first.tutor)) + about


def _moment(moment: datetime) -> str:
    return moment_words(timezone.localtime(moment))
