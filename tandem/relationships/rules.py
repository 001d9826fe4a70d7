"""What may become of a relationship, and who may say so. Facts in, decision out; no database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tandem.kit.errors import ConflictError, ForbiddenError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy, ngettext
from tandem.kit.language import gettext_noop as mark
from tandem.kit.time import day_in_words, days_in_words

OPEN = frozenset({"active", "paused"})
ALLOWED: Mapping[str, frozenset[str]] = {
    mark("accept"): frozenset({"pending"}),
    mark("decline"): frozenset({"pending"}),
    mark("change the subject of"): OPEN,
    mark("pause"): frozenset({"active"}),
    mark("resume"): frozenset({"paused"}),
    mark("give the primary mark to"): OPEN,
    mark("end"): OPEN,
    mark("transfer"): OPEN,
    mark("undo the transfer to"): OPEN,
    mark("correct the start of"): frozenset({*OPEN, "ended"}),
    mark("correct the end of"): frozenset({"ended"}),
    mark("reopen"): frozenset({"ended"}),
}
"""Each verb -> the states of a relationship in which it makes sense."""
UNTIL_ITS_END = frozenset({"change the subject of", "pause", "resume"})
"""What is possible until an end that lies ahead. All else looks at what it comes to."""
INSTEAD: Mapping[str, str] = {
    "give the primary mark to": mark("Take its end back first, or choose one that goes on."),
    "transfer": mark(
        "Take its end back first (where another tutor takes over then, undo that "
        "transfer), or pair the student with the other tutor from that day on."
    ),
    "end": mark("Another tutor takes over then: undo that transfer instead."),
}
"""What to do where an end that lies ahead refuses a verb."""


NEEDS_TUTOR = gettext_lazy(
    "Name the primary tutor: a subject, a first day and further tutors are kept with one."
)
"""Why a student whom nobody teaches yet is added with neither."""
SAID = (mark("pending"), mark("active"), mark("paused"), mark("ended"), mark("declined"))
"""The states as a sentence says them."""


@dataclass(frozen=True)
class RelationshipState:
    """Everything about a relationship that its history accounts for; ids for the rows it names."""

    id: str
    tutor: str
    student: str
    subject: str | None
    started_on: date
    ended_on: date | None = None
    status: str = "active"
    is_primary: bool = False
    kind: str = "regular"
    transferred_from: str | None = None
    is_end_doubtful: bool = field(default=False, compare=False)
    """Whether it was imported as open with an end; its history says nothing of that."""

    @property
    def ends_on(self) -> date | None:
        """The day on which it ends, behind or ahead; a doubtful one is none until repaired."""
        return None if self.is_end_doubtful else self.ended_on

    @property
    def has_end(self) -> bool:
        """Whether the day on which it ends is known."""
        return self.ends_on is not None

    @property
    def is_open(self) -> bool:
        """Whether it goes on, active or paused, with no end known."""
        return self.status in OPEN and not self.has_end

    @property
    def final_status(self) -> str:
        """What it comes to: ``ended`` where it has an end, else what was decided."""
        return "ended" if self.status in OPEN and self.has_end else self.status

    def on(self, day: date) -> str:
        """Return what it is on ``day``: between its dates what was decided, active or paused.

        ``planned`` before it starts, ``ended`` from its end on. Before an end that lies ahead it
        goes on; one that begins and ends on one day holds on none, so it is ``ended`` before too.
        An imported end on an open relationship is doubtful and ends nothing; one of which nobody
        knows when it ended is ``ended`` on every day.
        """
        if self.status not in OPEN:
            return self.status
        if self.ends_on is not None and self.ends_on <= max(day, self.started_on):
            return "ended"
        return "planned" if day < self.started_on else self.status

    def ends_after(self, day: date) -> bool:
        """Tell whether it has an end that lies ahead of ``day``, and is no dated cover."""
        return self.has_end and self.kind == "regular" and self.on(day) in {*OPEN, "planned"}

    def takes_place_on(self, day: date) -> bool:
        """Tell whether it takes one of its tutor's places on ``day``; a dated cover takes none."""
        if self.kind == "cover" and self.ended_on is not None:
            return False
        return self.on(day) in OPEN

    def holds_from(self, day: date) -> bool:
        """Tell whether it holds on ``day`` or on any day after it; pending counts, declined not."""
        if self.status == "declined":
            return False
        return self.ends_on is None or self.ends_on > max(day, self.started_on)


