"""What becomes of lessons in hours that are no longer free: of all at once, and of each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django import forms
from django.utils import timezone

from tandem.insights.offers import Offers
from tandem.lessons.models import Session
from tandem.lessons.touched import Decision
from tandem.web.forms.sheet import Sheet, text

MOST_ASKED = 60
"""So many lessons are asked about one by one; what is said of all holds for the others."""
WORDS = {
    "keep": "Keep them",
    "cancel": "Cancel them",
    "cover": "Let the best substitute cover each",
    "move": "Move each to the nearest free hour",
}
NOT_ANY_MORE = "This cannot be chosen any more. Choose again."


class DecidingSheet(Sheet):
    """Lessons that are touched are asked about once it is known which they are.

    A choice is ``keep``, ``cancel``, ``cover`` with a tutor, or ``move`` with a moment.
    """

    sessions = forms.ChoiceField(label="Lessons in these hours")
    cancel_reason = text("Why, of lessons that are cancelled", required=False)
    plan = forms.CharField(widget=forms.HiddenInput, required=False)
    touched: Sequence[Session] = ()
    offers: Mapping[str, Offers] = {}

    def let_decide(self, *allowed: str, first: str) -> None:
        """Offer these for all lessons at once, ``first`` unless another is chosen."""
        self.fields["sessions"].choices = [(one, WORDS[one]) for one in allowed]  # type: ignore[attr-defined]
        self.initial.setdefault("sessions", first)

    def ask_about(self, touched: Sequence[Session], offers: Mapping[str, Offers]) -> None:
        """Ask what becomes of each of these lessons (with their people), and read the answers.

        Where another choice was made for all of them, it is the answer for each.
        """
        self.touched, self.offers = touched, offers
        do = self.data.get("sessions", "keep")
        is_anew = self.data.get("decided_as", do) != do
        for one in touched[:MOST_ASKED]:
            name, best = f"do_{one.pk}", _best(do, offers.get(one.pk, Offers()))
            self.fields[name] = forms.ChoiceField(
                label=_lesson(one),
                choices=list(_choices(self.fields["sessions"], offers.get(one.pk, Offers()))),
                error_messages={"invalid_choice": NOT_ANY_MORE},
            )
            if is_anew or name not in self.data:
                self.carry(name, best)
        self.full_clean()

    def decisions(self) -> list[Decision]:
        """Return what was chosen for each lesson."""
        do, reason = self.cleaned_data["sessions"], self.cleaned_data["cancel_reason"]
        return [
            _decision(
                one,
                self.cleaned_data.get(f"do_{one.pk}")
                or _best(do, self.offers.get(one.pk, Offers())),
                reason,
            )
            for one in self.touched
        ]


def _best(do: str, offers: Offers) -> str:
    """Return what a choice for all means for one lesson; without an offer it is kept."""
    if do == "cover":
        return f"cover {offers.cover}" if offers.cover else "keep"
    if do == "move":
        return f"move {offers.move.starts_at.isoformat()}" if offers.move else "keep"
    return "cancel" if do == "cancel" else "keep"


def _choices(of_all: forms.Field, offers: Offers) -> Iterator[tuple[str, str]]:
    allowed = {value for value, _ in of_all.choices}  # type: ignore[attr-defined]
    yield "keep", "Keep it"
    yield "cancel", "Cancel it"
    for one in offers.covers if "cover" in allowed else ():
        yield f"cover {one.facts.id}", f"{one.facts.name} covers. {' '.join(one.reasons)}".rstrip()
    for span in offers.hours if "move" in allowed else ():
        yield f"move {span.starts_at.isoformat()}", f"Move it to {_moment(span.starts_at)}"


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


def _lesson(session: Session) -> str:
    subject = session.tutor_student.subject
    about = f", {subject}" if subject else ""
    who = f"{session.student.full_name or 'this student'} with {session.tutor}"
    return f"{_moment(session.starts_at)}: {who}{about}"


def _moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%a %-d %b %Y, %H:%M}"
