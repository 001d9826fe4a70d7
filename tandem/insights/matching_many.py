"""The best tutors for many students at once: who goes to whom so that all together fare best.

As many as can be get a tutor, who waited longest first; among such plans the one whose points
(``rules.cost``) are least, so that for each the same weighs as where one student is matched.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from tandem.insights import rules
from tandem.insights.assignment import Ints, Options, Takers, best_assignment
from tandem.insights.many_facts import CANNOT, Everybody, read_everybody
from tandem.insights.matching import Hours
from tandem.insights.rules import Facts, Match, Wish
from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.lessons import rules as lesson_rules
from tandem.people.models import Student, Subject
from tandem.people.queries import Viewer, visible_students
from tandem.people.rules import check_owner

MOST_OTHERS = 3


@dataclass(frozen=True)
class Looking:
    """A student who looks for a tutor: of what, how far, and when.

    Any of ``hours`` will do; ``lessons`` are planned already, and whoever takes them takes all.
    ``subject`` is a name, '' is any. ``since`` is the day from which on they have waited; None is
    the day on which they came. Who is ``already`` to teach them it (ids) takes none of it over.
    """

    student_id: str
    subject: str = ""
    level: str = ""
    hours: tuple[Hours, ...] = ()
    since: date | None = None
    lessons: tuple[Hours, ...] = ()
    already: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Placed:
    """What became of one who looks: a tutor with reasons and the hours, or why there is none.

    ``others`` would be next best, if nobody else went to them.
    """

    looking: Looking
    student: Student
    match: Match | None = None
    hours: Hours | None = None
    others: tuple[Match, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class _Possible:
    """The options of one who looks: the tutors' positions, points, and which hours they are at."""

    who: Ints
    points: Ints
    hours: Ints


def match_many(
    viewer: Viewer,
    looking: Sequence[Looking],
    *,
    leaving: str = "",
    since: date | None = None,
) -> list[Placed]:
    """Return the best plan for all who look, in the order given. Owners only.

    A student may stand there once for each subject. ``leaving`` is the id of a tutor who is offered
    to nobody and hands all of them over. Who has room has it on every day from ``since`` on, today
    unless said.

    As many queries for one as for thousands. InvalidError for a student who does not exist or is
    named twice for one subject, a subject that nobody has named before, a level without a subject,
    and hours that end before they begin.
    """
    check_owner(is_owner=viewer.is_owner, doing=_("match tutors to students"))
    students = _students(viewer, looking)
    subjects = _subjects(looking)
    hours = {one: None for wish in looking for one in wish.hours}
    for one in hours:
        lesson_rules.check_hours(one.starts_at, one.ends_at)
    hours |= {one: None for wish in looking for one in wish.lessons}
    since = since or viewer.day
    known = read_everybody(
        viewer, list(students), subjects.values(), hours, leaving=leaving, since=since
    )
    return _Matching(viewer, known, students, subjects).placed(looking)