def check_status(verb: str, standing: RelationshipState, day: date) -> None:
    """Refuse a verb of ``ALLOWED`` that the relationship's state has no room for on ``day``."""
    ends_later = standing.ends_after(day)
    is_until_then = ends_later and verb in UNTIL_ITS_END
    if (standing.status if is_until_then else standing.final_status) in ALLOWED[verb]:
        return
    raise ConflictError(
        "wrong_status",
        _("You cannot {verb} this relationship: {why}").format(
            verb=_(verb), why=_why_not(verb, standing, day)
        ),
        {"tutorStudentId": standing.id, "status": standing.on(day)},
    )


def _why_not(verb: str, standing: RelationshipState, day: date) -> str:
    """Return what a relationship is on ``day``, in words, and what to do instead."""
    if standing.kind == "cover" and standing.status in OPEN and standing.ended_on:
        days = days_in_words(standing.started_on, standing.ended_on)
        return _("it only covers on {days}.").format(days=days)
    if standing.ended_on and standing.ends_after(day) and verb in INSTEAD:
        text = _("it ends on {day}. {instead}")
        return text.format(day=day_in_words(standing.ended_on), instead=_(INSTEAD[verb]))
    state = standing.on(day)
    said = "paused" if (state, standing.status) == ("planned", "paused") else state
    return _("it is {status}.").format(status=_(said))


def check_counts_from(standing: RelationshipState, on: date | None, today: date) -> None:
    """Refuse a day ahead, or before the start, for what holds from now on; None is today."""
    if on is None:
        return
    if on > today:
        raise invalid(
            "on",
            _(
                "This holds at once, so the day cannot lie ahead. Nothing is changed: come back on "
                "{day}."
            ).format(day=day_in_words(on)),
        )
    if on < min(standing.started_on, today):
        raise invalid(
            "on",
            _("It started on {started_on}, so this cannot hold before.").format(
                started_on=day_in_words(standing.started_on)
            ),
        )


def check_pairing(
    existing: Iterable[RelationshipState],
    *,
    tutor: str,
    subject: str | None,
    started_on: date,
    ended_on: date | None = None,
    names: Callable[[], tuple[str, str]] | None = None,
) -> None:
    """Refuse a second relationship of the same tutor, student and subject over the same days.

    The days are those from ``started_on`` up to, not on, ``ended_on``; None is no end. ``names``
    returns the tutor's and the student's, for whoever may be told which days are taken.
    """
    last = ended_on or date.max
    for other in existing:
        same = (other.tutor, other.subject) == (tutor, subject)
        is_before_end = max(other.started_on, started_on) < last
        if same and is_before_end and other.holds_from(started_on):
            raise ConflictError(
                "already_paired",
                taken_in_words(other, *names())
                if names
                else _("This tutor and student already have a relationship in this subject then."),
                {"tutorStudentId": other.id},
            )


def taken_in_words(other: RelationshipState, tutor: str, student: str) -> str:
    """Return which relationship has days already, or who covers on them."""
    days = day_in_words(other.started_on)
    sentence = _(
        "{tutor} and {student} already have a relationship in this subject from {days} on."
    )
    if other.ends_on:
        days = days_in_words(other.started_on, other.ends_on)
        sentence = _(
            "{tutor} and {student} already have a relationship in this subject from {days}."
        )
    if other.kind == "cover":
        sentence = _(
            "{tutor} covers lessons of {student} in this subject on {days}. Undo that cover first, "
            "or choose a later day."
        )
    return sentence.format(tutor=tutor, student=student, days=days)


