"""Charts as shapes in a box: numbers in, places out. Templates draw them; no script does.

Places are texts: a template would write a number as its reader does, and SVG knows no comma.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.insights.dashboard import Week
from tandem.insights.outcomes import OutcomeLine
from tandem.insights.student_page import Line
from tandem.kit.dates import day_and_month
from tandem.web.shares import outcomes_of, share_words
from tandem.web.words import grouped

WIDTH, HEIGHT = 360, 150
TOP, BOTTOM, LEFT = 18, 20, 20
PLOT = HEIGHT - TOP - BOTTOM
WORST, BEST = 1, 5
SHARE_WIDTH, SHARE_STEP, SHARE_BAR = 320, 40, 10


@dataclass(frozen=True)
class Bar:
    """One bar, whose height begins at zero, as SVG wants its numbers; ``label`` stands below it.

    Words about it are centred at ``middle``; its number stands ``above``.
    """

    x: str
    y: str
    width: str
    height: str
    middle: str
    above: str
    value: str
    label: str


@dataclass(frozen=True)
class Dot:
    x: str
    y: str


@dataclass(frozen=True)
class Curve:
    """The marks of one line, from left to right, between the worst and the best."""

    title: str
    line: Line
    dots: Sequence[Dot]

    @property
    def points(self) -> str:
        """What an SVG polyline wants."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


def bars(weeks: Sequence[Week]) -> list[Bar]:
    """Return a bar for each week; only every other has a label, so that they can be read."""
    highest = max((week.sessions for week in weeks), default=0) or 1
    step = WIDTH / max(len(weeks), 1)
    last = len(weeks) - 1
    return [
        _bar(
            week,
            highest,
            left=step * n + step * 0.15,
            width=round(step * 0.7, 1),
            label=day_and_month(week.monday) if (last - n) % 3 == 0 else "",
        )
        for n, week in enumerate(weeks)
    ]


def _bar(week: Week, highest: int, *, left: float, width: float, label: str) -> Bar:
    x, y = round(left, 1), round(TOP + PLOT * (1 - week.sessions / highest), 1)
    return Bar(
        x=f"{x}",
        y=f"{y}",
        width=f"{width}",
        height=f"{round(PLOT * week.sessions / highest, 1)}",
        middle=f"{round(x + width / 2, 1)}",
        above=f"{round(y - 4, 1)}",
        value=f"{week.sessions}",
        label=label,
    )


def curve(line: Line) -> Curve:
    """Return the places of the marks, evenly apart in their order."""
    step = (WIDTH - LEFT - 10) / max(len(line.marks) - 1, 1)
    dots = [
        Dot(f"{round(LEFT + 5 + step * n, 1)}", height(mark.progress))
        for n, mark in enumerate(line.marks)
    ]
    return Curve(line.title, line, dots)


def height(progress: float) -> str:
    """Return how far from the top a mark stands."""
    return f"{round(TOP + PLOT * (BEST - progress) / (BEST - WORST), 1)}"


GRID = [(mark, height(mark)) for mark in range(WORST, BEST + 1)]


@dataclass(frozen=True)
class Share:
    """A part of a whole as a lying bar: its words stand above it, at ``text``."""

    label: str
    number: str
    share: str
    text: int
    y: int
    width: str
    is_first: bool


@dataclass(frozen=True)
class Shares:
    """Bars below one another whose full ``width`` is the whole."""

    bars: Sequence[Share]
    width: int
    height: int
    thick: int


def outcome_bars(total: OutcomeLine) -> Shares:
    """Return a bar for each outcome, of all sessions recorded."""
    whole, shown = total.recorded, outcomes_of(total, bool(total.by_nobody_known))
    bars = [
        Share(
            label=label,
            number=grouped(number),
            share=share_words(number, whole),
            text=SHARE_STEP * place + 16,
            y=SHARE_STEP * place + 22,
            width=f"{round(SHARE_WIDTH * number / whole, 1) if whole else 0}",
            is_first=place == 0,
        )
        for place, (label, number) in enumerate(shown)
    ]
    return Shares(bars, SHARE_WIDTH, SHARE_STEP * len(bars), SHARE_BAR)