class _Matching:
    """What could be of whom, by what is known of everybody."""

    def __init__(
        self,
        viewer: Viewer,
        known: Everybody,
        students: Mapping[str, Student],
        subjects: Mapping[str, Subject],
    ) -> None:
        self.viewer, self.known = viewer, known
        self.students, self.subjects = students, subjects
        self.plain = known.facts_of_all("", None)
        self.points_at: dict[Hours, Ints] = {}
        self.skilled: dict[tuple[str, str], tuple[Ints, Ints]] = {}

    def placed(self, looking: Sequence[Looking]) -> list[Placed]:
        """Return what becomes of each."""
        if not looking:
            return []
        possible = [self._possible(wish) for wish in looking]
        options = _options(looking, possible)
        tutors = range(len(self.known.tutors))
        steps = [rules.load_steps(self._teaching(at)) for at in tutors]
        takers = Takers([self.known.room(at) for at in tutors], steps)
        without = [rules.without_cost(self._waited(wish)) for wish in looking]
        which = np.concatenate([one.hours for one in possible])
        chosen = {
            int(options.seekers[at]): (int(options.takers[at]), int(which[at]))
            for at in best_assignment(options, takers, without)
        }
        return [self._told(wish, possible[at], chosen.get(at)) for at, wish in enumerate(looking)]

    def _teaching(self, at: int) -> int:
        return self.known.teaching.get(self.known.tutors[at].pk, 0)

    def _waited(self, wish: Looking) -> int:
        since = wish.since or self.students[wish.student_id].created_at.date()
        return (self.viewer.day - since).days

    def _possible(self, wish: Looking) -> _Possible:
        who, points = self._who_teaches(wish)
        taught = self.known.teaches_already(wish.student_id, self._subject(wish))
        positions = self.known.positions
        taught |= {positions[tutor] for tutor in wish.already if tutor in positions}
        if taught:
            fits = ~np.isin(who, list(taught))
            who, points = who[fits], points[fits]
        points = points - self._past_work(wish.student_id, who)
        if wish.lessons:
            # Those of one tutor never meet, so they keep who takes several of them from none.
            cost = self.known.points_of_all(wish.lessons)[who]
            can = cost != CANNOT
            return _Possible(who[can], points[can] + cost[can], np.full(int(can.sum()), CANNOT))
        if not wish.hours:
            return _Possible(who, points, np.full(len(who), CANNOT))
        parts = []
        for at, hours in enumerate(wish.hours):
            cost = self._points_at(hours)[who]
            can = cost != CANNOT
            parts.append((who[can], points[can] + cost[can], np.full(int(can.sum()), at)))
        return _Possible(*(np.concatenate([part[n] for part in parts]) for n in range(3)))

    def _who_teaches(self, wish: Looking) -> tuple[Ints, Ints]:
        """Return who has room and teaches what is wanted far enough, with their points."""
        key = (wish.subject.strip().lower(), wish.level)
        if key not in self.skilled:
            told = self._wish(wish, None)
            fit = [
                (at, rules.cost(one, told))
                for at, one in enumerate(self._as_they_are(self._subject(wish)))
                if rules.why_not(one, told) is None
            ]
            table = np.array(fit, dtype=np.int64).reshape(-1, 2)
            self.skilled[key] = table[:, 0], table[:, 1]
        return self.skilled[key]

    def _as_they_are(self, subject: Subject | None) -> list[Facts]:
        """Return what is known of each tutor and a subject, whoever looks and whenever."""
        levels = self.known.levels.get(subject.pk, {}) if subject else {}
        return [
            replace(one, level=levels[one.id]) if one.id in levels else one for one in self.plain
        ]

    def _past_work(self, student_id: str, who: Ints) -> Ints:
        speaks = np.zeros(len(who), dtype=np.int64)
        for tutor_id, number in self.known.held.get(student_id, {}).items():
            speaks[who == self.known.positions.get(tutor_id, CANNOT)] = rules.past_work(number)
        return speaks

    def _points_at(self, hours: Hours) -> Ints:
        if hours not in self.points_at:
            self.points_at[hours] = self.known.points_at(hours)
        return self.points_at[hours]

    def _subject(self, wish: Looking) -> Subject | None:
        return self.subjects.get(wish.subject.strip().lower())

    def _wish(self, wish: Looking, hours: Hours | None) -> Wish:
        subject = self._subject(wish)
        return Wish(subject.name if subject else "", wish.level, at_hours=hours is not None)

    def _told(self, wish: Looking, possible: _Possible, chosen: tuple[int, int] | None) -> Placed:
        """Return a plan's line for people: the tutor, the next best, or why there is none."""
        student = self.students[wish.student_id]
        best = chosen[0] if chosen else CANNOT
        others = tuple(
            self._match(wish, int(possible.who[at]), int(possible.hours[at]))
            for at in _cheapest_of_each(possible, best)[:MOST_OTHERS]
        )
        if chosen is None:
            return Placed(wish, student, others=others, why=self._why_none(wish, possible))
        hours = wish.hours[chosen[1]] if chosen[1] != CANNOT else None
        return Placed(wish, student, self._match(wish, *chosen), hours, others)

    def _match(self, wish: Looking, at: int, which: int) -> Match:
        subject = self._subject(wish)
        hours = wish.hours[which] if which != CANNOT else None
        facts = (
            self.known.facts_of_moving(at, wish.student_id, subject, wish.lessons)
            if wish.lessons
            else self.known.facts(at, wish.student_id, subject, hours)
        )
        told = replace(self._wish(wish, hours), at_hours=bool(hours or wish.lessons))
        return Match(facts, rules.reasons(facts, told))

    def _why_none(self, wish: Looking, possible: _Possible) -> str:
        """Return what stands between a student and a tutor, the last thing first."""
        if len(possible.who):
            return _(
                "Everybody who fits is given to somebody who has waited longer or fits better."
            )
        subject = self._subject(wish)
        what = _("works here")
        if subject:
            text = _("teaches {subject} up to {level}") if wish.level else _("teaches {subject}")
            what = text.format(subject=subject.name, level=_(wish.level))
        who, _hours = self._who_teaches(wish)
        if len(who):
            when = _("free in any of these hours") if wish.hours else _("new to this student")
            if wish.lessons:
                when = _("free at the hours of all sessions")
            return _("Nobody who {what} and has room is {when}.").format(what=what, when=when)
        told = self._wish(wish, None)
        facts = self._as_they_are(subject)
        if any(rules.why_not(replace(one, capacity=None), told) is None for one in facts):
            return _("Nobody who {what} has room for another student.").format(what=what)
        return _("Nobody here {what}.").format(what=what)