def check_tutor_active(*, active: bool) -> None:
    """Refuse new students for a tutor who no longer works here."""
    if not active:
        raise ConflictError(
            "tutor_inactive", _("This tutor is inactive, so takes no new students.")
        )


def check_end(standing: RelationshipState, on: date) -> None:
    """Refuse an end before the start."""
    if on < standing.started_on:
        raise invalid(
            "ended_on",
            _("It started on {started_on}, so cannot end before.").format(
                started_on=day_in_words(standing.started_on)
            ),
        )


def check_kind(kind: str, *, started_on: date, ended_on: date | None, is_primary: bool) -> None:
    """Refuse a cover without an end or as the primary, and any other pairing with an end."""
    if kind != "cover":
        if ended_on is not None:
            raise invalid(
                "ended_on", _("Only a cover is made with its end; end others afterwards.")
            )
        return
    if ended_on is None:
        raise invalid("ended_on", _("A cover needs an end: the day after its last."))
    if ended_on <= started_on:
        raise invalid(
            "ended_on",
            _("It starts on {started_on}, so ends on a later day.").format(
                started_on=day_in_words(started_on)
            ),
        )
    if is_primary:
        raise invalid("is_primary", _("A cover is never the primary one."))


def check_may_be_primary(kind: str) -> None:
    """Refuse the mark to a cover."""
    if kind == "cover":
        raise ConflictError("only_cover", _("A cover is never the primary one."))


def check_start(standing: RelationshipState, started_on: date) -> None:
    """Refuse a start after the end."""
    if standing.ended_on is not None and started_on > standing.ended_on:
        raise invalid(
            "started_on",
            _("It ends on {ended_on}, so cannot start after.").format(
                ended_on=day_in_words(standing.ended_on)
            ),
        )


def check_sound(fault: str) -> None:
    """Refuse to correct what came over wrong: it has a repair of its own."""
    if fault:
        raise ConflictError(
            "has_fault",
            _(
                "This relationship came over with wrong dates: "
                "repair it under Needs attention first."
            ),
        )


def check_own_end(*, is_undone: bool) -> None:
    """Refuse to reopen what ended because the transfer that began it was undone."""
    if is_undone:
        raise ConflictError(
            "undone",
            _("The transfer that began this relationship was undone. Transfer the student again."),
        )


def check_reopened_kind(kind: str) -> None:
    """Refuse to reopen a cover, which is over with its days."""
    if kind == "cover":
        raise ConflictError(
            "only_cover", _("A cover is over with its day. Find cover anew instead.")
        )


def check_no_sessions(sessions: Sequence[str]) -> None:
    """Refuse to remove a relationship with sessions (ids), called off ones too."""
    if sessions:
        raise ConflictError(
            "has_sessions",
            ngettext(
                "This relationship has {number} session, which removing it would lose. End it "
                "instead.",
                "This relationship has {number} sessions, which removing it would lose. End it "
                "instead.",
                len(sessions),
            ).format(number=len(sessions)),
            {"sessions": list(sessions)},
        )


def check_owner(*, is_owner: bool, doing: str) -> None:
    """Refuse ``doing`` to everybody but an owner."""
    if not is_owner:
        raise ForbiddenError(_("Only an owner can {doing}.").format(doing=doing))


def check_teacher(*, is_owner: bool, is_own: bool) -> None:
    """A relationship is changed by an owner, or by the tutor in it."""
    if not (is_owner or is_own):
        raise ForbiddenError(_("Only an owner, or the tutor in this relationship, can change it."))


def check_pairer(*, is_owner: bool, for_self: bool, teaches_now: bool) -> None:
    """A pairing is made by an owner, or by a tutor for themselves with a student they teach now."""
    if not (is_owner or (for_self and teaches_now)):
        raise ForbiddenError(_("Only an owner can do that; you can send a request instead."))