def _cheapest_of_each(possible: _Possible, best: int) -> list[int]:
    """Return the cheapest option of each tutor but ``best``, cheapest first."""
    found: dict[int, int] = {}
    for at in np.argsort(possible.points, kind="stable"):
        if len(found) > MOST_OTHERS:
            break
        if (who := int(possible.who[at])) != best:
            found.setdefault(who, int(at))
    return list(found.values())


def _options(looking: Sequence[Looking], possible: Sequence[_Possible]) -> Options:
    seconds = [
        [(int(one.starts_at.timestamp()), int(one.ends_at.timestamp())) for one in wish.hours]
        for wish in looking
    ]
    spans = np.array([span for one in seconds for span in [*one, (0, 0)]], dtype=np.int64)
    begins = np.cumsum([0, *(len(one) + 1 for one in seconds[:-1])])
    at = np.concatenate(
        [
            begins[n] + np.where(one.hours == CANNOT, len(seconds[n]), one.hours)
            for n, one in enumerate(possible)
        ]
    )
    return Options(
        np.repeat(np.arange(len(possible)), [len(one.who) for one in possible]),
        np.concatenate([one.who for one in possible]),
        np.concatenate([one.points for one in possible]),
        spans[at, 0],
        spans[at, 1],
    )


def _students(viewer: Viewer, looking: Sequence[Looking]) -> dict[str, Student]:
    """Return the students by id."""
    ids = [wish.student_id for wish in looking]
    found = visible_students(viewer).in_bulk(ids)
    for at, pk in enumerate(ids):
        if pk not in found:
            raise invalid(
                f"students.{at}.studentId",
                _("There is no student {pk!r}.").format(pk=pk),
            )
        if not found[pk].active:
            raise invalid(
                f"students.{at}.studentId",
                _("{found} does not learn here any more.").format(found=found[pk]),
            )
    lines = Counter((wish.student_id, wish.subject.strip().lower()) for wish in looking)
    (twice, _subject), number = lines.most_common(1)[0] if lines else (("", ""), 0)
    if number > 1:
        said = _("{found} stands here twice for one subject. Name each subject once.")
        raise invalid("students", said.format(found=found[twice]))
    return found


def _subjects(looking: Sequence[Looking]) -> dict[str, Subject]:
    """Return the subjects by their names in small letters."""
    wanted = {wish.subject.strip().lower() for wish in looking} - {""}
    found = {subject.name.lower(): subject for subject in Subject.objects.all()} if wanted else {}
    for at, wish in enumerate(looking):
        name = wish.subject.strip()
        if name and name.lower() not in found:
            raise invalid(
                f"students.{at}.subject", _("There is no subject {name!r}.").format(name=name)
            )
        if wish.level and not name:
            raise invalid(
                f"students.{at}.level", _("A level is a level of a subject: name the subject too.")
            )
    return {name: found[name] for name in wanted}
